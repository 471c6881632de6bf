"""Writes without an answer, and tasks that are cancelled while a store works for them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from juggler import connect
from juggler.connector import SimpleConnector, hookimpl
from juggler.connector.port import current_options
from juggler.errors import DeadlineError, DuplicateKeyError, OutcomeUnknownError

NOTE = {"id": {"type": "string", "id": True}, "text": "string"}


class Shelf(SimpleConnector):
    """Loses the answers of as many writes as it is told, after or before it applied them."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.rows: dict[Any, dict[str, Any]] = {}
        self.lost: list[str] = []

    def all(self, model: Any) -> Any:
        del model
        return list(self.rows.values())

    def create(self, model: Any, key: Any, record: Any) -> Any:
        del model
        self.rows[key] = record

    save = create

    def destroy(self, model: Any, key: Any) -> Any:
        del model
        del self.rows[key]

    @hookimpl
    async def write(self, model: Any, ops: Any, opts: Any, ctx: Any) -> Any:
        how = self.lost.pop(0) if self.lost else ""
        if how != "before":
            results = await super().write(model, ops, opts, ctx)
        if how == "theirs":
            self.rows[ops[0].key]["text"] = "theirs"
        if how:
            raise OutcomeUnknownError("no answer")
        return results


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def note(shelf: Shelf) -> Any:
    return connect(shelf).define("Note", NOTE)


@pytest.mark.parametrize("how", ["before", "after"])
def test_an_insert_without_an_answer_is_found_out(note: Any, shelf: Shelf, how: str) -> None:
    shelf.lost = [how]
    made = note.create({"id": "a", "text": "mine"})
    assert made.changes == {}
    assert [(row.id, row.text) for row in note.find()] == [("a", "mine")]


def test_the_row_of_somebody_else_is_a_duplicate(note: Any, shelf: Shelf) -> None:
    shelf.lost = ["theirs"]
    with pytest.raises(DuplicateKeyError):
        note.create({"id": "a", "text": "mine"})
    assert note.find_by_id("a").text == "theirs"


def test_an_insert_that_is_never_answered_is_unknown(note: Any, shelf: Shelf) -> None:
    shelf.lost = ["before", "after"]
    with pytest.raises(OutcomeUnknownError):
        note.create({"id": "a", "text": "mine"})


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_change_without_an_answer_is_never_guessed(note: Any, shelf: Shelf, how: str) -> None:
    row = note.create({"id": "a", "text": "mine"})
    shelf.lost = [how]
    with pytest.raises(OutcomeUnknownError):
        row.patch({"text": "new"})
    assert row.text == "mine"
    assert row.reload().text == ("mine" if how == "before" else "new")


def test_many_rows_without_an_answer_are_an_error(note: Any, shelf: Shelf) -> None:
    shelf.lost = ["after"]
    with pytest.raises(OutcomeUnknownError):
        note.create_all([{"id": "a"}, {"id": "b"}])


class Gate(Shelf):
    """Answers with deferreds that somebody else completes."""

    io = "future"

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.open: list[Any] = []
        self.asked: Any = threading.Event()

    def find(self, model: Any, key: Any) -> Any:
        del model
        answer = Answer(self.rows.get(key))
        self.open.append(answer)
        self.asked.set()
        return answer


class Answer:
    def __init__(self, value: Any) -> None:
        self.value = value
        self.there = threading.Event()
        self.callbacks: list[Any] = []

    def complete(self) -> None:
        self.there.set()
        for callback in self.callbacks:
            callback(self.value)

    def result(self, timeout: float | None = None) -> Any:
        if not self.there.wait(timeout):
            raise TimeoutError
        return self.value

    def when_done(self, ok: Any, err: Any) -> None:
        del err
        self.callbacks.append(ok)
        if self.there.is_set():
            ok(self.value)


def test_a_cancelled_task_ends_at_once_and_a_late_answer_is_dropped() -> None:
    gate = Gate()
    note = connect(gate).define("Note", NOTE)
    gate.rows[("a",)] = {"id": "a", "text": "milk"}

    async def main() -> None:
        gate.asked = asyncio.Event()
        task = asyncio.ensure_future(note.aio.find_by_id("a"))
        await gate.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.open.pop().complete()
        gate.asked.clear()
        again = asyncio.ensure_future(note.aio.find_by_id("a"))
        await gate.asked.wait()
        gate.open.pop().complete()
        assert (await again).text == "milk"

    asyncio.run(main())


def test_an_answer_after_the_loop_is_closed_hurts_nobody() -> None:
    gate = Gate()
    note = connect(gate).define("Note", NOTE)

    async def main() -> None:
        gate.asked = asyncio.Event()
        task = asyncio.ensure_future(note.aio.find_by_id("a"))
        await gate.asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    gate.open.pop().complete()


def test_a_write_that_is_late_may_have_been_applied() -> None:
    gate = Gate()
    db = connect(gate)
    note = db.define("Note", NOTE)

    async def create() -> None:
        await note.aio.create({"id": "b"})

    with db.options(timeout=0.01):
        for call in (lambda: note.create({"id": "a"}), lambda: asyncio.run(create())):
            with pytest.raises(DeadlineError) as caught:
                call()
            assert caught.value.outcome == "unknown"
        with pytest.raises(DeadlineError) as caught:
            note.find_by_id("a")
        assert caught.value.outcome == "none"


def test_options_of_the_call_reach_the_thread_of_a_blocking_driver() -> None:
    seen: list[Any] = []

    class Asks(Shelf):
        def all(self, model: Any) -> Any:
            options = current_options()
            seen.append((threading.current_thread(), options and options.consistency))
            return super().all(model)

    db = connect(Asks)
    note = db.define("Note", NOTE)

    async def main() -> None:
        await note.aio.find({}, consistency="session")
        with db.options(consistency="eventual"):
            await asyncio.gather(note.aio.find(), note.aio.find())

    asyncio.run(main())
    assert [level for _, level in seen] == ["session", "eventual", "eventual"]
    assert threading.main_thread() not in {thread for thread, _ in seen}
