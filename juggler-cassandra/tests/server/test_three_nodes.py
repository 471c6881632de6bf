"""Three nodes; one is killed and started again while both colours write and read.

Each worker has rows of its own, so that it knows what they may hold: what was acknowledged last, or
a later value of which nobody knows.  All of them add to one shared row.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import pytest
from attrs import define, field

import servers
from juggler import (
    ConflictError,
    DeadlineError,
    JugglerError,
    NotFoundError,
    OutcomeUnknownError,
    UnavailableError,
    connect,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.cluster
ROWS = {"id": {"type": "string", "id": True}, "value": "integer"}
THREADS = 3
TASKS = 3
KEYS = 6
#: Operations in each of the phases: before, with a node killed, after it is back.
PHASE = 250
PATIENCE = 240.0
#: What is said when nothing was applied for sure.
NOT_APPLIED = (UnavailableError, ConflictError, DeadlineError)


@define
class Journal:
    """What all workers were told.

    Attributes:
        held: by model and key, the values that the row may have.
        refused: values that must never be seen by model and key.
        added: additions to the shared row that were acknowledged, and those nobody knows of.
        told: how often each kind of answer came.
    """

    held: dict[tuple[str, str], set[Any]] = field(factory=dict)
    refused: dict[tuple[str, str], set[Any]] = field(factory=dict)
    added: list[int] = field(factory=lambda: [0, 0])
    told: dict[str, int] = field(factory=dict)
    wrong: list[str] = field(factory=list)
    lock: Any = field(factory=threading.Lock)

    @property
    def done(self) -> int:
        with self.lock:
            return sum(self.told.values())

    def tell(self, what: str) -> None:
        with self.lock:
            self.told[what] = self.told.get(what, 0) + 1

    def wrote(self, place: tuple[str, str], value: Any) -> None:
        self.held[place] = {value}
        self.tell("acknowledged")

    def may_have_written(self, place: tuple[str, str], value: Any) -> None:
        self.held.setdefault(place, {None}).add(value)
        self.tell("unknown")

    def did_not_write(self, place: tuple[str, str], value: Any) -> None:
        self.refused.setdefault(place, set()).add(value)
        self.tell("refused")

    def read(self, place: tuple[str, str], value: Any) -> None:
        possible = self.held.get(place, {None})
        if value not in possible:
            with self.lock:
                self.wrong.append(f"{place} is {value}, and may be {possible}")
        self.tell("read")


@define
class Worker:
    """One thread's or task's turns; ``call`` makes an operation in its colour."""

    name: str
    journal: Journal
    models: dict[str, Any]
    number: int = 0
    chance: random.Random = field(factory=random.Random)

    async def turn(self, call: Callable[..., Any]) -> None:
        kind = self.chance.choice(("Safe", "Safe", "Blind"))
        model, key = self.models[kind], f"{self.name}-{self.chance.randrange(KEYS)}"
        place = (kind, key)
        what = self.chance.choice(("write", "write", "read", "add"))
        if what == "add":
            await self._add(call)
        elif what == "read":
            await self._read(call, model, place)
        else:
            self.number += 1
            await self._write(call, model, place, self.number)

    async def _write(self, call: Any, model: Any, place: tuple[str, str], value: int) -> None:
        journal, (kind, key) = self.journal, place
        row = {"id": key, "value": value}
        try:
            if kind == "Blind":
                await call(model, "replace_or_create", row)
            elif journal.held.get(place, {None}) == {None}:
                await call(model, "create", row)
            else:
                await call(model, "upsert", row)
        except OutcomeUnknownError:
            journal.may_have_written(place, value)
        except JugglerError as error:
            if error.outcome == "applied":  # written, and the row could not be read back
                journal.wrote(place, value)
            elif error.code == "duplicate-key":  # an earlier create that nobody knew of
                journal.tell("resolved")
                journal.held[place].discard(None)
            elif isinstance(error, NOT_APPLIED) and error.outcome == "none":
                journal.did_not_write(place, value)
            else:
                raise
        else:
            journal.wrote(place, value)

    async def _read(self, call: Any, model: Any, place: tuple[str, str]) -> None:
        try:
            row = await call(model, "find_by_id", place[1])
        except (UnavailableError, DeadlineError):
            self.journal.tell("no answer")
        else:
            self.journal.read(place, None if row is None else row.value)

    async def _add(self, call: Any) -> None:
        journal = self.journal
        try:
            row = await call(self.models["Shared"], "find_by_id", "one")
            await call(row, "patch", {"value": row.value + 1})
        except ConflictError:
            journal.tell("conflict")
        except OutcomeUnknownError:
            with journal.lock:
                journal.added[1] += 1
            journal.tell("unknown")
        except (UnavailableError, DeadlineError, NotFoundError):
            journal.tell("no answer")
        else:
            with journal.lock:
                journal.added[0] += 1
            journal.tell("acknowledged")


async def _blocking(owner: Any, name: str, *args: Any) -> Any:
    return getattr(owner, name)(*args)


async def _awaited(owner: Any, name: str, *args: Any) -> Any:
    return await getattr(owner.aio, name)(*args)


class Load:
    """Threads that block and tasks that await, until it is stopped."""

    def __init__(self, journal: Journal, models: dict[str, Any]) -> None:
        self.stopping = threading.Event()
        self.failed: list[BaseException] = []
        workers = [Worker(f"w{n}", journal, models) for n in range(THREADS + TASKS)]
        self.threads = [
            threading.Thread(target=self._thread, args=(worker,)) for worker in workers[:THREADS]
        ]
        self.threads.append(threading.Thread(target=self._tasks, args=(workers[THREADS:],)))

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _thread(self, worker: Worker) -> None:
        while not self.stopping.is_set():
            coroutine = worker.turn(_blocking)
            try:
                coroutine.send(None)
            except StopIteration:
                continue
            except BaseException as error:  # noqa: BLE001 - told by the test
                self.failed.append(error)
                return

    def _tasks(self, workers: list[Worker]) -> None:
        async def run(worker: Worker) -> None:
            while not self.stopping.is_set():
                await worker.turn(_awaited)

        async def together() -> None:
            await asyncio.gather(*map(run, workers))

        try:
            asyncio.run(together())
        except BaseException as error:  # noqa: BLE001 - as above
            self.failed.append(error)

    def until(self, journal: Journal, count: int) -> None:
        """Wait for so many operations more."""
        goal, end = journal.done + count, time.monotonic() + PATIENCE
        while journal.done < goal:
            assert not self.failed, self.failed
            assert time.monotonic() < end, f"the load stands still: {journal.told}"
            time.sleep(0.05)


@pytest.mark.timeout(1200)
def test_a_node_is_killed_and_comes_back() -> None:
    journal = Journal()
    replication = {"class": "SimpleStrategy", "replication_factor": 3}
    settings = {"create_keyspace": True, "replication": replication, "timeout": 10.0}
    with (
        servers.cassandra(nodes=3) as cluster,
        connect(f"{cluster.url}/three", settings | {"connect_timeout": 30}) as db,
    ):
        models = {
            "Safe": db.define("Safe", ROWS, {"versioned": True}),
            "Blind": db.define("Blind", ROWS, {"writes": "blind"}),
            "Shared": db.define("Shared", ROWS, {"versioned": True}),
        }
        db.autoupdate()
        models["Shared"].create(id="one", value=0)
        with Load(journal, models) as load:
            load.until(journal, PHASE)
            cluster.nodes[0].kill()
            load.until(journal, PHASE)
            cluster.nodes[0].start()
            cluster.nodes[0].wait_ready()
            load.until(journal, PHASE)
            after = dict(journal.told)
            load.until(journal, PHASE)
        assert not load.failed, load.failed
        assert not journal.wrong, (journal.wrong, journal.told)
        _holds(journal, models)
        lost = journal.told.get("no answer", 0) - after.get("no answer", 0)
        assert lost == 0, "with all nodes back, a read got no answer"


def _holds(journal: Journal, models: dict[str, Any]) -> None:
    """What was acknowledged is there; what was refused is not; a second look is no different."""
    for level in ("default", "session"):
        for (kind, key), possible in journal.held.items():
            row = models[kind].find({"where": {"id": key}}, consistency=level)
            value = row[0].value if row else None
            assert value in possible, f"{kind} {key} is {value}, and may be {possible}"
            assert value not in journal.refused.get((kind, key), ()), "what was refused is there"
    acknowledged, unknown = journal.added
    total = models["Shared"].find_by_id("one").value
    assert acknowledged <= total <= acknowledged + unknown
