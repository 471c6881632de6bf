"""The asyncio port: drivers' futures are bridged, blocking drivers run on a bounded pool."""

from __future__ import annotations

import asyncio
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.connector.port._context import Context
from juggler.connector.port._drive import drive
from juggler.connector.port._shared import Port
from juggler.connector.port._sync import SyncPort

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from juggler.connector.context import Deferred
    from juggler.connector.port._shared import Shared

T = TypeVar("T")


class AsyncPort(Port):
    """Never blocks the event loop."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._blocking = SyncPort(shared)

    async def _send(self, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context) -> Any:
        ctx.check()  # before there is a coroutine that nobody would await
        if self.shared.io != "blocking":
            return await self._within(super()._send(fn, args, ctx), ctx)
        inner = Context(self._blocking, ctx.deadline, ctx.call)
        inner.attempt, inner.transaction = ctx.attempt, ctx.transaction
        here = copy_context()
        work = asyncio.get_running_loop().run_in_executor(
            self.shared.pool, lambda: here.run(_finish, self._blocking, fn, args, inner)
        )
        return await self._within(work, ctx)

    async def _within(self, work: Awaitable[T], ctx: Context) -> T:
        if ctx.deadline is None:
            return await work
        left = max(0.0, ctx.deadline - time.monotonic())
        try:
            return await asyncio.wait_for(work, left)
        except TimeoutError:
            raise ctx._late() from None  # noqa: SLF001 - the context words its own error

    async def wait(self, deferred: Deferred[T], ctx: Context) -> T:
        """Suspend until it is there."""
        del ctx  # the whole request is bounded in _send
        return await bridge(deferred)

    async def gather(self, deferreds: Sequence[Deferred[T]], ctx: Context) -> list[T]:
        """Suspend until all are there; the first error is raised then."""
        del ctx
        results = await asyncio.gather(*map(bridge, deferreds), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return results  # type: ignore[return-value]

    async def sleep(self, seconds: float) -> None:
        """Suspend."""
        await asyncio.sleep(seconds)

    async def together(self, coroutines: Sequence[Awaitable[T]]) -> list[T]:
        """Side by side."""
        return list(await asyncio.gather(*coroutines))


def _finish(port: SyncPort, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context) -> Any:
    return drive(port._send(fn, args, ctx))  # noqa: SLF001 - the same walk, on a thread


def bridge(deferred: Deferred[T]) -> asyncio.Future[T]:
    """A driver's deferred as an asyncio future; a result that comes too late is dropped."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            setter(value)

    def from_thread(setter: Callable[[Any], None]) -> Callable[[Any], None]:
        def callback(value: Any) -> None:
            try:
                loop.call_soon_threadsafe(settle, setter, value)
            except RuntimeError:  # the loop was closed: nobody waits any more
                return

        return callback

    deferred.when_done(from_thread(future.set_result), from_thread(future.set_exception))
    return future
