"""``debug=True``: native statements and the life cycle, to the logger ``juggler.<connector>``."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from juggler.connector.port import Call
    from juggler.datasource._events import Events

_LONGEST = 400


class DebugLayer:
    """A layer of the port that logs every request when it is done."""

    def __init__(self, name: str) -> None:
        self.log = logging.getLogger(f"juggler.{name}")
        if self.log.level == logging.NOTSET:
            self.log.setLevel(logging.DEBUG)

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
            self.log.debug("%s%s [%s] %.1f ms %s", call.hook, of, call.trace_id, took, outcome)
            for statement, params in call.statements:
                self.log.debug("  %s %s", statement, _short(params) if params else "")

    def follow(self, events: Events) -> None:
        """Log the life cycle, too."""
        events.on("connected", lambda: self.log.debug("connected"))
        events.on("disconnected", lambda: self.log.debug("disconnected"))
        events.on("error", lambda error: self.log.debug("not connected: %s", error))


def _short(params: Any) -> str:
    text = repr(params)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
