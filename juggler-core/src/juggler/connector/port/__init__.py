"""The port: the one place where I/O happens, in either colour.

Operations are ``async def`` functions that await nothing but a port and the user's own hooks.  A
:class:`SyncPort` finishes them without an event loop (:func:`drive`), an ``AsyncPort`` inside one.
Deadlines, retries, the call log, tracing and fault injection hang here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector.port._call import Call, Layer, Recorder
from juggler.connector.port._context import Context
from juggler.connector.port._drive import drive, drive_iter
from juggler.connector.port._options import CallOptions, check_option, current_options, options
from juggler.connector.port._retry import RetryPolicy
from juggler.connector.port._shared import Port, Shared
from juggler.connector.port._sync import SyncPort
from juggler.connector.port._trace import TraceLayer

if TYPE_CHECKING:
    from juggler.connector.port._async import AsyncPort

__all__ = [
    "AsyncPort",
    "Call",
    "CallOptions",
    "Context",
    "Layer",
    "Port",
    "Recorder",
    "RetryPolicy",
    "Shared",
    "SyncPort",
    "TraceLayer",
    "check_option",
    "current_options",
    "drive",
    "drive_iter",
    "options",
]


def __getattr__(name: str) -> object:
    if name == "AsyncPort":
        from juggler.connector.port._async import AsyncPort  # noqa: PLC0415 - asyncio loads on use

        return AsyncPort
    raise AttributeError(name)
