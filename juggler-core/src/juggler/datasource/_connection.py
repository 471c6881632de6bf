"""Connecting: once, when it is needed, by whoever comes first; the others wait.

The first operation opens the connection; a server that is late is tried again until
``connect_timeout`` is over.  A child process connects anew.
"""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from juggler.connector.port import Context, current_options, options
from juggler.errors import DeadlineError, JugglerError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from juggler.connector.host import Host
    from juggler.connector.port import Port, Shared
    from juggler.datasource._events import Events

#: Back-off between two tries: at most this long at first and ever, in seconds.
_FIRST, _LONGEST = 0.05, 1.0
_inside: ContextVar[Any] = ContextVar("juggler_opening", default=None)


class Connection:
    """The state of one data source's connection.

    Args:
        host: the connector.
        shared: the ports' shared state; its ``opened`` is this connection's.
        events: who wants to know.
        connect_timeout: seconds that operations wait.
        opened: called in the opener's colour right after the connector opened; an error in it fails
            the connection.
    """

    def __init__(
        self,
        host: Host,
        shared: Shared,
        events: Events,
        connect_timeout: float,
        opened: Callable[[Port], Awaitable[None]],
    ) -> None:
        self._host = host
        self._shared = shared
        self._events = events
        self._timeout = connect_timeout
        self._opened = opened
        self._lock = threading.Lock()
        self._attempt: _Attempt | None = None
        shared.opener = self.ensure
        _live.add(self)

    @property
    def connected(self) -> bool:
        """Whether the connector is open."""
        return self._shared.opened

    async def ensure(self, port: Port, seconds: float | None = None) -> None:
        """Return when the connector is open.

        Args:
            port: the port of the caller's colour.
            seconds: how long to wait, ``connect_timeout`` by default.

        Raises:
            UnavailableError: it could not be reached in time; ``__cause__`` is the last try's.
            JugglerError: what the connector raised, when another try would not help.
        """
        if _inside.get() is self:
            return
        deadline = time.monotonic() + self._patience(seconds)
        while not self._shared.opened:
            attempt, mine = self._join()
            if mine:
                await self._lead(port, attempt, deadline)
                return
            left = max(deadline - time.monotonic(), 0.0)
            error = await port.wait(attempt.within(left), Context(port))
            if error is not None:
                raise error

    async def close(self, port: Port) -> None:
        """Close the connector; the next operation would open it again."""
        with self._lock:
            attempt = self._attempt
        if attempt is not None:
            await port.wait(attempt.within(self._timeout), Context(port))
        with self._lock:
            was, self._shared.opened = self._shared.opened, False
        if not was:
            return
        try:
            if self._host.implements("close"):
                await port.call("close")
        finally:
            self._shared.close()
            self._events.emit("disconnected")

    def after_fork(self) -> None:
        """What was connected in the parent is not connected here."""
        self._lock = threading.Lock()
        self._attempt = None
        self._shared.after_fork()
        self._events.after_fork()

    # ------------------------------------------------------------ one attempt

    def _patience(self, seconds: float | None) -> float:
        if seconds is not None:
            return seconds
        block = current_options()
        if block is not None and block.timeout is not None:
            return min(block.timeout, self._timeout)
        return self._timeout

    def _join(self) -> tuple[_Attempt, bool]:
        with self._lock:
            if self._attempt is not None:
                return self._attempt, False
            self._attempt = attempt = _Attempt(self._host.name)
            return attempt, True

    async def _lead(self, port: Port, attempt: _Attempt, deadline: float) -> None:
        """Open for everybody.  When this caller is cancelled another one takes over."""
        failure: Exception | None = None
        token = _inside.set(self)
        try:
            await self._try(port, deadline)
            self._shared.opened = True
        except Exception as error:
            failure = error
            raise
        finally:
            _inside.reset(token)
            with self._lock:
                self._attempt = None
            attempt.settle(failure)
            if failure is not None:
                self._events.emit("error", failure)
            elif self._shared.opened:
                self._events.emit("connected")

    async def _try(self, port: Port, deadline: float) -> None:
        tries = 0
        known: JugglerError | None = None
        while True:
            left = max(deadline - time.monotonic(), 0.001)
            try:
                with options(timeout=left):
                    if self._host.implements("open"):
                        await port.call("open")
                    await self._opened(port)
            except (JugglerError, OSError) as error:
                failure = error if isinstance(error, JugglerError) else self._unreachable(error)
                if known is not None and isinstance(failure, DeadlineError):
                    failure = known  # a try cut short says nothing of why
                known = failure
                wait = random.uniform(0, min(_LONGEST, _FIRST * 2**tries))  # noqa: S311 - jitter
                if not failure.retryable or time.monotonic() + wait >= deadline:
                    explained = self._explained(failure)
                    if explained is error:
                        raise  # with the cause that it has
                    raise explained from error
            else:
                return
            await port.sleep(wait)
            tries += 1

    def _unreachable(self, error: OSError) -> UnavailableError:
        cause = error.strerror or str(error) or type(error).__name__
        return UnavailableError(
            f"{self._host.name} cannot be reached: {cause}", connector=self._host.name
        )

    def _explained(self, error: JugglerError) -> JugglerError:
        if isinstance(error, UnavailableError | DeadlineError) and not error.hint:
            error.hint = (
                "is the server up, and are host and port right? "
                f"connect_timeout={self._timeout:g} seconds are over"
            )
        return error


class _Attempt:
    """An attempt under way, as a deferred: None, or the error to raise."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._error: Exception | None = None
        self._callbacks: list[Callable[[Any], object]] = []

    def settle(self, error: Exception | None) -> None:
        with self._lock:
            self._error = error
            self._done.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(error)

    def within(self, seconds: float) -> _Waiting:
        return _Waiting(self, seconds)

    def late(self) -> UnavailableError:
        return UnavailableError(
            f"{self._name} is not connected yet",
            hint="somebody else is connecting; raise connect_timeout to wait longer",
            connector=self._name,
        )

    def subscribe(self, callback: Callable[[Any], object]) -> None:
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(callback)
                return
        callback(self._error)

    def wait(self, seconds: float) -> Exception | None:
        return self._error if self._done.wait(seconds) else self.late()


class _Waiting:
    """One waiter's bounded view of an attempt."""

    def __init__(self, attempt: _Attempt, seconds: float) -> None:
        self._attempt = attempt
        self._seconds = seconds

    def result(self, timeout: float | None = None) -> Exception | None:
        seconds = self._seconds if timeout is None else min(timeout, self._seconds)
        return self._attempt.wait(seconds)

    def when_done(self, ok: Callable[[Any], object], err: Callable[[Any], object]) -> None:
        del err
        timer = threading.Timer(self._seconds, lambda: ok(self._attempt.late()))
        timer.daemon = True

        def done(error: Any) -> None:
            timer.cancel()
            ok(error)

        timer.start()
        self._attempt.subscribe(done)


_live: weakref.WeakSet[Connection] = weakref.WeakSet()


def _after_fork() -> None:
    for connection in list(_live):
        connection.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
