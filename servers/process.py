"""One server process: started under a guard, waited for by conditions, ended by process id."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_GUARD = Path(__file__).with_name("guard.py")
_POLL_SECONDS = 0.05
_TAIL_LINES = 40
_TAIL_WIDTH = 300


class ServerProcess:
    """A server that can be started, killed and started again.

    It dies with this Python process, however that ends. What it prints goes to `log`, which
    grows over restarts.

    Args:
        name: what messages call it.
        command: program and arguments.
        log: the file for its output.
        env: its whole environment; None is ours.
        cwd: its working folder; None is ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._env = None if env is None else dict(env)
        self._cwd = cwd
        self._guard: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._pid = 0
        self._log_start = 0

    @property
    def running(self) -> bool:
        """Whether the process is there (a paused one is)."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def pid(self) -> int:
        """The server's process id, which is its process group's too.

        Raises:
            ServerError: it does not run.
        """
        if not self.running:
            raise ServerError(f"{self.name} is not running")
        return self._pid

    def start(self) -> None:
        """Start it; returns when the process exists, not when it answers.

        Raises:
            ServerError: it runs already, or the command cannot be started.
        """
        if self.running:
            raise ServerError(f"{self.name} is running already, as process {self._pid}")
        self._release()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = self.log_size()
        ours, theirs = socket.socketpair()
        with theirs, self.log.open("ab") as output:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", str(_GUARD), *self.command],
                stdin=theirs.fileno(),
                stdout=output,
                stderr=output,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,  # Ctrl-C is for us; we then stop the server in order
            )
        self._control = ours
        with ours.makefile("r", encoding="ascii") as answers:
            first = answers.readline().strip()
        if not first:
            self._guard.wait()
            self._release()
            raise ServerError(f"{self.name} cannot be started: {self.command[0]}\n{self.tail()}")
        self._pid = int(first)

    def signal(self, number: int) -> None:
        """Send a signal to the server's process group.

        Raises:
            ServerError: it does not run.
        """
        if not self.running or self._control is None:
            raise ServerError(f"{self.name} is not running")
        self._control.sendall(bytes([number]))

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would; returns when it is gone."""
        self._end(signal.SIGKILL, timeout=30)

    def stop(self, timeout: float = 60) -> None:
        """End it in order (SIGTERM), by SIGKILL after `timeout` seconds; returns when gone."""
        self._end(signal.SIGTERM, timeout)

    def pause(self) -> None:
        """Hang it (SIGSTOP): connections stay open, nothing is answered."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on."""
        self.signal(signal.SIGCONT)

    def wait_until(self, condition: Callable[[], bool], what: str, timeout: float) -> None:
        """Wait until the condition holds.

        Raises:
            ServerError: the process ended, or `timeout` seconds passed; with the log's end.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if not self.running:
                self._release()
                code = self._guard.returncode if self._guard is not None else "none"
                raise ServerError(
                    f"{self.name} ended (exit code {code}) before {what}.\n{self.tail()}"
                )
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{self.name} runs, but not yet {what} after {timeout:.0f} s.\n{self.tail()}"
                )
            time.sleep(_POLL_SECONDS)

    def log_size(self) -> int:
        """Bytes in the log: a mark for `log_text`."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_text(self, since: int = 0) -> str:
        """Return what was printed since the last start, or since a later mark."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(since, self._log_start))
            return file.read().decode(errors="replace")

    def tail(self) -> str:
        """Return the log's last lines under its name, for a message."""
        lines = [line[:_TAIL_WIDTH] for line in self.log_text().splitlines()[-_TAIL_LINES:]]
        return "\n".join([f"The end of its log {self.log}:", *(lines or ["(nothing)"])])

    def _end(self, number: int, timeout: float) -> None:
        guard, control = self._guard, self._control
        if guard is None or control is None:
            return
        if guard.poll() is None:
            # A paused process takes no SIGTERM before it goes on.
            _send(control, signal.SIGCONT)
            _send(control, number)
            try:
                guard.wait(timeout)
            except subprocess.TimeoutExpired:
                _send(control, signal.SIGKILL)
                guard.wait()
        self._release()

    def _release(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None


def _send(control: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # it ended meanwhile, which is what was wanted
        control.sendall(bytes([number]))
