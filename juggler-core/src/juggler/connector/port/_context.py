"""The context of one operation, for either port."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.errors import DeadlineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector.context import Deferred
    from juggler.connector.port._call import Call
    from juggler.connector.port._shared import Port

T = TypeVar("T")


class Context:
    """See :class:`juggler.connector.context.OpContext`."""

    __slots__ = ("_trace_id", "attempt", "call", "deadline", "port", "transaction")

    def __init__(self, port: Port, deadline: float | None = None, call: Call | None = None) -> None:
        self.port = port
        self.deadline = deadline
        self.call = call
        self.attempt = 0
        self.transaction: Any = port.shared.transaction()
        self._trace_id = ""

    @property
    def trace_id(self) -> str:
        """Identifies the operation in logs; made on first use."""
        if not self._trace_id:
            self._trace_id = uuid.uuid4().hex[:12]
        return self._trace_id

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline, None without one; a DeadlineError when it is over."""
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        return left

    @property
    def late(self) -> bool:
        """Whether the deadline is over."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def check(self) -> None:
        """Raise a DeadlineError when the deadline is over."""
        if self.late:
            raise self._late()

    def now(self) -> float:
        """Seconds since the epoch by the data source's clock."""
        return self.port.shared.clock()

    def note(self, statement: str, params: Any = ()) -> None:
        """Add a native statement to the call log."""
        if self.call is not None:
            self.call.statements.append((statement, params))

    async def wait(self, deferred: Deferred[T]) -> T:
        """The deferred's result."""
        return await self.port.wait(deferred, self)

    async def gather(
        self, deferreds: Sequence[Deferred[T]], *, limit: int | None = None
    ) -> list[T]:
        """All results in order."""
        del limit  # deferreds are under way already; the connector keeps its own window
        return await self.port.gather(deferreds, self)

    async def sleep(self, seconds: float) -> None:
        """Wait, not beyond the deadline."""
        left = self.remaining
        if left is not None and seconds >= left:
            raise self._late()
        await self.port.sleep(seconds)

    def submit(self, fn: Callable[..., T], *args: Any) -> Deferred[T]:
        """Run a blocking function on the data source's bounded pool of threads."""
        return self.port.shared.submit(fn, *args)

    def _late(self) -> DeadlineError:
        return DeadlineError(
            "the operation's time is over",
            hint="give it more: timeout=seconds in the call, in db.options() or in the settings",
            connector=self.port.shared.name,
        )
