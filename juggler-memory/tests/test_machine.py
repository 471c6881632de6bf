"""The connector against a dictionary, step by step."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from memory_support import Bench, spec

from juggler.connector import WriteOp
from juggler.errors import DuplicateKeyError
from juggler.query.evaluate import Layout, predicate
from juggler.query.order import sorter
from juggler.query.tree import (
    FALSE,
    TRUE,
    And,
    Between,
    Cmp,
    In,
    IsNull,
    Like,
    Not,
    Or,
    StartsWith,
    all_of,
)

MODEL = spec(
    {"a": "int", "b": "str", "n": "int", "s": "str", "x": "num", "o": "obj", "u": "int"},
    key=("a",),
    clustering=("b",),
    indexes={
        "n": ("n",),
        "s": ("s",),
        "ns": ("n", "-s"),
        "snx": ("s", "n", "x"),
        "ok": ("o.k",),
        "u": {"keys": ("u",), "unique": True},
    },
)
LAYOUT = Layout(MODEL, MODEL.names)

few = st.integers(0, 3)
letters = st.sampled_from(["", "a", "ab", "b", "é", "z"])
numbers = st.one_of(few, st.sampled_from([0.5, 1.0, 2.5]))
VALUES: dict[str, Any] = {
    "a": few,
    "b": letters,
    "n": few,
    "s": letters,
    "x": numbers,
    "o": st.fixed_dictionaries({}, optional={"k": few, "l": letters}),
    "u": st.integers(0, 8),
}
nullable = {
    name: values if name in MODEL.key.names else st.none() | values
    for name, values in VALUES.items()
}
rows = st.tuples(*(nullable[name] for name in MODEL.names))
keys = st.tuples(VALUES["a"], VALUES["b"])
changes = st.fixed_dictionaries({}, optional={n: nullable[n] for n in ("n", "s", "x", "o", "u")})


@st.composite
def comparisons(draw: st.DrawFn) -> Any:
    path = draw(st.sampled_from(["a", "b", "n", "s", "x", "o.k", "u"]))
    values = VALUES["n"] if path == "o.k" else VALUES[path]
    form = draw(st.sampled_from(["cmp", "in", "between", "null", "starts", "like"]))
    if form == "cmp":
        ops = ["eq", "ne"] if path == "o.k" else ["eq", "ne", "lt", "le", "gt", "ge"]
        return Cmp(path, draw(st.sampled_from(ops)), draw(values))
    if form == "in":
        return In(path, tuple(draw(st.lists(values, min_size=1, max_size=3, unique=True))))
    if form == "between" and path != "o.k":
        low, high = sorted([draw(values), draw(values)])
        return Between(path, low, high)
    if form == "starts":
        return StartsWith("s", draw(letters.filter(bool)))
    if form == "like":
        return Like("s", draw(letters) + draw(st.sampled_from(["%", "_", ""])))
    return IsNull(path)


wheres = st.recursive(
    st.one_of(st.just(TRUE), comparisons()),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=4,
)
orders = st.lists(
    st.tuples(st.sampled_from(["a", "b", "n", "s", "x", "u"]), st.sampled_from(["asc", "desc"])),
    max_size=3,
    unique_by=lambda term: term[0],
)


class Machine(RuleBasedStateMachine):
    """Everything is written twice and every answer compared."""

    @initialize()
    def begin(self) -> None:
        self.bench = Bench(MODEL)
        self.rows: dict[Any, tuple[Any, ...]] = {}
        self.versions: dict[Any, str] = {}

    def taken(self, key: Any, row: tuple[Any, ...]) -> bool:
        u = row[6]
        return u is not None and any(r[6] == u for k, r in self.rows.items() if k != key)

    def expect(self, result: Any, key: Any, row: tuple[Any, ...] | None, status: str) -> None:
        if row is not None and self.taken(key, row):
            assert result.status == "failed"
            assert isinstance(result.error, DuplicateKeyError)
            return
        assert result.status == status
        if row is None:
            self.rows.pop(key, None)
            self.versions.pop(key, None)
        else:
            self.rows[key] = row
            assert result.version != self.versions.get(key)
            self.versions[key] = result.version

    @rule(row=rows, kind=st.sampled_from(["insert", "put", "replace"]))
    def write(self, row: tuple[Any, ...], kind: str) -> None:
        key = row[:2]
        (result,) = self.bench.write(WriteOp(kind, key, row))  # type: ignore[arg-type]
        there = key in self.rows
        if kind == "insert" and there:
            assert isinstance(result.error, DuplicateKeyError)
        elif kind == "replace" and not there:
            assert result.status == "missing"
        else:
            status = "replaced" if there else "created"
            self.expect(result, key, row, status)

    @rule(key=keys, change=changes, stale=st.booleans())
    def patch(self, key: Any, change: dict[str, Any], *, stale: bool) -> None:
        version = "0" if stale else self.versions.get(key)
        (result,) = self.bench.write(WriteOp("patch", key, change, if_version=version))
        if key not in self.rows:
            assert result.status == "missing"
        elif stale:
            assert result.status == "conflict"
        else:
            row = dict(zip(MODEL.names, self.rows[key], strict=True)) | change
            self.expect(result, key, tuple(row.values()), "patched")

    @rule(key=keys)
    def delete(self, key: Any) -> None:
        (result,) = self.bench.write(WriteOp("delete", key))
        self.expect(result, key, None, "deleted" if key in self.rows else "missing")

    @rule(where=wheres, change=changes.filter(lambda change: "u" not in change))
    def update_where(self, where: Any, change: dict[str, Any]) -> None:
        matches = [key for key, row in self.rows.items() if predicate(LAYOUT, where)(row)]
        result = self.bench.update_where(where, change)
        assert (result.matched, result.changed) == (len(matches), len(matches))
        for key in matches:
            row = dict(zip(MODEL.names, self.rows[key], strict=True)) | change
            self.rows[key] = tuple(row.values())
        got = self.bench.connector.get(MODEL, matches, MODEL.names, self.bench.ctx)
        self.versions.update(zip(matches, got.versions or (), strict=True))

    @rule(where=wheres)
    def delete_where(self, where: Any) -> None:
        where = And((where, Cmp("n", "eq", 1)))
        matches = [key for key, row in self.rows.items() if predicate(LAYOUT, where)(row)]
        assert self.bench.delete_where(where).changed == len(matches)
        for key in matches:
            del self.rows[key], self.versions[key]

    @rule(
        where=wheres,
        order=orders,
        page=st.sampled_from([1, 2, 3, 1 << 31]),
        limit=st.none() | st.integers(1, 6),
    )
    def find(self, where: Any, order: Any, page: int, limit: int | None) -> None:
        matching = [row for row in self.rows.values() if predicate(LAYOUT, where)(row)]
        wanted = sorter(LAYOUT, tuple(order))(matching)
        if not order:
            wanted = sorted(matching, key=lambda row: row[:2])
        query = self.bench.query(where, limit=limit)
        plan = self.bench.connector.plan(
            type(query)(MODEL, where, tuple(order), limit=limit), self.bench.schema
        )
        assert self.bench.run(plan, page) == wanted[:limit]
        assert self.bench.connector.count(plan, self.bench.ctx) == len(matching)

    @invariant()
    def every_row_is_there(self) -> None:
        if not hasattr(self, "bench"):
            return
        all_keys = list(self.rows)
        got = self.bench.connector.get(MODEL, all_keys, MODEL.names, self.bench.ctx)
        assert list(got.rows) == list(self.rows.values())
        assert list(got.versions or ()) == [self.versions[key] for key in all_keys]
        assert self.bench.count() == len(self.rows)
        assert self.bench.connector.plan(self.bench.query(FALSE), self.bench.schema).path == "empty"


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
