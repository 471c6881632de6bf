"""SQLite for Juggler: tables, indexes, foreign keys, over the standard library's driver."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from attrs import define

from juggler.connector import ConnectorInfo, Settings, hookimpl

__all__ = ["SQLiteSettings", "plugin"]


@define(kw_only=True)
class SQLiteSettings(Settings):
    """Settings: ``database`` (or the URL's path) is a file; none means a database in memory."""

    database_is_file: ClassVar[bool] = True
    scan: Literal["refuse", "warn", "allow"] = "allow"


class Plugin:
    """The entry point's object."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """The connector's card; the driver is imported by the factory."""
        return ConnectorInfo(
            name="sqlite",
            factory=_make,
            settings=SQLiteSettings,
            version="0.1.0",
            io="blocking",
            types=("db", "rdbms", "sql", "sqlite"),
            relational=True,
            default_id_type="integer",
            emulator=_make,
            summary="SQLite files, the worked example of a relational connector",
        )


def _make(settings: Any) -> Any:
    from juggler_sqlite._connector import SQLiteConnector  # noqa: PLC0415 - loads on first use

    return SQLiteConnector(settings)


plugin = Plugin()
