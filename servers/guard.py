"""Keeps one server process: it takes signals for it and ends it when its starter is gone.

Run as a program, `guard.py COMMAND ...`, with one end of a socket pair as standard input. It is
the server's parent, so a signal never reaches a stranger that got the same process id.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys

STARTER_CHECK_SECONDS = 1.0


def main(command: list[str]) -> int:
    """Run the command in a process group of its own; returns its exit code.

    Each byte that arrives is the number of a signal for the whole group; the end of the stream,
    or the starter's death while a child of it still holds the other end, is SIGKILL. The first
    thing that is sent back is the server's process id and a newline.
    """
    starter = os.getppid()
    control = socket.socket(fileno=0)
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    with contextlib.suppress(OSError):  # the starter may be gone already: the loop sees it
        control.sendall(f"{server.pid}\n".encode())
    while server.poll() is None and os.getppid() == starter:
        ready, _, _ = select.select([control.fileno(), wake], [], [], STARTER_CHECK_SECONDS)
        if wake in ready:
            os.read(wake, 512)
        if control.fileno() in ready:
            order = _receive(control)
            if not order:
                break
            _signal(server.pid, order[0])
    _signal(server.pid, signal.SIGKILL)
    code = server.wait()
    return code if code >= 0 else 128 - code


def _receive(control: socket.socket) -> bytes:
    try:
        return control.recv(1)
    except ConnectionResetError:
        return b""


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
