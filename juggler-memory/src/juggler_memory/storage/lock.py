"""One writer for a file: an advisory lock beside it that the system drops when the process ends."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from juggler.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _acquire(fd: int) -> None:
        os.lseek(fd, _BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _acquire(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


#: Windows locks bytes, also for readers: one far behind the process id.
_BYTE = 1 << 20


class FileLock:
    """The lock ``PATH.lock``, which holds the owner's process id and stays when it is released."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".lock")
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            UnavailableError: another data source, here or in another process, holds it.
        """
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _acquire(fd)
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
            os.write(fd, f"{os.getpid()}\n".encode())
        except OSError as error:
            owner = self.owner()
            os.close(fd)
            raise _held(self.path, owner) from error
        self._fd = fd

    def owner(self) -> str:
        """The process id of the owner, as its text says; empty when nobody wrote one yet."""
        for _ in range(20):
            text = self.path.read_text(encoding="ascii", errors="replace").strip()
            if text:
                return text
            time.sleep(0.01)  # it has the lock and is about to write its id
        return ""

    def release(self) -> None:
        """Give the lock back; after a fork, the child's release leaves the parent's lock alone."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


def _held(path: Path, owner: str) -> UnavailableError:
    name = path.name.removesuffix(".lock")
    if owner == str(os.getpid()):
        who, hint = "another data source of this process", "use that one, or close it first"
    else:
        who = f"process {owner}" if owner else "another process"
        hint = "one process at a time may write a file; close the other one, or use another file"
    return UnavailableError(
        f"{name} is open in {who}", code="file-in-use", hint=hint, retryable=False
    )
