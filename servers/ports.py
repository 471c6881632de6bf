"""Ports on loopback that are free, and stay so while a server is down between two starts."""

from __future__ import annotations

import random
import socket

from .errors import ServerError

# Below the range that Linux and macOS hand out to outgoing connections: a client that tries to
# reach a killed server must not be given the server's own port.
_RANGE = range(20_000, 32_000)
_TRIES = 200


def free_port(*hosts: str, besides: int | None = None) -> int:
    """Return a port that is free on every one of these addresses (127.0.0.1 when none is given).

    Args:
        hosts: loopback addresses.
        besides: a port that is spoken for.

    Raises:
        ServerError: an address is not there, or nothing is free.
    """
    wanted = hosts or ("127.0.0.1",)
    for host in wanted:
        _check_address(host)
    for port in random.sample(_RANGE, _TRIES):
        if port != besides and all(is_free(host, port) for host in wanted):
            return port
    raise ServerError(f"no free port on {', '.join(wanted)}")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _check_address(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise ServerError(
                f"the address {host} is not there: {error}. On macOS: "
                f"sudo ifconfig lo0 alias {host} up"
            ) from error
