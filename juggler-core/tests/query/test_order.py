"""Order: null lowest, ties by ascending key, the same with a limit and from page to page."""

from __future__ import annotations

import math
from functools import cmp_to_key
from typing import Any

import pytest
from filters_support import THING, as_dict, model, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_reader import look

from juggler.errors import InvalidQueryError
from juggler.query import bind_order, bind_where, order_for, parse_order, parse_where
from juggler.query._undeclared import total
from juggler.query.evaluate import Layout
from juggler.query.order import after, sorter, values_of
from juggler.query.tree import TRUE, Near
from juggler.values import GeoPoint, TypeKind, distance, tagged

LAYOUT = Layout(THING, THING.names)
PATHS = [
    "id",
    "part",
    "name",
    "n",
    "flag",
    "at",
    "dec",
    "address.city",
    "address.zip",
    "items.0.qty",
    "tags.0",
    "loc.lat",
]
ORDERS = st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(["asc", "desc"])), max_size=3)
LOOSE = st.lists(
    st.tuples(
        st.sampled_from(["ghost", "obj.a", "anything", "n"]), st.sampled_from(["asc", "desc"])
    ),
    min_size=1,
    max_size=2,
)


def naive_sort(table: list[Any], order: Any) -> list[Any]:
    def compare(a: Any, b: Any) -> int:
        for path, direction in [*order, ("id", "asc"), ("part", "asc")]:
            x, y = look(as_dict(a), path), look(as_dict(b), path)
            if x == y:
                continue
            less = x is None or (y is not None and x < y)
            return -1 if less is (direction == "asc") else 1
        return 0

    return sorted(table, key=cmp_to_key(compare))


@settings(max_examples=150)
@given(ORDERS, rows(8), st.integers(0, 9))
def test_sorting_agrees_with_a_naive_sort(order: Any, table: Any, limit: int) -> None:
    sort = sorter(LAYOUT, bind_order(THING, tuple(order)))
    expected = naive_sort(table, order)
    assert sort(table) == expected
    assert sort(table, limit) == expected[:limit]


@settings(max_examples=100)
@given(LOOSE, rows(8), st.integers(1, 3))
def test_undeclared_values_have_one_order_with_and_without_limit(
    order: Any, table: Any, limit: int
) -> None:
    sort = sorter(LAYOUT, tuple(order))
    whole = sort(table)
    assert sort(list(reversed(table))) == whole
    assert sort(table, limit) == whole[:limit]
    path, direction = order[0]
    ranks = [total(look(as_dict(row), path)) for row in whole]
    assert ranks == sorted(ranks, reverse=direction == "desc")


@settings(max_examples=100)
@given(ORDERS | LOOSE, rows(8), st.integers(0, 7))
def test_after_continues_where_a_page_ended(order: Any, table: Any, at: int) -> None:
    terms = tuple(order)
    whole = sorter(LAYOUT, terms)(table)
    if not whole:
        return
    at = min(at, len(whole) - 1)
    last = (*values_of(LAYOUT, terms)(whole[at]), whole[at][0], whole[at][1])
    stored = tagged.loads(tagged.dumps(last))
    later = after(LAYOUT, terms, TRUE, stored)
    assert [row for row in whole if later(row)] == whole[at + 1 :]


ONE = model("One", ("id",), id=TypeKind.INTEGER, n=TypeKind.FLOAT)
ONE_LAYOUT = Layout(ONE, ONE.names)


@pytest.mark.parametrize("limit", [None, 2, 6, 30])
def test_top_of_many_rows(limit: int | None) -> None:
    table = [(i, None if i % 7 == 0 else float(i * 31 % 97)) for i in range(200)]
    for direction in ("asc", "desc"):
        expected = sorted(table, key=lambda row: row[0])
        expected.sort(
            key=lambda row: -math.inf if row[1] is None else row[1], reverse=direction == "desc"
        )
        assert sorter(ONE_LAYOUT, (("n", direction),))(table, limit) == expected[:limit]


def test_many_nulls_and_a_small_limit() -> None:
    table = [(i, None) for i in range(100, 0, -1)] + [(0, 1.0)]
    assert sorter(ONE_LAYOUT, (("n", "asc"),))(table, 2) == [(1, None), (2, None)]
    assert sorter(ONE_LAYOUT, (("n", "desc"),))(table, 2) == [(0, 1.0), (1, None)]


def test_keys_are_numbers_not_texts() -> None:
    assert sorter(ONE_LAYOUT, ())([(10, 1.0), (9, 1.0)]) == [(9, 1.0), (10, 1.0)]


@pytest.mark.parametrize("limit", [None, 4, 1])
def test_nan_is_the_greatest_number(limit: int | None) -> None:
    table = [(1, math.nan), (2, 5.0), (3, None), (4, math.inf)] + [(i, 0.0) for i in range(5, 15)]
    ids = [row[0] for row in sorter(ONE_LAYOUT, (("n", "desc"),))(table, limit)]
    assert ids == [1, 4, 2, *range(5, 15), 3][:limit]


def test_a_store_that_holds_another_type_still_sorts() -> None:
    assert sorter(ONE_LAYOUT, (("n", "asc"),))([(1, "x"), (2, 1.0)]) == [(2, 1.0), (1, "x")]


def test_a_near_orders_by_distance_unless_an_order_is_given() -> None:
    place = model("Place", ("id",), id=TypeKind.INTEGER, loc=TypeKind.GEO)
    where = bind_where(place, parse_where({"loc": {"near": [0, 0]}}))
    assert order_for(where, ()) == (("distance(loc)", "asc"),)
    assert order_for(where, (("id", "desc"),)) == (("id", "desc"),)
    assert order_for(TRUE, ()) == ()
    table = [(1, GeoPoint(5, 5)), (2, None), (3, GeoPoint(1, 1)), (4, GeoPoint(1, 1))]
    order = order_for(where, ())
    layout = Layout(place, place.names)
    assert [row[0] for row in sorter(layout, order, where)(table)] == [2, 3, 4, 1]
    assert isinstance(where, Near)
    ((rank, away),) = values_of(layout, order, where)(table[0])
    assert (rank, away) == (2, distance(where.point, GeoPoint(5, 5), "meters"))


def test_distance_without_a_near_is_refused() -> None:
    order = bind_order(THING, parse_order("distance(loc) DESC"))
    with pytest.raises(InvalidQueryError, match="no point"):
        order_for(TRUE, order)
    with pytest.raises(InvalidQueryError, match="no point"):
        sorter(LAYOUT, order, TRUE)


@pytest.mark.parametrize(
    "path", ["tags", "items.sku", "address", "loc", "obj", "counts", "distance(n)"]
)
def test_what_has_no_order_is_refused(path: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        bind_order(THING, parse_order(path))
    assert caught.value.code == "unorderable"


def test_a_path_named_twice_counts_the_first_time() -> None:
    assert bind_order(THING, parse_order("n DESC, name, n")) == (("n", "desc"), ("name", "asc"))


@pytest.mark.parametrize(
    "form",
    ["a DESC, b", ["a DESC", "b"], ["a desc, b"], " a  DESC ,b ASC", [("a", "desc"), ("b", "asc")]],
)
def test_forms_of_an_order(form: Any) -> None:
    assert parse_order(form) == (("a", "desc"), ("b", "asc"))


@pytest.mark.parametrize("form", [None, "", " ", [], ()])
def test_no_order(form: Any) -> None:
    assert parse_order(form) == ()


@pytest.mark.parametrize(
    "form",
    [
        "a DOWN",
        "a DESC x",
        "a,,b",
        ",",
        {"a": "desc"},
        5,
        [5],
        ["a", None],
        "$a",
        "a..b",
        ["a", ["b"]],
    ],
)
def test_other_orders_are_refused(form: Any) -> None:
    with pytest.raises(InvalidQueryError):
        parse_order(form)
