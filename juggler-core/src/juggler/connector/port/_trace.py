"""A layer that writes every request when it is done: ``debug=True`` and ``JUGGLER_TRACE=1``."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from juggler.connector.port._call import Call

#: Set to 1, it traces every data source of the process to standard error.
VARIABLE = "JUGGLER_TRACE"
_LONGEST = 400


class TraceLayer:
    """Writes a line per request: hook, model, operation, time, outcome; then its statements."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        start = time.perf_counter()
        outcome = "ok"
        try:
            return await proceed()
        except BaseException as error:
            outcome = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise
        finally:
            took = (time.perf_counter() - start) * 1000
            of = f" {call.model}" if call.model else ""
            self.write(f"{call.hook}{of} [{call.trace_id}] {took:.1f} ms {outcome}")
            for statement, params in call.statements:
                self.write(f"  {statement} {_short(params) if params else ''}".rstrip())


def from_environment(name: str) -> tuple[TraceLayer, ...]:
    """The layers that the environment asks for, for the connector of that name."""
    if os.environ.get(VARIABLE, "0") in {"", "0"}:
        return ()
    return (TraceLayer(lambda line: print(f"juggler.{name}: {line}", file=sys.stderr)),)  # noqa: T201 - the trace is for a person at the terminal


def _short(params: Any) -> str:
    text = repr(params)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
