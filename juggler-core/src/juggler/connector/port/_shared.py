"""What the two ports of a data source share, and the walk of one request."""

from __future__ import annotations

import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.connector.port import _trace
from juggler.connector.port._call import Call
from juggler.connector.port._context import Context
from juggler.connector.port._options import current_options
from juggler.connector.port._retry import RetryPolicy
from juggler.errors import CapabilityError, DeadlineError, JugglerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from juggler.connector.context import Deferred
    from juggler.connector.port._call import Layer

T = TypeVar("T")


#: Hooks that read or write rows at a consistency level.
_LEVELLED = frozenset({"fetch", "get", "count", "write", "write_where"})
_WRITING = frozenset({"write", "write_where"})


def _no_transaction() -> Any:
    return None


def _any_level(level: str) -> None:
    del level


class Shared:
    """The state of a data source's ports.

    Args:
        name: the connector's name.
        hooks: the implemented I/O hooks, bound; a hook that is absent is not implemented.
        io: the connector's colour.
        timeout: seconds for an operation, None for no bound.
        retry: the retry policy.
        workers: threads for blocking drivers under asyncio.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        hooks: Mapping[str, Callable[..., Any]],
        *,
        io: str = "blocking",
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        workers: int = 8,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.hooks = dict(hooks)
        self.io = io
        self.timeout = timeout
        self.retry = retry or RetryPolicy()
        self.workers = workers
        self.clock = clock
        self.layers: tuple[Layer, ...] = _trace.from_environment(name)
        #: Set by the data source when the connector is open; until then ``opener`` runs first.
        self.opened = False
        self.opener: Callable[[Port], Awaitable[None]] | None = None
        #: Refuses a consistency level that the connector does not have.
        self.check_level: Callable[[str], None] = _any_level
        #: Gives the active transaction's handle.
        self.transaction: Callable[[], Any] = _no_transaction
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def pool(self) -> ThreadPoolExecutor:
        """The threads for blocking drivers, made on first use."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.workers, f"juggler-{self.name}")
            return self._pool

    def submit(self, fn: Callable[..., T], *args: Any) -> Deferred[T]:
        """Run ``fn`` on the pool, with the caller's context variables."""
        return _Submitted(self.pool.submit(copy_context().run, fn, *args))

    def close(self) -> None:
        """Give the threads back."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)

    def after_fork(self) -> None:
        """Forget what did not survive a fork: threads, locks and the connection."""
        self._pool = None
        self._lock = threading.Lock()
        self.opened = False


class _Submitted:
    """A future of the pool as a deferred."""

    __slots__ = ("future",)

    def __init__(self, future: Any) -> None:
        self.future = future

    def result(self, timeout: float | None = None) -> Any:
        return self.future.result(timeout)

    def when_done(
        self, ok: Callable[[Any], object], err: Callable[[BaseException], object]
    ) -> None:
        def done(future: Any) -> None:
            error = future.exception()
            if error is None:
                ok(future.result())
            else:
                err(error)

        self.future.add_done_callback(done)


class Port:
    """One request's way: open if needed, layers, hook, retries.  Subclasses know how to wait."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        #: Without a deadline, layers or waiting a hook can be called as it is.
        self.instant = shared.io == "instant"

    # ------------------------------------------------------------ for operations

    def has(self, hook: str) -> bool:
        """Whether the connector implements the hook."""
        return hook in self.shared.hooks

    async def call(self, hook: str, *args: Any) -> Any:
        """Call an I/O hook: its value, or its error after the retries that the table allows."""
        shared = self.shared
        fn = shared.hooks.get(hook)
        if fn is None:
            raise CapabilityError(
                f"connector {shared.name!r} does not implement {hook}",
                feature=hook,
                connector=shared.name,
            )
        opts = current_options()
        if opts is not None and opts.consistency is not None and hook in _LEVELLED:
            shared.check_level(opts.consistency)
        if not shared.opened and shared.opener is not None and hook not in {"open", "close"}:
            await shared.opener(self)
        if self.instant and not shared.layers:
            return fn(*args, Context(self))
        return await self._walk(hook, fn, args)

    async def _walk(self, hook: str, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        shared = self.shared
        opts = current_options()
        timeout = shared.timeout if opts is None or opts.timeout is None else opts.timeout
        ctx = Context(self, None if timeout is None else time.monotonic() + timeout)
        ctx.check()
        while True:
            try:
                return await self._once(hook, fn, args, ctx)
            except JugglerError as error:
                if hook in _WRITING and isinstance(error, DeadlineError):
                    error.outcome = "unknown"  # it may have been sent
                delay = shared.retry.delay(error, hook, args, ctx.attempt)
                left = None if ctx.deadline is None else ctx.deadline - time.monotonic()
                if delay is None or (left is not None and delay >= left):
                    raise
                await self.sleep(delay)
                if ctx.late:  # the wait took longer than asked: this try's error is what is known
                    raise
            ctx.attempt += 1

    async def _once(
        self, hook: str, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context
    ) -> Any:
        layers = self.shared.layers
        if not layers:
            return await self._send(fn, args, ctx)
        model = getattr(args[0], "name", None) if args else None
        if model is None and args and hasattr(args[0], "query"):
            model = args[0].query.model.name
        call = Call(hook, args, self.shared.name, model, ctx.attempt, ctx.trace_id)
        ctx.call = call

        async def proceed(depth: int = 0) -> Any:
            if depth == len(layers):
                return await self._send(fn, args, ctx)
            return await layers[depth](call, lambda: proceed(depth + 1))

        return await proceed()

    async def _send(self, fn: Callable[..., Any], args: tuple[Any, ...], ctx: Context) -> Any:
        result = fn(*args, ctx)
        if inspect.iscoroutine(result):
            return await result
        if hasattr(result, "when_done"):
            return await self.wait(result, ctx)
        return result

    # ------------------------------------------------------------ per colour

    async def wait(self, deferred: Deferred[T], ctx: Context) -> T:
        """The deferred's result."""
        raise NotImplementedError  # pragma: no cover - the two ports do

    async def gather(self, deferreds: Sequence[Deferred[T]], ctx: Context) -> list[T]:
        """All results, in order."""
        raise NotImplementedError  # pragma: no cover - the two ports do

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        raise NotImplementedError  # pragma: no cover - the two ports do

    async def together(self, coroutines: Sequence[Awaitable[T]]) -> list[T]:
        """Results of several operations: side by side where the port can, in order."""
        raise NotImplementedError  # pragma: no cover - the two ports do
