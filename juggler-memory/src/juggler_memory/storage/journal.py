"""The append log: a line per acknowledged call, compaction by an atomic rename."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from juggler.errors import BackendError, OutcomeUnknownError, UnavailableError
from juggler_memory.storage import lines, recovery
from juggler_memory.storage.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Fsync = Literal["always", "interval", "never"]
log = logging.getLogger("juggler.memory")

_HEADER = {recovery.FORMAT: recovery.NUMBER}
_BINARY = getattr(os, "O_BINARY", 0)


class Journal:
    """A file that is read once, when it is opened, and appended to afterwards.

    Args:
        path: the file; it is made when it is missing.
        fsync: ``always`` makes each line durable before it is acknowledged; ``interval`` at most
            ``interval`` seconds later, from a thread of its own; ``never`` leaves it to the system.
            A killed process loses nothing in any of them, a power cut only where it is not
            ``always``.
        interval: seconds, for ``interval``.
        compact_at: bytes from which compaction is worth it.
        repair: see :func:`juggler_memory.storage.recovery.read`.
    """

    def __init__(
        self,
        path: Path,
        *,
        fsync: Fsync = "always",
        interval: float = 1.0,
        compact_at: int = 1 << 20,
        repair: bool = False,
    ) -> None:
        self.path = path
        self.fsync = fsync
        self.interval = interval
        self.compact_at = compact_at
        self.repair = repair
        self.size = 0
        self.recovered: recovery.Recovery | None = None
        self._least = compact_at
        self._count = 0
        self._lock = FileLock(path)
        self._fd: int | None = None
        self._unusable = "it is not open"
        self._timer: threading.Timer | None = None
        self._files = threading.Lock()
        _open_journals.add(self)

    # ------------------------------------------------------------ life cycle

    def open(self, apply: Callable[[dict[str, Any]], object]) -> recovery.Recovery:
        """Lock the file, apply its records, cut off an unfinished end, be ready to append.

        Raises:
            UnavailableError: another writer has the file, or it cannot be read.
            ConfigurationError: it is no file of this format.
            DecodeError: it is damaged, not just unfinished.
        """
        try:
            self._lock.acquire()
            try:
                self._scratch.unlink(missing_ok=True)
                found = recovery.read(self.path, apply, repair=self.repair)
                self._start(found)
            except BaseException:
                self._lock.release()
                raise
        except OSError as error:
            raise UnavailableError(
                f"{self.path} cannot be opened: {error.strerror}",
                code="file-open",
                hint="check that its folder is there and may be written",
                retryable=False,
            ) from error
        self.recovered = found
        if found.dropped:
            log.warning("%s", found)
        return found

    def _start(self, found: recovery.Recovery) -> None:
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o644)
        self._unusable = ""
        self.size, self._count = found.size, found.lines
        self.compact_at = max(self._least, 2 * self.size)
        if not self._count:
            self.append(dict(_HEADER))
            _sync_folder(self.path)

    def close(self) -> None:
        """Make everything durable and give the file back.  Idempotent."""
        with self._files:
            self._stop_timer()
            fd, self._fd = self._fd, None
            self._unusable = self._unusable or "it is closed"
            if fd is not None:
                if self.fsync != "never":
                    os.fsync(fd)
                os.close(fd)
        self._lock.release()

    def after_fork(self) -> None:
        """In a child: the file stays the parent's."""
        self._files = threading.Lock()
        self._timer = None
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
            self._unusable = "it belongs to the process that forked this one"
        self._lock.release()

    # ------------------------------------------------------------ writing

    def append(self, record: dict[str, Any]) -> None:
        """Write a record as one line; when this returns it is acknowledged.

        Raises:
            BackendError: it could not be written, and nothing of it is in the file.
            OutcomeUnknownError: it could not be written or taken back.
            UnavailableError: the file is not open, or an earlier error made it unusable.
        """
        fd = self._usable()
        line = lines.encode(record, self._count)
        try:
            _write(fd, line)
            if self.fsync == "always":
                os.fsync(fd)
        except OSError as error:
            self._retreat(fd, error)
        self.size += len(line)
        self._count += 1
        if self.fsync == "interval":
            self._sync_later()

    def _usable(self) -> int:
        if self._fd is None or self._unusable:
            raise UnavailableError(
                f"{self.path.name} cannot be written: {self._unusable}",
                code="file-unusable",
                hint="open a data source of its own in this process",
                retryable=False,
            )
        return self._fd

    def _retreat(self, fd: int, error: OSError) -> None:
        """Take back what a failed append left."""
        try:
            os.ftruncate(fd, self.size)
            os.fsync(fd)
        except OSError:
            self._unusable = f"an append failed ({error.strerror})"
            raise OutcomeUnknownError(
                f"{self.path.name}: an append failed and could not be taken back",
                code="file-write",
                hint="open the file anew: it then holds whole lines only",
                native=str(error),
            ) from error
        raise _unwritable(self.path, error) from error

    # ------------------------------------------------------------ compaction

    @property
    def _scratch(self) -> Path:
        return self.path.with_name(self.path.name + ".compact")

    def compact(self, records: Iterable[dict[str, Any]], *, required: bool = False) -> None:
        """Replace the file by these records, in one step: a crash leaves the old or the new one.

        When it fails the old file stays, and the next attempt comes later.

        Args:
            records: all that the file has to hold.
            required: whether a failure is an error.

        Raises:
            BackendError: the new file could not be written, where that is ``required``.
        """
        self._usable()
        try:
            size, count = self._write_scratch(records)
            self._swap()
        except OSError as error:
            self.compact_at = 2 * self.size
            if self._fd is None:
                self._unusable = f"it vanished during compaction ({error.strerror})"
            log.warning("%s could not be compacted: %s", self.path.name, error.strerror)
            if required:
                raise _unwritable(self.path, error) from error
            return
        self.size, self._count = size, count
        self.compact_at = max(self._least, 2 * size)

    def _swap(self) -> None:
        with self._files:
            fd, self._fd = self._fd, None
            if fd is not None:
                os.close(fd)  # Windows renames closed files only
            try:
                self._scratch.replace(self.path)
            finally:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY)
        _sync_folder(self.path)

    def _write_scratch(self, records: Iterable[dict[str, Any]]) -> tuple[int, int]:
        size = count = 0
        with self._scratch.open("wb") as file:
            for record in chain((dict(_HEADER),), records):
                size += file.write(lines.encode(record, count))
                count += 1
            file.flush()
            os.fsync(file.fileno())
        return size, count

    # ------------------------------------------------------------ fsync='interval'

    def _sync_later(self) -> None:
        with self._files:
            if self._timer is None:
                self._timer = threading.Timer(self.interval, self._sync)
                self._timer.daemon = True
                self._timer.start()

    def _sync(self) -> None:
        with self._files:
            self._timer = None
            if self._fd is None:
                return
            try:
                os.fsync(self._fd)
            except OSError as error:
                self._unusable = f"the disk failed ({error.strerror})"
                log.exception("%s: the disk failed", self.path.name)

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()


def _unwritable(path: Path, error: OSError) -> BackendError:
    return BackendError(
        f"{path.name} cannot be written: {error.strerror}",
        code="file-write",
        hint="make room on the disk; nothing was applied",
        native=str(error),
    )


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(path: Path) -> None:
    """Make a new or renamed file's name durable (Windows does it by itself)."""
    if os.name == "nt":
        return
    fd = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


_open_journals: weakref.WeakSet[Journal] = weakref.WeakSet()


def _in_child() -> None:
    for journal in list(_open_journals):
        journal.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
