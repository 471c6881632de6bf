"""Several who change one row: nobody's change is lost, with optimistic locking and without."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import ConflictError
from juggler_conformance.oracle.values import equal
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.schedule import run_tasks, run_threads
from juggler_conformance.strategies.every import every_row
from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

_ROW = {"id": "k1", "name": "a", "hits": 0}


@conforms("concurrency", usually="the version is not part of the write's condition")
def stale_instances_conflict(session: Session) -> None:
    """A change of an instance that is no longer current is a ConflictError that carries the row."""
    shape = session.shape("ConfVersioned")
    if shape is None:
        return

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            bench.create(_ROW)
            mine, other = _held(bench, "mine"), _held(bench, "other")
            how = draw(st.sampled_from(("save", "patch", "replace", "delete")))
            bench.call("patch", {"hits": 5}, owner=other, said="other")
            bench.table.patch(("k1",), {"hits": 5})
            error = _stale(bench, mine, how)
            assert error.current is not None, "the conflict does not carry the current row"
            assert bench.same(plain_row(error.current), bench.table.rows[("k1",)])
            assert error.outcome == "none"
            bench.check()
            bench.call("reload", owner=mine, said="mine")
            bench.call("patch", {"hits": 6}, owner=mine, said="mine", if_unchanged=True)
            bench.table.patch(("k1",), {"hits": 6})
            stale = _held(bench, "stale")
            bench.call("patch", {"name": "b"}, owner=mine, said="mine")
            bench.call("patch", {"hits": 7}, owner=stale, said="stale", if_unchanged=False)
            bench.table.patch(("k1",), {"name": "b", "hits": 7})
            bench.check()

    session.examples(body, scale=0.4)


def _held(bench: Bench, name: str) -> Any:
    """The row as an instance, which programs know by that name."""
    found = bench.get(("k1",))
    bench.session.journal.keep(name)
    return found


def _stale(bench: Bench, instance: Any, how: str) -> Any:
    """The conflict of a change of an instance that is no longer current."""
    if how == "save":
        instance["name"] = "mine"
        bench.session.journal.lines.append('mine["name"] = "mine"')
    values = ({"name": "mine"},) if how in {"patch", "replace"} else ()
    return bench.refused(ConflictError, how, *values, owner=instance, said="mine")


@conforms("concurrency", usually="read and write of a patch are not one step in the store")
def no_update_is_lost(session: Session) -> None:
    """Threads and tasks that add to one row, with if_unchanged and retries, lose nothing."""
    shape = session.shape("ConfVersioned")
    if shape is None:
        return

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            bench.create(_ROW)
            workers, rounds = draw(st.integers(2, 4)), draw(st.integers(1, 3))
            session.journal.note(f"{workers} at once add 1 to the hits of k1, {rounds} times each")
            if draw(st.booleans()):
                run_threads([_adder(bench, rounds)] * workers)
            else:
                run_tasks(session, [lambda: _add(bench, rounds)] * workers, draw)
            bench.table.patch(("k1",), {"hits": workers * rounds})
            bench.check()

    session.examples(body, scale=0.5)


def _adder(bench: Bench, rounds: int) -> Callable[[], None]:
    def add() -> None:
        with bench.session.db.options(allow_scan=True):
            for _ in range(rounds):
                while True:
                    row = bench.model.find_by_id("k1")
                    try:
                        row.patch({"hits": row["hits"] + 1}, if_unchanged=True)
                    except ConflictError:
                        continue
                    break

    return add


async def _add(bench: Bench, rounds: int) -> None:
    for _ in range(rounds):
        while True:
            row = await bench.model.aio.find_by_id("k1")
            try:
                await row.aio.patch({"hits": row["hits"] + 1}, if_unchanged=True)
            except ConflictError:
                continue
            break


@conforms(
    "concurrency",
    keeps=True,
    usually="a patch that reads the row, changes it and writes it back, while others do the same",
)
def patches_at_once_are_kept(session: Session) -> None:
    """Patches of different properties of one row at once are all kept, or told to conflict."""
    shape = session.simple()
    if not session.caps.patch:
        return
    values = {
        name: next(row[name] for row in every_row(shape, session.limits) if row[name] is not None)
        for name in shape.plain_names
    }

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            bench.create({**dict.fromkeys(shape.types), "id": "k1"})
            held = {name: bench.model.find_by_id("k1") for name in values}
            kept: list[str] = []
            told = ", ".join(f"patch({literal({name: values[name]})})" for name in values)
            session.journal.note(f"at once, each of an instance of its own: {told}")
            if draw(st.booleans()):
                run_threads([_patcher(held[name], {name: values[name]}, kept) for name in values])
            else:
                tasks = [partial(_patch, held[name], {name: values[name]}, kept) for name in values]
                run_tasks(session, tasks, draw)
            found = plain_row(bench.model.find_by_id("k1"))
            lost = [name for name in kept if not equal(found[name], values[name])]
            assert not lost, f"patches of {', '.join(lost)} were acknowledged, and are gone"

    session.examples(body, scale=0.3)


def _patcher(instance: Any, values: dict[str, Any], kept: list[str]) -> Callable[[], None]:
    def patch() -> None:
        with suppress(ConflictError):
            instance.patch(values, if_unchanged=False)
            kept.extend(values)

    return patch


async def _patch(instance: Any, values: dict[str, Any], kept: list[str]) -> None:
    with suppress(ConflictError):
        await instance.aio.patch(values, if_unchanged=False)
        kept.extend(values)
