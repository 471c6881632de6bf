"""Taking turns across threads and tasks: no lock that is held while something is awaited."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from juggler.connector.context import OpContext


class Turns:
    """One at a time, in the order of coming; whoever waits does so through its own port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Turn] = deque()
        self._taken = False

    @asynccontextmanager
    async def taken(self, ctx: OpContext) -> AsyncGenerator[None, None]:
        """Wait for the turn, have it inside the block, and pass it on."""
        with self._lock:
            turn = None if not self._taken else _Turn()
            self._taken = True
            if turn is not None:
                self._waiting.append(turn)
        try:
            if turn is not None:
                await ctx.wait(turn)
        except BaseException:
            self._give_up(turn)
            raise
        try:
            yield
        finally:
            self._pass_on()

    def _give_up(self, turn: Any) -> None:
        with self._lock:
            waits = turn in self._waiting
            if waits:
                self._waiting.remove(turn)
        if not waits:  # it came just now
            self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            following = self._waiting.popleft() if self._waiting else None
            self._taken = following is not None
        if following is not None:
            following.come()


class _Turn:
    """A deferred that is there when its turn has come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._come = threading.Event()
        self._waiter: Callable[[Any], object] | None = None

    def come(self) -> None:
        with self._lock:
            self._come.set()
            waiter = self._waiter
        if waiter is not None:
            waiter(None)

    def result(self, timeout: float | None = None) -> None:
        if not self._come.wait(timeout):
            raise TimeoutError

    def when_done(
        self, ok: Callable[[Any], object], err: Callable[[BaseException], object]
    ) -> None:
        del err
        with self._lock:
            there = self._come.is_set()
            if not there:
                self._waiter = ok
        if there:
            ok(None)
