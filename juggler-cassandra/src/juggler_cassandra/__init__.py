"""The Apache Cassandra connector of Juggler."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from juggler.connector import ConnectorInfo, hookimpl
from juggler_cassandra.settings import CassandraSettings

__all__ = ["CassandraSettings", "plugin"]


class Plugin:
    """The card of the connector; neither planner nor driver is loaded for it."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, settings, factory; the driver is imported by the factory alone."""
        return ConnectorInfo(
            name="cassandra",
            factory=_make,
            settings=CassandraSettings,
            version=version("juggler-cassandra"),
            io="future",
            types=("db", "nosql", "cassandra"),
            default_id_type="uuid",
            emulator=_emulator,
            install="pip install juggler-cassandra",
            summary="Apache Cassandra: keys, views and indexes first, scans only when allowed",
        )


def _make(settings: Any) -> Any:
    from juggler_cassandra.connector import CassandraConnector  # noqa: PLC0415 - imports the driver

    return CassandraConnector(settings)


def _emulator(settings: Any) -> Any:
    from juggler_cassandra.pure import CassandraPlanning  # noqa: PLC0415 - loads on first use

    return CassandraPlanning(settings)


plugin = Plugin()
