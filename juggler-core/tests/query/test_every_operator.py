"""Every operator on every path with many literals, over rows that hold such values."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from typing import Any

from filters_support import PATHS, THING, as_dict
from naive_reader import naive

from juggler.errors import InvalidQueryError
from juggler.query import bind_where, parse_where
from juggler.query.evaluate import Layout, select
from juggler.query.normalise import normalise
from juggler.query.tree import FALSE
from juggler.spec import EXTRA
from juggler.values import GeoPoint, TypeKind, coercer

LAYOUT = Layout(THING, THING.names)
MOMENT = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)
NASTY: list[Any] = [
    None, 0, 1, 1.0, -1.5, Decimal(1), True, False, "", "a", "A", "ab", "1", "a%b", "x\ny", "😀",
    MOMENT, dt.date(2024, 1, 2), b"a", GeoPoint(1, 2), [], ["a"], ["a", "b"], [1], [True], [None],
    [["a"]], {}, {"a": 1}, {"a": True}, {"a": None}, {"a": {"b": 1}}, {"a": ["a", 1]}, {"b": [1]},
    {"lat": 1, "lng": 2}, [{"a": "ab"}, {"b": 1}],
]  # fmt: skip
OF: dict[TypeKind, list[Any]] = {
    TypeKind.INTEGER: [0, 1, 2],
    TypeKind.STRING: ["", "a", "A", "ab", "1", "a%b", "x\ny"],
    TypeKind.NUMBER: [0, 1, 1.0, -1.5, 2**60],
    TypeKind.BOOLEAN: [True, False],
    TypeKind.DATETIME: [MOMENT, MOMENT + dt.timedelta(1)],
    TypeKind.DECIMAL: [Decimal(1), Decimal("1.50"), Decimal(0)],
    TypeKind.GEO: [GeoPoint(1, 2), GeoPoint(0, 0), GeoPoint(60, 2)],
    TypeKind.SET: [[], [1], [0, 1]],
    TypeKind.MAP: [{}, {"a": 1}, {"a": None, "b": 0}],
    TypeKind.OBJECT: [value for value in NASTY if isinstance(value, dict)],
    TypeKind.ANY: NASTY,
}
BY_NAME: dict[str, list[Any]] = {
    "tags": [[], ["a"], ["a", None], ["ab", "b", "a"]],
    "nums": [[], [1], [0, 1.0, 2]],
    "items": [[], [{"sku": "a", "qty": 1}], [{"tags": ["a"]}, {"sku": "ab", "tags": []}]],
    "address": [{"city": "a", "zip": 1}, {"city": None}, {"zip": 0}],
}
WORDS = ["eq", "neq", "gt", "gte", "lt", "lte", "like", "nlike", "ilike", "nilike", "regexp",
         "contains", "containsKey", "near"]  # fmt: skip


def a_row(chance: random.Random, at: int) -> tuple[Any, ...]:
    row = []
    for field in THING.fields:
        pool = BY_NAME.get(field.name) or OF[field.type.kind]
        value = None if chance.random() < 0.15 else chance.choice(pool)
        if field.name == "id":
            value = at
        if field.name == EXTRA:
            value = {"ghost": chance.choice(NASTY)} if chance.random() < 0.9 else None
        row.append(coercer(field.type)(value))
    return tuple(row)


ROWS = [a_row(random.Random(seed), seed) for seed in range(40)]  # noqa: S311 - the same rows always
DICTS = [as_dict(row) for row in ROWS]


def conditions(path: str) -> list[Any]:
    found: list[Any] = [{path: None}, {path: {"exists": True}}]
    for value in NASTY:
        found += [{path: {word: value}} for word in WORDS]
        found += [{path: {word: [value, "ab", None, 1]}} for word in ("inq", "nin")]
        found += [{path: {"between": [value, other]}} for other in (1, "b", MOMENT)]
        found += [{path: {"any": {word: value}}} for word in ("eq", "gt", "like")]
        found += [{path: {"any": {"a": value}}}]
    found += [
        {path: {"near": [1, 2], "maxDistance": 500}},
        {path: {"near": [1, 2], "minDistance": 1}},
    ]
    return found


def test_every_operator_on_every_path() -> None:
    reached: Counter[str] = Counter()
    for path in PATHS:
        for where in conditions(path):
            with suppress(InvalidQueryError):
                tree = bind_where(THING, parse_where(where))
                normal = normalise(tree)
                expected = [row for row, data in zip(ROWS, DICTS, strict=True) if naive(tree, data)]
                assert select(LAYOUT, tree)(ROWS) == expected, where
                assert select(LAYOUT, normal)(ROWS) == expected, where
                condition = where[path] or {"null": None}
                reached[f"{path} {next(iter(condition))}"] += 0 < len(expected) < len(ROWS)
                if normal is FALSE:
                    assert not expected
    assert sum(reached.values()) > 2000
    words = {name.split()[1] for name, count in reached.items() if count}
    assert words == {*WORDS, "null", "exists", "inq", "nin", "between", "any"}
