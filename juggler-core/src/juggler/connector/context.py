"""What an I/O hook gets beside its arguments: deadline, waiting in either colour, call log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Deferred(Protocol[T_co]):
    """A result that will be there: two methods, which a driver's future satisfies with a wrapper.

    ``when_done`` may call back on any thread, at once if the result is there already.
    """

    def result(self, timeout: float | None = None) -> T_co:
        """Block until the result is there and return it or raise."""
        ...

    def when_done(
        self, ok: Callable[[Any], object], err: Callable[[BaseException], object]
    ) -> None:
        """Call ``ok(result)`` or ``err(error)`` once, when it is known."""
        ...


class OpContext(Protocol):
    """One operation's context.

    ``wait``, ``gather`` and ``sleep`` are the only things that an ``async def`` hook of an instant,
    blocking or future connector may await; they work in both colours without an event loop.
    """

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline, None without one."""
        ...

    @property
    def attempt(self) -> int:
        """0 for the first try."""
        ...

    @property
    def transaction(self) -> Any:
        """The active transaction's handle, None outside of one."""
        ...

    @property
    def trace_id(self) -> str:
        """Identifies the operation in logs."""
        ...

    def now(self) -> float:
        """Seconds since the epoch by the data source's clock."""
        ...

    async def wait(self, deferred: Deferred[T]) -> T:
        """The deferred's result."""
        ...

    async def gather(
        self, deferreds: Sequence[Deferred[T]], *, limit: int | None = None
    ) -> list[T]:
        """All results in order; the first error is raised when all are done."""
        ...

    def submit(self, fn: Callable[..., T], *args: Any) -> Deferred[T]:
        """Run a blocking function on the data source's bounded pool of threads."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; bounded by the deadline (a DeadlineError otherwise)."""
        ...

    def note(self, statement: str, params: Any = ()) -> None:
        """Add a native statement to the call log and the trace."""
        ...
