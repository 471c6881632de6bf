"""The way of a request: retries by the table, layers, deadlines, the drivers' colours."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.connector import SimpleConnector
from juggler.connector.port import Recorder, RetryPolicy, SyncPort
from juggler.connector.writes import WriteOp
from juggler.errors import (
    BackendError,
    ConfigurationError,
    DeadlineError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NOTE = {"id": {"type": "string", "id": True}, "text": "string"}


class Shelf(SimpleConnector):
    """Fails as often as it is told, before it does anything."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.rows: dict[Any, dict[str, Any]] = {}
        self.errors: list[BaseException] = []

    def fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def all(self, model: Any) -> Any:
        del model
        self.fail()
        return list(self.rows.values())

    def find(self, model: Any, key: Any) -> Any:
        del model
        self.fail()
        return self.rows.get(key)

    def create(self, model: Any, key: Any, record: Any) -> Any:
        del model
        self.rows[key] = record

    save = create

    def destroy(self, model: Any, key: Any) -> Any:
        del model
        del self.rows[key]


class Deferred:
    """Completes on a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._done = threading.Event()
        self._work = work
        self.thread = threading.Thread(target=self._run)
        self._value: Any = None
        self._callbacks: list[Any] = []
        self._lock = threading.Lock()
        self.thread.start()

    def _run(self) -> None:
        value = self._work()
        with self._lock:
            self._value = value
            self._done.set()
            callbacks = list(self._callbacks)
        for ok in callbacks:
            ok(value)

    def result(self, timeout: float | None = None) -> Any:
        if not self._done.wait(timeout):
            raise TimeoutError
        return self._value

    def when_done(self, ok: Any, err: Any) -> None:
        del err
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(ok)
                return
        ok(self._value)


class Slow(Shelf):
    """Answers when ``gate`` is open, from another thread."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.gate = threading.Event()
        self.gate.set()

    def find(self, model: Any, key: Any) -> Any:
        del model

        def answer() -> Any:
            self.gate.wait(10)
            return self.rows.get(key)

        return Deferred(answer)


def opened(kind: Any = Shelf) -> tuple[Any, Any, Any]:
    """A data source, its connector, and a model with one row."""
    shelf = kind()
    db = connect(shelf)
    note = db.define("Note", NOTE)
    note.create({"id": "a", "text": "milk"})
    return db, shelf, note


# ---------------------------------------------------------------- retries


def test_a_read_is_tried_again() -> None:
    _, shelf, note = opened()
    shelf.errors = [UnavailableError("down"), UnavailableError("down")]
    assert note.find_by_id("a").text == "milk"
    assert shelf.errors == []


def test_an_error_that_stays_is_raised_at_once() -> None:
    _, shelf, note = opened()
    shelf.errors = [BackendError("broken"), BackendError("again")]
    with pytest.raises(BackendError, match="broken"):
        note.find_by_id("a")
    assert len(shelf.errors) == 1


def write(kind: Any, **more: Any) -> tuple[Any, ...]:
    return (None, [WriteOp(kind, ("a",), (), **more)], None)


@pytest.mark.parametrize(
    ("hook", "args", "again"),
    [
        ("fetch", (), True),
        ("get", (), True),
        ("count", (), True),
        ("write_where", (), False),
        ("write", write("insert"), False),
        ("write", write("patch"), False),
        ("write", write("put"), False),
        ("write", write("put", timestamp=1), True),
        ("write", write("delete"), True),
        ("write", write("delete", if_version="1"), False),
    ],
)
def test_an_unknown_outcome_is_repeated_only_where_that_changes_nothing(
    hook: str, args: tuple[Any, ...], *, again: bool
) -> None:
    error = OutcomeUnknownError("no answer", retryable=True)
    assert (RetryPolicy().delay(error, hook, args, 0) is not None) is again


def test_a_store_that_asks_to_wait_is_waited_for() -> None:
    policy = RetryPolicy(base=0)
    assert policy.delay(RateLimitedError("slow down", retry_after=7), "get", (), 0) == 7
    assert policy.delay(RateLimitedError("slow down", retry_after=7), "get", (), 3) is None
    assert policy.delay(ValueError("ours"), "get", (), 0) is None


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    db, shelf, note = opened()
    shelf.errors = [RateLimitedError("slow down", retry_after=3600)]
    with db.options(timeout=30), pytest.raises(RateLimitedError):
        note.find_by_id("a")


def test_a_wait_that_took_all_the_time_ends_with_the_error_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db, shelf, note = opened()

    async def oversleep(port: Any, seconds: float) -> None:
        del port
        time.sleep(seconds + 0.2)  # noqa: ASYNC251 - the blocking port

    monkeypatch.setattr(SyncPort, "sleep", oversleep)
    shelf.errors = [UnavailableError("down"), UnavailableError("and out")]
    with db.options(timeout=0.15), pytest.raises(UnavailableError, match="down"):
        note.find_by_id("a")
    assert [str(error) for error in shelf.errors] == [str(UnavailableError("and out"))]


# ---------------------------------------------------------------- layers


def test_a_layer_sees_each_try() -> None:
    db, shelf, note = opened()
    recorder = Recorder()
    off = db.around(recorder)
    shelf.errors = [UnavailableError("down")]
    note.find_by_id("a")
    assert [call.attempt for call in recorder.calls] == [0, 1]
    assert isinstance(recorder.calls[0].error, UnavailableError)
    assert {call.model for call in recorder.calls} == {"Note"}
    off()
    note.find_by_id("a")
    assert len(recorder.calls) == 2


def test_the_trace_is_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUGGLER_TRACE", "1")
    opened()
    caught = capsys.readouterr()
    assert "write Note [" in caught.err
    assert "ms ok" in caught.err
    assert caught.out == ""


# ---------------------------------------------------------------- colours


def test_a_connector_with_callbacks_runs_in_both_colours() -> None:
    _, _, note = opened(Slow)
    assert note.find_by_id("a").text == "milk"
    assert asyncio.run(note.aio.find_by_id("a")).text == "milk"


def test_a_late_answer_is_a_deadline_error_in_both_colours() -> None:
    db, shelf, note = opened(Slow)
    shelf.gate.clear()
    try:
        with db.options(timeout=0.02):
            with pytest.raises(DeadlineError):
                note.find_by_id("a")
            with pytest.raises(DeadlineError):
                asyncio.run(note.aio.find_by_id("a"))
    finally:
        shelf.gate.set()


class Future(Slow):
    """Sends by itself, and blocks nobody."""

    io = "future"


class Awaited(Shelf):
    """Runs on an event loop."""

    io = "async"

    async def find(self, model: Any, key: Any) -> Any:
        await asyncio.sleep(0)
        return super().find(model, key)


@pytest.mark.parametrize("kind", [Shelf, Future, Awaited])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_is_late_before_it_begins_is_not_begun(kind: Any, colour: str) -> None:
    """No request is sent, and no coroutine is left behind that nobody awaits."""
    db, shelf, note = opened(kind)
    asked: list[Any] = []
    find = shelf.find
    shelf.find = lambda model, key: asked.append(key) or find(model, key)
    blocking, awaited = note.find_by_id, note.aio.find_by_id
    ask = blocking if colour == "sync" else lambda key: asyncio.run(awaited(key))
    with db.options(timeout=0), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(DeadlineError):
            ask("a")
        gc.collect()
    assert not [str(warning.message) for warning in caught]
    assert not asked
    assert note.find_by_id("a").text == "milk"
    assert asked == [("a",)]


class Blocked(Shelf):
    """Blocks its thread until the event loop, which must be free, opens the gate."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.gate = threading.Event()
        self.threads: list[threading.Thread] = []

    def all(self, model: Any) -> Any:
        self.threads.append(threading.current_thread())
        assert self.gate.wait(10), "the event loop was blocked"
        return super().all(model)


def test_a_blocking_connector_leaves_the_event_loop_free() -> None:
    _, shelf, note = opened(Blocked)

    async def run() -> Any:
        asyncio.get_running_loop().call_soon(shelf.gate.set)
        return await note.aio.find()

    assert [row.id for row in asyncio.run(run())] == ["a"]
    assert shelf.threads[0] is not threading.main_thread()


def test_a_hook_that_needs_an_event_loop_is_refused_in_a_blocking_call() -> None:
    _, shelf, note = opened()

    async def answer() -> Any:
        await asyncio.sleep(0)

    shelf.find = lambda model, key: answer()
    with pytest.raises((ConfigurationError, RuntimeError)):
        note.find_by_id("a")
