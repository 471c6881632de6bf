"""The memory connector: the embedded default of Juggler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import ConnectorInfo, hookimpl
from juggler_memory.settings import MemorySettings

if TYPE_CHECKING:
    from juggler_memory.connector import MemoryConnector

__all__ = ["MemoryConnector", "MemorySettings", "plugin"]


def __getattr__(name: str) -> Any:
    if name == "MemoryConnector":
        from juggler_memory.connector import MemoryConnector  # noqa: PLC0415 - cards are cheap

        return MemoryConnector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Plugin:
    """The card of the memory connector."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, settings and factory."""
        return ConnectorInfo(
            "memory",
            _make,
            MemorySettings,
            io="instant",
            types=("db", "nosql", "memory"),
            default_id_type="integer",
            install="pip install juggler-memory",
            summary="rows in this process, and in a file where one is set",
        )


def _make(settings: MemorySettings) -> Any:
    if settings.emulate:
        from juggler_memory.emulation import emulated  # noqa: PLC0415 - loads the other connector

        return emulated(settings)
    from juggler_memory.connector import MemoryConnector  # noqa: PLC0415 - cards are cheap

    return MemoryConnector(settings)


plugin = Plugin()
