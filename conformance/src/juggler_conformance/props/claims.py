"""What is claimed beyond rows and queries: unique values, time to live, transactions, deltas."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.connector.port import drive
from juggler.connector.writes import Add, Append, Inc, Remove, WriteOp, WriteOptions
from juggler.errors import CapabilityError, DuplicateKeyError, JugglerError
from juggler.values.types import TypeKind
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

#: Seconds to wait for a row to expire in a store with a clock of its own.
_PATIENCE = 20.0


@conforms("core", usually="unique is looked up before the write instead of enforced by it")
def unique_values_are_unique(session: Session) -> None:
    """A second row with a unique value is refused in every kind of write; null may repeat."""
    shape = session.shape("ConfUnique")
    if shape is None:
        return

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            email = draw(st.sampled_from(("a@x", "b@x")))
            bench.create({"id": "k1", "email": email, "rank": 1})
            bench.create({"id": "k2", "email": None, "rank": 2})
            bench.create({"id": "k3", "email": None, "rank": 3})
            bench.touched[("k9",)] = None
            how = draw(st.sampled_from(("create", "put", "patch", "replace", "update_all")))
            _collides(bench, how, email)
            bench.check()
            bench.patch(("k1",), {"email": None})
            bench.patch(("k2",), {"email": email})
            bench.delete(("k2",))
            bench.create({"id": "k2", "email": email, "rank": 2})
            bench.check()

    session.examples(body, scale=0.5)


def _collides(bench: Bench, how: str, email: str) -> None:
    calls: dict[str, Callable[[], Any]] = {
        "create": lambda: bench.call("create", {"id": "k9", "email": email}),
        "put": lambda: bench.call("replace_or_create", {"id": "k2", "email": email}),
        "replace": lambda: bench.call("replace_by_id", "k2", {"email": email}),
        "patch": lambda: bench.call("patch", {"email": email}, owner=bench.model.find_by_id("k2")),
        "update_all": lambda: bench.call("update_all", {"id": "k2"}, {"email": email}),
    }
    try:
        answer = calls[how]()
    except DuplicateKeyError as error:
        bench.session.reach.refusal(error)
    else:
        message = f"{how} wrote a unique value for the second time: {answer!r}"
        raise AssertionError(message)


@conforms("core", keeps=True, usually="expired rows are found until somebody cleans up")
def rows_expire(session: Session) -> None:
    """Rows written with a ttl are there, and gone when it is over; others stay."""
    if not session.caps.ttl:
        return
    shape = session.simple()
    clock = _Clock()
    in_process = session.inside.info.io == "instant"
    other = session.another(clock=clock) if in_process else session
    try:
        with other.bench(shape) as bench:
            bench.create({**dict.fromkeys(shape.types), "id": "k1"})
            bench.touched[("k2",)] = None
            with other.db.options(ttl=2):
                bench.model.create({"id": "k2"})
            assert bench.model.find_by_id("k2") is not None, "gone before its time"
            clock.now += 1
            assert bench.model.count() == 2 or not in_process  # noqa: PLR2004 - both
            clock.now += 5
            _await(lambda: bench.model.find_by_id("k2") is None, wait=not in_process)
            bench.check()
            bench.count(bench.everything)
    finally:
        if other is not session:
            other.close()


class _Clock:
    """Seconds since the epoch, by hand."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def _await(condition: Callable[[], bool], *, wait: bool) -> None:
    end = time.monotonic() + (_PATIENCE if wait else 0)
    while not condition():
        assert time.monotonic() < end, "the row is there after its time to live"
        time.sleep(0.1)


@conforms("concurrency", usually="a rollback that leaves some of the writes")
def transactions_are_one(session: Session) -> None:
    """A transaction that ends well is there as a whole; one that raises leaves nothing."""
    if not session.caps.transactions:
        return
    shape = session.simple()

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            bench.create(draw(rows(shape, session.limits)))
            more = draw(st.lists(rows(shape, session.limits), min_size=1, max_size=4))
            bench.touched.update(dict.fromkeys(map(bench.table.key_of, more)))
            fails = draw(st.booleans())
            with suppress(ZeroDivisionError), session.db.transaction():
                for row in more:
                    bench.model.replace_or_create(dict(row))
                assert 1 // (not fails), "fails with a ZeroDivisionError, or goes on"
            for row in () if fails else more:
                bench.table.put(row)
            bench.check()

    session.examples(body, scale=0.5)


@conforms("core", keeps=True, usually="a delta that replaces the value it should change")
def deltas_change_values_in_place(session: Session) -> None:
    """Append, Add, Remove and Inc change arrays, sets, maps and numbers as they say."""
    if not session.caps.collection_deltas:
        return
    for name, before, delta, after in _deltas(session):
        shape = next(s for s in session.shapes if name in s.types)
        session.fresh()
        with session.explained(), session.bench(shape) as bench:
            row = {**dict.fromkeys(shape.types), "id": "k1", name: before}
            bench.create(row)
            session.journal.note(f"patch {name} with {delta!r}, at the port")
            op = WriteOp("patch", ("k1",), {name: delta})
            claimed = (
                bench.caps.counters if isinstance(delta, Inc) else bench.caps.collection_deltas
            )
            try:
                (result,) = drive(
                    session.inside.port.call("write", bench.spec, (op,), WriteOptions(records=True))
                )
            except CapabilityError as error:
                assert not claimed, f"{delta!r} is claimed, and refused: {error}"
                session.reach.refusal(error)
            else:
                assert claimed, f"{delta!r} is not claimed, and went through"
                assert result.status == "patched", f"{delta!r}: {result.status}"
                bench.table.patch(("k1",), {name: after})
            bench.check()


def _deltas(session: Session) -> list[tuple[str, Any, Any, Any]]:
    wanted: list[tuple[str, TypeKind, Any, Any, Any]] = [
        ("tags", TypeKind.ARRAY, ["a", "b"], Append(["c", "a"]), ["a", "b", "c", "a"]),
        ("tags", TypeKind.ARRAY, ["b"], Append(["a"], front=True), ["a", "b"]),
        ("tags", TypeKind.ARRAY, None, Append(["a"]), ["a"]),
        ("tags", TypeKind.ARRAY, ["a", "b", "a"], Remove(["a"]), ["b"]),
        ("labels", TypeKind.SET, frozenset("ab"), Add(["c", "a"]), frozenset("abc")),
        ("labels", TypeKind.SET, frozenset("ab"), Remove(["a"]), frozenset("b")),
        ("attrs", TypeKind.MAP, {"k": 1}, Add({"l": 2, "k": 3}), {"k": 3, "l": 2}),
        ("attrs", TypeKind.MAP, {"k": 1, "l": 2}, Remove(["k"]), {"l": 2}),
    ]
    if session.caps.counters:
        wanted.append(("rank", TypeKind.INTEGER, 2, Inc(3), 5))
    there = {name: spec.kind for shape in session.shapes for name, spec in shape.types.items()}
    return [(n, before, d, after) for n, k, before, d, after in wanted if there.get(n) is k]


@conforms("core", keeps=True, usually="levels in the claims that a call refuses")
def consistency_levels_are_taken(session: Session) -> None:
    """Every consistency level that is claimed is accepted and reads what was written before."""
    levels = sorted(session.caps.consistency.get("levels", ()))
    shape = session.simple()
    for level in levels:
        session.fresh()
        with session.explained(), session.bench(shape) as bench:
            with session.db.options(consistency=level):
                row = {**dict.fromkeys(shape.types), "id": "k1"}
                bench.create(row)
                if level != "eventual":
                    bench.get(("k1",))
                    found = bench.model.find({"where": {"id": "k1"}})  # strong is per key
                    assert [plain_row(one)["id"] for one in found] == ["k1"]
            session.reach.saw("consistency", level)
            try:
                bench.model.find({}, consistency="no-such-level")
            except JugglerError as error:
                session.reach.refusal(error)
            else:
                message = "an unknown consistency level was taken"
                raise AssertionError(message)
