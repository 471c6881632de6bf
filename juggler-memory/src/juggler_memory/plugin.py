"""The entry point's object: the connector's card."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from juggler.connector import ConnectorInfo, hookimpl
from juggler_memory.settings import MemorySettings


class MemoryPlugin:
    """Names the connector; tables and journal load with the first data source."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """The card of ``memory``."""
        return ConnectorInfo(
            name="memory",
            factory=_make,
            settings=MemorySettings,
            version=version("juggler-memory"),
            io="instant",
            types=("db", "nosql", "memory"),
            default_id_type="integer",
            emulator=_make,
            summary="in this process, kept in a file if you like; emulates other connectors",
        )


def _make(settings: Any) -> Any:
    from juggler_memory.connector import MemoryConnector  # noqa: PLC0415 - loads on use

    return MemoryConnector(settings)


plugin = MemoryPlugin()
