"""The file behind a memory store: readable JSON lines, one writer, recovery that tells."""

from __future__ import annotations

from juggler_memory.storage.journal import Fsync, Journal
from juggler_memory.storage.lock import FileLock
from juggler_memory.storage.recovery import Recovery

__all__ = ["FileLock", "Fsync", "Journal", "Recovery"]
