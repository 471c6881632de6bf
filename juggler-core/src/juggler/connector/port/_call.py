"""One call of an I/O hook, as data, and the layers around it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@define
class Call:
    """A request to the store, for the call log, traces and fault injection.

    Attributes:
        hook: name of the I/O hook.
        args: its arguments without the context.
        connector: the connector's name.
        model: the model's name, where there is one.
        attempt: 0 for the first try.
        trace_id: the operation's identifier.
        statements: native statements that the connector noted, with their parameters.
        seconds: how long it took.
        error: what it raised.
    """

    hook: str
    args: tuple[Any, ...]
    connector: str
    model: str | None = None
    attempt: int = 0
    trace_id: str = ""
    statements: list[tuple[str, Any]] = field(factory=list)
    seconds: float = 0.0
    error: BaseException | None = None


class Layer(Protocol):
    """Something around every request: ``async def layer(call, proceed): return await proceed()``.

    It may measure, log, delay (by the connector's own means) or raise instead of proceeding.
    """

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        """Do something around ``await proceed()`` and return its result."""
        ...


@define
class Recorder:
    """A layer that keeps every call: the call log of tests and of ``explain(analyze=True)``."""

    calls: list[Call] = field(factory=list)

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        self.calls.append(call)
        start = time.perf_counter()
        try:
            return await proceed()
        except BaseException as error:
            call.error = error
            raise
        finally:
            call.seconds = time.perf_counter() - start

    @property
    def hooks(self) -> list[str]:
        """Names of the hooks called, in order."""
        return [call.hook for call in self.calls]

    @property
    def requests(self) -> int:
        """Number of native statements sent, or of calls where the connector noted none."""
        return sum(len(call.statements) or 1 for call in self.calls)
