"""Connecting: lazily, once, again when the server is late, with events, in both colours."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import pytest

from juggler import Model, Prop, prop
from juggler.datasource import DataSource
from juggler.datasource._connection import _Attempt
from juggler.errors import (
    AuthenticationError,
    ConfigurationError,
    DeadlineError,
    UnavailableError,
)


class Note(Model):
    id: Prop[int] = prop(id=True, generated=True)
    text: Prop[str] = prop(default="")


@pytest.fixture
def heard(db: DataSource) -> list[Any]:
    events: list[Any] = []
    db.on("connected", lambda: events.append("connected"))
    db.on("disconnected", lambda: events.append("disconnected"))
    db.on("error", events.append)
    return events


def test_the_first_operation_connects(db: DataSource, shelf: Any, heard: list[Any]) -> None:
    db.attach(Note)
    assert shelf.calls == []
    Note.find()
    assert shelf.calls == ["open", "fetch"]
    assert db.connected
    Note.find()
    assert shelf.calls == ["open", "fetch", "fetch"]
    assert heard == ["connected"]


async def _find_twice(db: DataSource) -> None:
    await asyncio.gather(Note.aio.find(), Note.aio.find(), db.aio.ping())


def test_tasks_share_one_attempt(db: DataSource, shelf: Any) -> None:
    db.attach(Note)
    asyncio.run(_find_twice(db))
    assert shelf.calls.count("open") == 1
    assert sorted(shelf.calls) == ["fetch", "fetch", "open", "ping"]


def test_threads_share_one_attempt(db: DataSource, shelf: Any) -> None:
    started, go = threading.Event(), threading.Event()

    def opening() -> None:
        started.set()
        assert go.wait(5)

    shelf.opening = opening
    threads = [threading.Thread(target=db.ready) for _ in range(4)]
    threads[0].start()
    assert started.wait(5)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(5)
    assert shelf.calls == ["open"]
    assert db.connected


def test_a_waiter_waits_no_longer_than_it_was_told(db: DataSource, shelf: Any) -> None:
    started, go = threading.Event(), threading.Event()

    def opening() -> None:
        started.set()
        assert go.wait(5)

    shelf.opening = opening
    leader = threading.Thread(target=db.ready)
    leader.start()
    assert started.wait(5)
    with pytest.raises(UnavailableError, match="not connected yet"):
        db.ready(timeout=0.01)

    async def waits() -> None:
        await db.aio.ready(timeout=0.01)

    with pytest.raises(UnavailableError, match="not connected yet"):
        asyncio.run(waits())
    go.set()
    leader.join(5)
    assert db.connected


def test_a_late_server_is_waited_for(db: DataSource, shelf: Any, heard: list[Any]) -> None:
    shelf.open_errors = [UnavailableError("not yet"), OSError(111, "Connection refused")] * 3
    db.ready()
    assert shelf.calls == ["open"] * 7
    assert heard == ["connected"]


def test_a_late_server_is_waited_for_by_tasks(db: DataSource, shelf: Any) -> None:
    shelf.open_errors = [UnavailableError("not yet")] * 6

    async def ready() -> None:
        await db.aio.ready()

    asyncio.run(ready())
    assert db.connected


def test_a_server_that_never_comes(shelf: Any) -> None:
    shelf.open_errors = [OSError(111, "Connection refused")] * 10_000
    db = DataSource(shelf, {"connect_timeout": 0.05})
    events: list[Any] = []
    db.on("error", events.append)
    with pytest.raises(UnavailableError, match="Connection refused") as caught:
        db.ready()
    assert "connect_timeout=0.05 seconds are over" in caught.value.hint
    assert events == [caught.value]
    assert not db.connected
    shelf.open_errors = []
    db.ready()
    assert db.connected


def test_a_try_that_the_time_cuts_short_hides_no_cause(shelf: Any) -> None:
    late = DeadlineError("the operation's time is over")
    shelf.open_errors = [OSError(111, "Connection refused"), *[late] * 10_000]
    db = DataSource(shelf, {"connect_timeout": 0.2})
    with pytest.raises(UnavailableError, match="Connection refused") as caught:
        db.ready()
    assert "connect_timeout=0.2 seconds are over" in caught.value.hint


def test_what_another_try_would_not_help_is_raised_at_once(
    db: DataSource, shelf: Any, heard: list[Any]
) -> None:
    refused = AuthenticationError("who are you")
    refused.__cause__ = said = OSError("401")
    shelf.open_errors = [refused]
    with pytest.raises(AuthenticationError) as caught:
        db.ready()
    assert caught.value.__cause__ is said
    assert shelf.calls == ["open"]
    assert heard == [caught.value]


def test_waiters_get_the_leaders_error(
    db: DataSource, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, wait = threading.Semaphore(0), _Attempt.wait

    def waits(self: Any, seconds: float) -> Any:
        waiting.release()
        return wait(self, seconds)

    monkeypatch.setattr(_Attempt, "wait", waits)
    started, go = threading.Event(), threading.Event()

    def opening() -> None:
        started.set()
        assert go.wait(5)

    shelf.opening = opening
    shelf.open_errors = [AuthenticationError("who are you")]
    errors: list[Exception] = []

    def ready() -> None:
        try:
            db.ready()
        except AuthenticationError as error:
            errors.append(error)

    threads = [threading.Thread(target=ready) for _ in range(3)]
    threads[0].start()
    assert started.wait(5)
    for thread in threads[1:]:
        thread.start()
    for _ in range(2):
        assert waiting.acquire(timeout=5)
    go.set()
    for thread in threads:
        thread.join(5)
    assert len(errors) == 3
    assert shelf.calls == ["open"]


def test_a_bug_of_the_connector_is_not_swallowed(db: DataSource, shelf: Any) -> None:
    shelf.open_errors = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        db.ready()
    db.ready()


def test_when_the_opener_is_cancelled_another_takes_over(shelf_class: Any) -> None:
    class Slow(shelf_class):
        io = "async"

    shelf = Slow()
    db = DataSource(shelf)

    async def run() -> None:
        gate, reached = asyncio.Event(), asyncio.Event()

        async def layer(call: Any, proceed: Any) -> Any:
            if call.hook == "open":
                reached.set()
                await gate.wait()
            return await proceed()

        db.around(layer)
        first = asyncio.create_task(db.aio.ready())
        await reached.wait()
        second = asyncio.create_task(db.aio.ready())
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
        await second

    asyncio.run(run())
    assert db.connected


def test_closing(db: DataSource, shelf: Any, heard: list[Any]) -> None:
    db.close()
    assert shelf.calls == []
    db.ready()
    db.disconnect()
    db.close()
    assert shelf.calls == ["open", "close"]
    assert heard == ["connected", "disconnected"]
    db.ping()
    assert shelf.calls == ["open", "close", "open", "ping"]


def test_with_and_async_with(shelf_class: Any) -> None:
    shelf = shelf_class()
    with DataSource(shelf) as db:
        db.ready()
    assert shelf.calls == ["open", "close"]

    async def run() -> None:
        async with DataSource(shelf) as other:
            await other.aio.ready()

    asyncio.run(run())
    assert shelf.calls == ["open", "close", "open", "close"]


def test_listeners_can_leave_and_may_fail(db: DataSource, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def fails() -> None:
        raise ZeroDivisionError

    db.on("connected", fails)
    off = db.on("connected", lambda: heard.append("one"))
    db.on("connected", lambda: heard.append("two"))
    off()
    off()
    db.ready()
    assert heard == ["two"]
    assert "listener of 'connected' failed" in caplog.text
    with pytest.raises(ConfigurationError) as caught:
        db.on("conected", fails)  # type: ignore[arg-type]
    assert caught.value.hint == "did you mean 'connected'?"


def test_a_connector_without_a_life_cycle_is_connected_at_once(shelf_class: Any) -> None:
    class Plain:
        capabilities = shelf_class.capabilities
        plan = shelf_class.plan
        fetch = shelf_class.fetch
        get = shelf_class.get
        write = shelf_class.write
        claims = shelf_class().claims

    db = DataSource(Plain())
    db.ready()
    assert db.connected
    assert db.ping().product == "plain"
    db.close()
    assert not db.connected


def test_a_child_process_connects_anew(db: DataSource, shelf: Any) -> None:
    db.ready()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        connected = db.connected
        db.ready()
        os.write(write, f"{connected} {shelf.calls}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"False ['open', 'open']"
    assert db.connected
    os.close(read)
    os.close(write)


def test_debug_logs_statements_and_the_life_cycle(
    shelf: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with DataSource(shelf, {"debug": True, "scan": "allow"}) as db:
        db.attach(Note)
        Note.find()
        db.close()
        shelf.open_errors = [AuthenticationError("who")]
        with pytest.raises(AuthenticationError):
            db.ready()
    logged = [record.getMessage() for record in caplog.records if record.name == "juggler.shelf"]
    assert "connected" in logged
    assert any(text.startswith("fetch Note [") and text.endswith("ok") for text in logged)
    assert "  READ ALL 'Note'" in logged
    assert "disconnected" in logged
    assert "not connected: [authentication] who" in logged
