"""What goes wrong when a server is looked for, installed or started."""

from __future__ import annotations


class ServerError(Exception):
    """A server cannot be had, did not start, or ended by itself. Its text says what to do."""
