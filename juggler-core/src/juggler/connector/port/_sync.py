"""The blocking port: everything is finished when the coroutine is driven once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.connector.port._context import Context
from juggler.connector.port._shared import Port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from juggler.connector.context import Deferred
    from juggler.connector.port._shared import Shared

T = TypeVar("T")


class SyncPort(Port):
    """Blocks the calling thread; ``async`` connectors run on one loop in a thread of its own."""

    async def _send(self, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context) -> Any:
        if self.shared.io == "async":
            return _in_time(lambda left: _on_the_loop(self.shared, fn, args, ctx, left), ctx)
        return await super()._send(fn, args, ctx)

    async def wait(self, deferred: Deferred[T], ctx: Context) -> T:
        """Block until it is there, until the deadline at most."""
        return _in_time(deferred.result, ctx)

    async def gather(self, deferreds: Sequence[Deferred[T]], ctx: Context) -> list[T]:
        """Block until all are there; the first error is raised then."""
        results: list[T] = []
        failed: BaseException | None = None
        for deferred in deferreds:
            try:
                results.append(_in_time(deferred.result, ctx))
            except BaseException as error:  # noqa: BLE001 - the others have to be waited for
                failed = failed or error
        if failed is not None:
            raise failed
        return results

    async def sleep(self, seconds: float) -> None:
        """Block."""
        time.sleep(seconds)  # noqa: ASYNC251 - the blocking port has no loop to suspend to

    async def together(self, coroutines: Sequence[Awaitable[T]]) -> list[T]:
        """One after the other: a blocking call has one thread."""
        return [await coroutine for coroutine in coroutines]


def _on_the_loop(
    shared: Shared, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context, left: float | None
) -> Any:
    """The hook's result from the loop's thread: what it waits for must not block that thread."""
    from juggler.connector.port._async import AsyncPort  # noqa: PLC0415 - it needs this module

    port = AsyncPort(shared)
    inner = Context(port, ctx.deadline, ctx.call)
    inner.attempt, inner.transaction = ctx.attempt, ctx.transaction
    return _loop_thread().run(port._send(fn, args, inner), left)  # noqa: SLF001 - the same walk


def _in_time(work: Callable[[float | None], T], ctx: Context) -> T:
    """The work's result; its timeout is the deadline's error where there is a deadline."""
    try:
        return work(ctx.remaining)
    except TimeoutError:
        if ctx.deadline is None:
            raise
        raise ctx._late() from None  # noqa: SLF001 - the context words its own error


class _LoopThread:
    """An event loop in a daemon thread, for connectors that need one."""

    def __init__(self) -> None:
        import asyncio  # noqa: PLC0415 - only async connectors pay for it

        self.loop = asyncio.new_event_loop()
        self._submit = asyncio.run_coroutine_threadsafe
        threading.Thread(target=self.loop.run_forever, name="juggler-loop", daemon=True).start()

    def run(self, coroutine: Any, timeout: float | None) -> Any:
        future = self._submit(coroutine, self.loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise


_thread: _LoopThread | None = None
_lock = threading.Lock()


def _loop_thread() -> _LoopThread:
    global _thread  # noqa: PLW0603 - one loop for the process
    with _lock:
        if _thread is None:
            _thread = _LoopThread()
        return _thread
