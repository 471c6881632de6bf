"""The memory connector: the embedded default of Juggler."""

from __future__ import annotations

from importlib.metadata import version

from juggler_memory.connector import MemoryConnector
from juggler_memory.plugin import plugin
from juggler_memory.settings import MemorySettings

__version__ = version("juggler-memory")
__all__ = ["MemoryConnector", "MemorySettings", "plugin"]
