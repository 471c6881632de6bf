"""Where things are kept: `.servers/` inside the clone, never committed.

`run/` holds the folders of servers that run now, `data/` what `--keep-data` keeps; the rest is
what was installed, once.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = Path(__file__).resolve().parent.parent / ".servers"


@contextlib.contextmanager
def run_folder(name: str, kept: Path | None = None) -> Iterator[Path]:
    """Give a new folder for one server, removed at the end; `kept` names one that stays.

    Folders that a killed process left behind are removed on the way.

    Raises:
        ServerError: another process uses `kept`.
    """
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        with (kept / "owner.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ServerError(f"another server uses {kept}: stop it first") from error
            yield kept
        return
    running = HOME / "run"
    running.mkdir(parents=True, exist_ok=True)
    with _locked(HOME / "run.lock"):
        _sweep(running)
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=running))
        owner = contextlib.ExitStack()
        owner.enter_context(_locked(folder / "owner.lock"))
    try:
        yield folder
    finally:
        owner.close()
        shutil.rmtree(folder, ignore_errors=True)


def installing() -> contextlib.AbstractContextManager[None]:
    """Hold the lock under which something is installed: one process at a time, others wait."""
    HOME.mkdir(parents=True, exist_ok=True)
    return _locked(HOME / "install.lock")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(running: Path) -> None:
    for folder in running.iterdir():
        with contextlib.suppress(OSError), (folder / "owner.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
