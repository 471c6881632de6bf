"""Requests under way as deferreds: one, or many with a bounded number at the same time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: The rows of an answer, or its error.
    Outcome = "list[tuple[Any, ...]] | BaseException"
    Fail = Callable[[BaseException], BaseException]


class Answer:
    """What came of a request: rows, whether there are more, column names, warnings."""

    __slots__ = ("future", "rows")

    def __init__(self, future: Any, rows: Any) -> None:
        self.future = future
        self.rows: list[tuple[Any, ...]] = rows if rows.__class__ is list else list(rows or ())

    @property
    def more(self) -> Any:
        """The driver's paging state, None when these were all rows."""
        return self.future._paging_state  # noqa: SLF001 - the driver shows it by its own class only

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.future._col_names or ())  # noqa: SLF001 - as above

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of."""
        return tuple(self.future._warnings or ())  # noqa: SLF001 - as above


class Request:
    """One request as a deferred of its :class:`Answer`.

    Args:
        future: the driver's.
        fail: the error to raise for an error of the driver.
    """

    __slots__ = ("fail", "future")

    def __init__(self, future: Any, fail: Fail) -> None:
        self.future = future
        self.fail = fail

    def result(self, timeout: float | None = None) -> Answer:
        """Block; the driver's own timer bounds the time."""
        del timeout
        try:
            rows = self.future.result().current_rows
        except Exception as error:
            raise self.fail(error) from error
        return Answer(self.future, rows)

    def when_done(
        self, ok: Callable[[Any], object], err: Callable[[BaseException], object]
    ) -> None:
        """Call back on the driver's thread."""

        def done(rows: Any) -> None:
            ok(Answer(self.future, rows))

        def failed(error: BaseException) -> None:
            mapped = self.fail(error)
            mapped.__cause__ = error
            err(mapped)

        self.future.add_callbacks(done, failed)


class Window:
    """Many requests, at most ``width`` of them at the same time; a deferred of their outcomes.

    Args:
        send: sends the request of an index and returns the driver's future.
        count: how many there are.
        fail: the error of ours for an error of the driver.
        width: how many are under way at the same time.

    The result has an :class:`Answer` or an error of ours per request, in their order.
    """

    def __init__(self, send: Callable[[int], Any], count: int, fail: Fail, width: int) -> None:
        self._send = send
        self._fail = fail
        self._count = count
        self._free = width
        self._next = 0
        self._left = count
        self._outcomes: list[Any] = [None] * count
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._done = threading.Event()
        self._callbacks: list[Callable[[Any], object]] = []
        if count == 0:
            self._done.set()
        self._pump()

    def result(self, timeout: float | None = None) -> Sequence[Any]:
        """Block until all are done; each is bounded by the driver's own timer."""
        del timeout
        self._done.wait()
        return self._outcomes

    def when_done(
        self, ok: Callable[[Any], object], err: Callable[[BaseException], object]
    ) -> None:
        """Call back when all are done."""
        del err
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(ok)
                return
        ok(self._outcomes)

    def _pump(self) -> None:
        """Send what there is room for; one thread at a time, without recursion."""
        while self._turn.acquire(blocking=False):
            try:
                while (index := self._take()) is not None:
                    self._start(index)
            finally:
                self._turn.release()
            with self._lock:  # somebody may have made room before the turn was given up
                if self._free == 0 or self._next >= self._count:
                    return

    def _take(self) -> int | None:
        with self._lock:
            if self._free == 0 or self._next >= self._count:
                return None
            self._free -= 1
            self._next += 1
            return self._next - 1

    def _start(self, index: int) -> None:
        try:
            future = self._send(index)
        except Exception as error:  # noqa: BLE001 - it is the outcome of this request
            self._settle(index, self._failed(error))
            return
        future.add_callbacks(
            lambda rows: self._arrived(index, Answer(future, rows)),
            lambda error: self._arrived(index, self._failed(error)),
        )

    def _failed(self, error: BaseException) -> BaseException:
        mapped = self._fail(error)
        if mapped is not error:
            mapped.__cause__ = error
        return mapped

    def _arrived(self, index: int, outcome: Any) -> None:
        self._settle(index, outcome)
        self._pump()

    def _settle(self, index: int, outcome: Any) -> None:
        with self._lock:
            self._outcomes[index] = outcome
            self._free += 1
            self._left -= 1
            if self._left:
                return
            self._done.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self._outcomes)
