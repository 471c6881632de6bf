"""Connectors of a few functions: plain, with deferreds, and asynchronous ones."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from juggler import connect
from juggler.connector import SimpleConnector
from juggler.errors import (
    BackendError,
    BulkError,
    CapabilityError,
    ConfigurationError,
    CostGuardError,
    DeadlineError,
    DuplicateKeyError,
    OutcomeUnknownError,
)

NOTE = {"id": {"type": "string", "id": True}, "n": "integer"}


class Plain(SimpleConnector):
    """Four functions and no more."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.rows: dict[Any, dict[str, Any]] = {}

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


class Asynchronous(Plain):
    """Lets others run between looking and storing."""

    io = "async"

    async def all(self, model: Any) -> Any:
        rows = super().all(model)
        await asyncio.sleep(0)
        return rows

    async def create(self, model: Any, key: Any, record: Any) -> Any:
        await asyncio.sleep(0)
        super().create(model, key, record)

    save = create  # type: ignore[assignment]

    async def destroy(self, model: Any, key: Any) -> Any:
        await asyncio.sleep(0)
        super().destroy(model, key)


class Pooled(Plain):
    """Answers from threads of its own."""

    io = "future"

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.pool = ThreadPoolExecutor(2)

    def find(self, model: Any, key: Any) -> Any:
        del model
        return Deferred(self.pool.submit(self.rows.get, key))

    def create(self, model: Any, key: Any, record: Any) -> Any:
        del model
        return Deferred(self.pool.submit(self.rows.__setitem__, key, record))

    save = create


class Deferred:
    def __init__(self, future: Any) -> None:
        self.result = future.result
        self.future = future

    def when_done(self, ok: Any, err: Any) -> None:
        del err
        self.future.add_done_callback(lambda future: ok(future.result()))


KINDS = [Plain, Asynchronous, Pooled]


@pytest.fixture(params=KINDS)
def note(request: pytest.FixtureRequest) -> Any:
    shelf = request.param()
    yield connect(shelf).define("Note", NOTE)
    if isinstance(shelf, Pooled):
        shelf.pool.shutdown()


def test_a_filter_reads_everything_and_says_so(note: Any) -> None:
    note.create_all([{"id": f"{i}", "n": i % 3} for i in range(6)])
    assert [row.id for row in note.find({"where": {"n": 1}, "order": "id DESC"})] == ["4", "1"]
    assert note.explain({"where": {"n": 1}}).to_dict()["path"] == "scan"
    assert note.explain({"where": {"id": "1"}}).to_dict()["path"] == "point"
    assert [row.id for row in note.find_by_ids(["5", "9", "0"])] == ["5", "0"]


def test_a_class_may_refuse_scans_and_a_setting_wins() -> None:
    class Large(Plain):
        scan = "refuse"

    where = {"where": {"n": 1}}
    with pytest.raises(CostGuardError):
        connect(Large).define("Note", NOTE).find(where)
    assert connect(Large, {"allowScan": True}).define("Note", NOTE).find(where) == []
    with pytest.raises(CostGuardError):
        connect(Plain, {"scan": "refuse"}).define("Note", NOTE).find(where)
    bounded = connect(Plain, {"max_sort": 1}).define("Note", NOTE)
    bounded.create_all([{"id": "a"}, {"id": "b"}])
    with pytest.raises(CostGuardError, match="more than 1 rows"):
        bounded.find({"order": "n"})


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_many_inserts_of_a_key_wins(kind: Any) -> None:
    note = connect(kind).define("Note", NOTE)

    async def main() -> list[Any]:
        inserts = (note.aio.create({"id": "a", "n": i}) for i in range(8))
        return await asyncio.gather(*inserts, return_exceptions=True)

    done = asyncio.run(main())
    assert sum(not isinstance(one, DuplicateKeyError) for one in done) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_changes_of_many_tasks_all_stay(kind: Any) -> None:
    note = connect(kind).define("Note", {**NOTE, "m": "integer", "k": "integer"})
    note.create({"id": "a"})

    async def main() -> None:
        rows = [await note.aio.find_by_id("a") for _ in range(3)]
        await asyncio.gather(
            *(row.aio.patch({name: 1}) for row, name in zip(rows, "nmk", strict=True))
        )

    asyncio.run(main())
    assert note.find_by_id("a").to_object() == {"id": "a", "n": 1, "m": 1, "k": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_threads_take_turns(kind: Any) -> None:
    note = connect(kind).define("Note", NOTE)
    failed: list[Any] = []

    def insert(i: int) -> None:
        try:
            note.create({"id": "a", "n": i})
        except DuplicateKeyError as error:
            failed.append(error)

    threads = [threading.Thread(target=insert, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(failed) == 5


class Stuck(Asynchronous):
    """Stores when it is let."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.reached: Any = None
        self.gate: Any = None

    async def create(self, model: Any, key: Any, record: Any) -> Any:
        if self.gate is not None:
            self.reached.set()
            await self.gate.wait()
        await super().create(model, key, record)


def test_a_turn_that_is_given_up_goes_on_to_the_next() -> None:
    shelf = Stuck()
    note = connect(shelf, {"timeout": None}).define("Note", NOTE)

    async def main() -> None:
        shelf.reached, shelf.gate = asyncio.Event(), asyncio.Event()
        holds, waits, last = (
            asyncio.ensure_future(note.aio.create({"id": name})) for name in "abc"
        )
        await shelf.reached.wait()
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        holds.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holds
        shelf.gate.set()
        await last
        assert sorted(shelf.rows) == [("c",)]

    asyncio.run(main())


def test_waiting_for_a_turn_ends_with_the_time_of_the_call() -> None:
    shelf = Stuck()
    db = connect(shelf)
    note = db.define("Note", NOTE)

    async def main() -> None:
        shelf.reached, shelf.gate = asyncio.Event(), asyncio.Event()
        holds = asyncio.ensure_future(note.aio.create({"id": "a"}))
        await shelf.reached.wait()
        with db.options(timeout=0.01), pytest.raises(DeadlineError):
            await note.aio.create({"id": "b"})
        shelf.gate.set()
        await holds
        await note.aio.create({"id": "c"})

    asyncio.run(main())
    assert sorted(shelf.rows) == [("a",), ("c",)]


class Broken(Plain):
    """Its disk fails for some keys, before or after it stored them."""

    def all(self, model: Any) -> Any:
        if ("unreadable",) in self.rows:
            raise OSError("disk on fire")
        return super().all(model)

    def create(self, model: Any, key: Any, record: Any) -> Any:
        if key != ("before",):
            super().create(model, key, record)
        if key in {("before",), ("after",)}:
            raise OSError("disk on fire")

    save = create


def test_what_a_function_raises_is_an_error_of_the_store() -> None:
    note = connect(Broken).define("Note", NOTE)
    with pytest.raises(OutcomeUnknownError, match="OSError: disk on fire") as unknown:
        note.create({"id": "before"})
    assert isinstance(unknown.value.__cause__, OSError)
    assert note.create({"id": "after"}).id == "after"  # it was stored: the core looked
    note.create({"id": "unreadable"})
    with pytest.raises(BackendError, match=r"Broken\.all\(\) failed with OSError: disk on fire"):
        note.find()


def test_a_row_that_fails_leaves_the_others_their_results() -> None:
    note = connect(Broken).define("Note", NOTE)
    with pytest.raises(BulkError) as caught:
        note.create_all([{"id": "a"}, {"id": "before"}, {"id": "b"}])
    assert caught.value.result.created == 2
    ((row, error),) = caught.value.result.failed
    assert row == {"id": "before"}
    assert isinstance(error, OutcomeUnknownError)
    assert [one.id for one in note.find()] == ["a", "b"]


@pytest.mark.parametrize("found", [[["a", 1]], None, [None]])
def test_records_that_are_no_dictionaries(found: Any) -> None:
    class Lists(Plain):
        def all(self, model: Any) -> Any:
            del model
            return found

    with pytest.raises(BackendError, match=r"Lists\.all\(\) gave .* not"):
        connect(Lists).define("Note", NOTE).find()


def test_a_function_that_is_not_written_and_a_claim_that_is_none() -> None:
    class Empty(SimpleConnector):
        pass

    with pytest.raises(CapabilityError) as missing:
        connect(Empty).define("Note", NOTE).find()
    assert missing.value.hint == "def all(self, model): … in class Empty"

    class Claims(Plain):
        claims = {"tll": True}  # noqa: RUF012 - as people write it

    with pytest.raises(ConfigurationError) as typed:
        connect(Claims).define("Note", NOTE)
    assert (typed.value.code, typed.value.hint) == ("unknown-capability", "did you mean 'ttl'?")
