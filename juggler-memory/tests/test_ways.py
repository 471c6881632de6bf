"""Every way to the rows leads to those that fulfil the condition, and to no others."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from memory_support import Bench, spec

from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import Between, Cmp, In, IsNull, Like, Not, Or, StartsWith, all_of

MODEL = spec(
    {"k": "str", "n": "int", "s": "str", "m": "int"},
    key=("k",),
    clustering=("n",),
    indexes={"s": ("s",), "sm": ("s", "m"), "ms": {"keys": ("m", "s"), "unique": False}},
)
LAYOUT = Layout(MODEL, MODEL.names)

texts = st.sampled_from(["", "a", "ab", "abc", "b", "b%"])
numbers = st.integers(0, 3)


def full() -> Bench:
    bench = Bench(MODEL)
    strings = [None, "", "a", "ab", "abc", "b", "b%"]
    for i in range(60):
        m = None if i % 7 == 0 else i % 4
        bench.insert(k=strings[1 + i % 6], n=i // 6, s=strings[i * 5 % 7], m=m)
    return bench


BENCH = full()


@st.composite
def conditions(draw: st.DrawFn) -> Any:
    path = draw(st.sampled_from(["k", "s", "n", "m"]))
    values = texts if path in {"k", "s"} else numbers
    value = draw(values)
    forms = [
        Cmp(path, draw(st.sampled_from(["eq", "eq", "ne", "lt", "le", "gt", "ge"])), value),
        In(path, tuple(dict.fromkeys([value, draw(values)]))),
        Between(path, *sorted([value, draw(values)])),
    ]
    if path in {"k", "s"}:
        forms.append(Like(path, f"{value}{draw(st.sampled_from(['%', '_', '']))}"))
        forms.append(StartsWith(path, str(value) or "a"))
    if path in {"s", "m"}:
        forms.append(IsNull(path))
    found = draw(st.sampled_from(forms))
    return Not(found) if draw(st.integers(0, 9)) == 0 else found


conjunctions = st.lists(conditions(), min_size=1, max_size=4).map(lambda parts: all_of(*parts))
wheres = st.one_of(
    conjunctions,
    conjunctions,
    st.lists(conjunctions, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    st.tuples(st.lists(conditions(), min_size=2, max_size=3), conditions()).map(
        lambda both: all_of(Or(tuple(both[0])), both[1])
    ),
)


@settings(max_examples=600, deadline=None)
@given(where=wheres, limit=st.none() | st.integers(1, 5))
def test_every_way_leads_to_the_matching_rows(where: Any, limit: int | None) -> None:
    keep = predicate(LAYOUT, where)
    wanted = sorted((row for row in BENCH.find() if keep(row)), key=lambda row: row[:2])
    assert BENCH.find(where, limit=limit) == wanted[:limit]
    assert BENCH.count(where) == len(wanted)
    by_text = sorted(wanted, key=lambda row: (row[2] is not None, row[2] or ""))
    assert BENCH.find(where, ["s"], limit=limit, page=2) == by_text[:limit]
