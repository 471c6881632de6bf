"""Trees go back to LoopBack's JSON and come again as they were."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from filters_support import FILTERS, THING, as_dict, bound, rows
from hypothesis import given, settings
from naive_reader import naive

from juggler.query import FieldsSel, bind_where, parse_filter, parse_where
from juggler.query.normalise import normalise
from juggler.query.tree import And, AnyElem, Cmp, Not, StartsWith
from juggler.query.unparse import filter_to_dict, where_to_dict
from juggler.values.jsonable import to_jsonable


@settings(max_examples=500)
@given(FILTERS)
def test_a_parsed_tree_comes_back_as_it_was(where: Any) -> None:
    tree = parse_where(to_jsonable(where))
    written = where_to_dict(tree)
    assert parse_where(json.loads(json.dumps(written))) == tree


@settings(max_examples=300)
@given(FILTERS, rows())
def test_what_explain_shows_means_the_same(where: Any, table: Any) -> None:
    plain = to_jsonable(where)
    tree = normalise(bound(plain))
    again = bound(where_to_dict(tree))
    for row in map(as_dict, table):
        assert naive(again, row) == naive(tree, row)


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"or": []},
        {"a": 1},
        {"a": None},
        {"a": {"neq": None}},
        {"a": {"gt": 1, "lt": 5}, "b": "x"},
        {"a": {"gt": 1}, "or": [{"b": 1}, {"c": {"like": "x%"}}]},
        {"and": [{"a": {"gt": 1}}, {"b": 1}, {"a": {"lt": 5}}]},
        {"and": [{"or": [{"a": 1}, {"b": 1}]}, {"or": [{"a": 2}, {"b": 2}]}]},
        {"a": {"eq": {"b": 1}}},
        {"a": [1, 2]},
        {"a": {"nin": [1, None]}},
        {"not": {"a": {"gt": 1}}},
        {"a": {"regexp": "/x/im"}},
        {"a": {"regexp": "//x/"}},
        {"a": {"near": {"lat": 1.0, "lng": 2.0}, "maxDistance": 5.0, "unit": "feet"}},
        {"tags": {"elemMatch": {"gt": "a", "lt": "c"}}},
        {"tags": {"elemMatch": {"elemMatch": {"contains": 1}}}},
        {"items": {"elemMatch": {"sku": "a", "qty": {"gt": 1}}}},
    ],
)
def test_the_spelling_is_loopbacks(where: Any) -> None:
    assert where_to_dict(parse_where(where)) == where


def test_conditions_of_an_element_and_of_its_properties_stay_apart() -> None:
    tree = AnyElem("a", And((Cmp("", "gt", 1), Cmp("b", "eq", 1))))
    assert parse_where(where_to_dict(tree)) == tree
    tree = AnyElem("a", And((Cmp("", "gt", 1), Not(Cmp("", "eq", 7)))))
    assert parse_where(where_to_dict(tree)) == tree


def test_values_that_json_does_not_have_bind_to_the_same() -> None:
    moment = dt.datetime(2024, 5, 1, 12, 0, 0, 5000, dt.UTC)
    tree = And((Cmp("at", "gt", moment), Cmp("dec", "eq", Decimal("1.50"))))
    written = where_to_dict(tree)
    assert written == {"at": {"gt": "2024-05-01T12:00:00.005Z"}, "dec": "1.50"}
    assert bind_where(THING, parse_where(written)) == tree


def test_a_prefix_is_written_as_a_pattern() -> None:
    assert where_to_dict(StartsWith("a", "50%_\\")) == {"a": {"like": "50\\%\\_\\\\%"}}


def test_a_filter_comes_back() -> None:
    written = {
        "where": {"a": 1},
        "order": ["a DESC", "b"],
        "limit": 0,
        "skip": 2,
        "fields": {"a": False},
        "include": ["posts"],
    }
    parsed = parse_filter(written)
    assert filter_to_dict(parsed) == written
    assert parsed.fields == FieldsSel(("a",), exclude=True)
    assert filter_to_dict(parse_filter({})) == {}
