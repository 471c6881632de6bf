"""Binding: paths, types and literals are judged before anything is read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

import pytest
from filters_support import THING, array, model

from juggler.errors import CapabilityError, InvalidQueryError
from juggler.query import FieldsSel, bind_fields, bind_order, bind_where, parse_order, parse_where
from juggler.query.tree import (
    AnyElem,
    Between,
    Cmp,
    Contains,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Or,
    Where,
)
from juggler.values import GeoPoint, TypeKind, TypeSpec

K = TypeKind
STRICT = model(
    "Person",
    ("id",),
    id=K.INTEGER,
    name=K.STRING,
    age=K.NUMBER,
    born=K.DATETIME,
    active=K.BOOLEAN,
    home=K.GEO,
    tags=array(K.STRING),
    grid=array(array(K.INTEGER)),
    spots=array(K.GEO),
    data=K.ANY,
    obj=K.OBJECT,
    parts=TypeSpec(K.TUPLE, items=(TypeSpec(K.INTEGER), TypeSpec(K.STRING))),
)


def bind(where: Any) -> Where:
    return bind_where(STRICT, parse_where(where))


BOUND: list[tuple[Any, Any]] = [
    ({"age": "5"}, Cmp("age", "eq", 5)),
    ({"age": {"inq": ["1", 2.5]}}, In("age", (1, 2.5))),
    ({"age": {"inq": [1, None]}}, Or((In("age", (1,)), IsNull("age")))),
    ({"active": "true"}, Cmp("active", "eq", True)),  # noqa: FBT003 - the literal
    ({"born": {"gt": "2024-01-01"}}, Cmp("born", "gt", dt.datetime(2024, 1, 1, tzinfo=dt.UTC))),
    ({"home": "1,2"}, Cmp("home", "eq", GeoPoint(1, 2))),
    ({"home": {"lat": 1, "lng": 2}}, Cmp("home", "eq", GeoPoint(1, 2))),
    ({"home.lat": {"gt": "1"}}, Cmp("home.lat", "gt", 1)),
    ({"name": 5}, Cmp("name", "eq", "5")),
    ({"tags": {"gt": "a"}}, AnyElem("tags", Cmp("", "gt", "a"))),
    ({"tags": {"between": ["a", "b"]}}, AnyElem("tags", Between("", "a", "b"))),
    ({"tags": {"neq": "a"}}, Not(AnyElem("tags", Cmp("", "eq", "a")))),
    ({"tags": {"neq": ["a"]}}, Cmp("tags", "ne", ["a"])),
    ({"tags": {"like": "a_"}}, AnyElem("tags", Like("", "a_"))),
    ({"tags": {"inq": ["a", ["b"]]}}, Or((In("tags", (["b"],)), AnyElem("tags", In("", ("a",)))))),
    ({"tags": {"contains": 1}}, Contains("tags", "1")),
    ({"grid": [[1]]}, Cmp("grid", "eq", [[1]])),
    ({"grid": "1"}, AnyElem("grid", AnyElem("", Cmp("", "eq", 1)))),
    ({"data": "5"}, Cmp("data", "eq", "5")),
    ({"data": {"a": 1}}, Cmp("data", "eq", {"a": 1})),
    ({"obj": {"gtt": 1}}, Cmp("obj", "eq", {"gtt": 1})),
    ({"obj.a.b": Decimal(1)}, Cmp("obj.a.b", "eq", Decimal(1))),
    ({"parts.0": "1"}, Cmp("parts.0", "eq", 1)),
    ({"parts": [1, "a"]}, Cmp("parts", "eq", (1, "a"))),
    ({"age": {"inq": []}}, Or(())),
]


@pytest.mark.parametrize(("where", "tree"), BOUND[:-1])
def test_paths_and_literals_become_the_models(where: Any, tree: Any) -> None:
    assert repr(bind(where)) == repr(tree)


def test_distances_become_metres() -> None:
    near = bind({"home": {"near": [0, 0], "maxDistance": 1, "unit": "kilometers"}})
    assert isinstance(near, Near)
    assert (near.unit, near.max_distance) == ("meters", pytest.approx(1000))
    assert isinstance(bind({"spots": {"near": "0,0"}}), AnyElem)


REFUSED: list[tuple[Any, str]] = [
    ({"agee": 1}, "unknown-property"),
    ({"agee": {"inq": []}}, "unknown-property"),
    ({"*": 1}, "unknown-property"),
    ({"name.x": 1}, "unknown-property"),
    ({"parts.5": 1}, "unknown-property"),
    ({"home.x": 1}, "unknown-property"),
    ({"age": {"foo": 1}}, "unknown-operator"),
    ({"active": {"foo": 1}}, "unknown-operator"),
    ({"born": {"foo": 1}}, "unknown-operator"),
    ({"age": ""}, "not-a-number"),
    ({"age": "abc"}, "not-a-number"),
    ({"age": {"neq": "abc"}}, "not-a-number"),
    ({"age": True}, "not-a-number"),
    ({"age": {"inq": [True]}}, "not-a-number"),
    ({"age": float("nan")}, "not-a-number"),
    ({"active": "yes"}, "not-a-boolean"),
    ({"born": "soon"}, "not-a-datetime"),
    ({"born": "2024-01-01T00:00"}, "naive-datetime"),
    ({"home": {"near": [91, 0]}}, "out-of-range"),
    ({"home": {"near": "x"}}, "not-a-geopoint"),
    ({"home": {"near": [1, 2], "unit": "furlongs"}}, "unknown-unit"),
    ({"home": {"near": [1, 2], "unit": 5}}, "unknown-unit"),
    ({"home": {"gt": [1, 2]}}, "operator-type"),
    ({"age": {"like": "5%"}}, "operator-type"),
    ({"age": {"regexp": "5"}}, "operator-type"),
    ({"born": {"regexp": "5"}}, "operator-type"),
    ({"name": {"near": [1, 2]}}, "operator-type"),
    ({"name": {"contains": "a"}}, "operator-type"),
    ({"name": {"containsKey": "a"}}, "operator-type"),
    ({"name": {"any": {"eq": "a"}}}, "operator-type"),
    ({"obj": {"gt": {"a": 1}}}, "operator-type"),
    ({"obj.a": {"gt": {"a": 1}}}, "unorderable"),
    ({"data": {"lt": [1]}}, "unorderable"),
    ({"name": {"like": "a\\"}}, "bad-like"),
    ({"name": {"regexp": "("}}, "bad-regexp"),
    ({"data": {"regexp": "["}}, "bad-regexp"),
    ({"tags": {"any": {"regexp": "["}}}, "bad-regexp"),
    ({"tags": {"contains": ["a"]}}, "not-a-string"),
    ({"obj": 5}, "not-an-object"),
    ({"data": object()}, "not-json"),
]


@pytest.mark.parametrize(("where", "code"), REFUSED, ids=lambda value: repr(value)[:40])
def test_what_does_not_fit_is_refused(where: Any, code: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        bind(where)
    assert (caught.value.code, caught.value.model) == (code, "Person")
    assert caught.value.hint


def test_near_names_are_suggested() -> None:
    with pytest.raises(InvalidQueryError) as caught:
        bind({"nmae": 1})
    assert caught.value.hint == "did you mean 'name'?"
    with pytest.raises(InvalidQueryError) as caught:
        bind({"age": {"gtt": 1}})
    assert caught.value.hint == "did you mean 'gt'?"


def test_a_list_for_one_value_suggests_inq() -> None:
    with pytest.raises(InvalidQueryError) as caught:
        bind({"age": [1, 2]})
    assert "inq" in caught.value.hint


def test_expressions_are_judged_too() -> None:
    for tree in (Cmp("age", "gt", None), Between("age", 1, None), Like("name", 5)):  # type: ignore[arg-type]
        with pytest.raises(InvalidQueryError):
            bind_where(STRICT, tree)
    assert bind_where(STRICT, Cmp("age", "ne", None)) == Not(IsNull("age"))
    with pytest.raises(InvalidQueryError):
        bind_where(STRICT, "age > 5")  # type: ignore[arg-type]


def test_long_chains_of_expressions_bind() -> None:
    chain = reduce(or_, (Cmp("age", "eq", i) for i in range(5000)))
    assert len(bind_where(STRICT, chain).parts) == 5000  # type: ignore[arg-type, union-attr]
    nested: Any = Cmp("age", "eq", 0)
    for i in range(3000):
        nested = Or((nested, Cmp("age", "eq", i)))
    assert len(bind_where(STRICT, nested).parts) == 3001  # type: ignore[union-attr]


def test_deep_and_wide_expressions_are_refused() -> None:
    deep: Any = Cmp("age", "eq", 0)
    for _ in range(3000):
        deep = Not(deep)
    with pytest.raises(InvalidQueryError, match="levels"):
        bind_where(STRICT, deep)
    with pytest.raises(InvalidQueryError, match="10001"):
        bind_where(STRICT, Or((Cmp("age", "eq", 0),) * 10_001))


def test_catastrophic_patterns_are_refused_before_anything_is_read() -> None:
    for pattern in ("(a+)+$", ".*.*.*x", "(a|a)*b", r"(a)\1", "(?=a)b"):
        with pytest.raises(CapabilityError, match="bounded time") as caught:
            bind({"name": {"regexp": pattern}})
        assert "juggler-core[re2]" in caught.value.hint


def test_undeclared_properties_of_an_open_model_are_any() -> None:
    assert bind_where(THING, Cmp("whatever.x", "eq", "5")) == Cmp("whatever.x", "eq", "5")
    naive = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - the point
    with pytest.raises(InvalidQueryError, match="time zone"):
        bind_where(THING, Cmp("whatever", "eq", naive))
    bound = bind_where(THING, Cmp("whatever", "eq", naive), naive_utc=True)
    assert bound == Cmp("whatever", "eq", naive.replace(tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (None, None),
        (FieldsSel(("name", "id")), ("name", "id")),
        (("name", "name"), ("name",)),
        (FieldsSel(tuple(STRICT.names[1:]), exclude=True), ("id",)),
    ],
)
def test_fields(fields: Any, names: Any) -> None:
    assert bind_fields(STRICT, fields) == names


def test_fields_that_are_refused() -> None:
    for names in (("agee",), ("home.lat",), ("*",)):
        with pytest.raises(InvalidQueryError):
            bind_fields(STRICT, FieldsSel(names))
    with pytest.raises(InvalidQueryError, match="left out"):
        bind_fields(THING, FieldsSel(("ghost",), exclude=True))
    assert bind_fields(THING, FieldsSel(("ghost",))) == ("ghost",)
    assert "*" in (bind_fields(THING, FieldsSel(("name",), exclude=True)) or ())


def test_a_direction_is_a_word_and_no_sign() -> None:
    signed = model("M", ("id",), is_open=True, id=K.INTEGER, **{"-b": K.STRING})
    assert bind_order(signed, parse_order("-b")) == (("-b", "asc"),)
    for spec in (signed, STRICT):
        with pytest.raises(InvalidQueryError) as caught:
            bind_order(spec, parse_order("-name"))
        assert (caught.value.code, caught.value.hint) == ("bad-order", "'name DESC'")
