"""LoopBack's filter spelling: what it means, and what is refused instead of ignored."""

from __future__ import annotations

import re
from typing import Any

import pytest

from juggler.errors import InvalidQueryError
from juggler.query import FieldsSel, Filter, parse_fields, parse_filter, parse_where
from juggler.query.tree import (
    FALSE,
    TRUE,
    And,
    AnyElem,
    Between,
    Cmp,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Or,
    Regex,
)

MEANINGS: list[tuple[Any, Any]] = [
    (None, TRUE),
    ({}, TRUE),
    ({"a": 1}, Cmp("a", "eq", 1)),
    ({"a": None}, IsNull("a")),
    ({"a": {"eq": None}}, IsNull("a")),
    ({"a": {"neq": None}}, Not(IsNull("a"))),
    ({"a": {"gt": 1, "lt": 5}}, And((Cmp("a", "gt", 1), Cmp("a", "lt", 5)))),
    (
        {"a": 1, "or": [{"b": 2}, {"c": 3}]},
        And((Cmp("a", "eq", 1), Or((Cmp("b", "eq", 2), Cmp("c", "eq", 3))))),
    ),
    ({"and": []}, TRUE),
    ({"or": []}, FALSE),
    ({"nor": []}, Not(FALSE)),
    ({"not": {"a": 1}}, Not(Cmp("a", "eq", 1))),
    ({"a": {"not": {"gt": 1}}}, Not(Cmp("a", "gt", 1))),
    ({"a": {"not": None}}, Not(IsNull("a"))),
    ({"a": {"between": [1, 2]}}, Between("a", 1, 2)),
    ({"a": {"inq": [1, None]}}, In("a", (1, None))),
    ({"a": {"nin": [1]}}, Not(In("a", (1,)))),
    ({"a": {"like": "x", "options": "i"}}, Like("a", "x", ci=True)),
    ({"a": {"nilike": "x"}}, Not(Like("a", "x", ci=True))),
    ({"a": {"regexp": "/x/gi"}}, Regex("a", "x", "i")),
    ({"a": {"regexp": "http://x"}}, Regex("a", "http://x", "")),
    ({"a": {"regexp": "/usr"}}, Regex("a", "/usr", "")),
    ({"a": {"regexp": "x", "options": "mi"}}, Regex("a", "x", "im")),
    ({"a": re.compile("x", re.IGNORECASE)}, Regex("a", "x", "i")),
    ({"a": {"regexp": re.compile("x", re.DOTALL)}}, Regex("a", "x", "s")),
    ({"a": {"exists": "false"}}, IsNull("a")),
    ({"a": {"b": 1}}, Cmp("a", "eq", {"b": 1})),
    ({"a": {"eq": {"gt": 1}}}, Cmp("a", "eq", {"gt": 1})),
    ({"a": [1]}, Cmp("a", "eq", [1])),
    (
        {"a": {"near": [1, 2], "maxDistance": "5", "unit": "feet"}},
        Near("a", [1, 2], None, 5.0, "feet"),
    ),
    ({"a": {"any": {"gt": 1}}}, AnyElem("a", Cmp("", "gt", 1))),
    ({"a": {"elemMatch": {"b": {"gt": 1}}}}, AnyElem("a", Cmp("b", "gt", 1))),
    (
        {"a": {"any": {"or": [{"gt": 1}, {"eq": 0}]}}},
        AnyElem("a", Or((Cmp("", "gt", 1), Cmp("", "eq", 0)))),
    ),
    ({"a": {"any": {"any": {"eq": 1}}}}, AnyElem("a", AnyElem("", Cmp("", "eq", 1)))),
    ({"and": [Cmp("a", "gt", 1), {"b": 1}]}, And((Cmp("a", "gt", 1), Cmp("b", "eq", 1)))),
]


@pytest.mark.parametrize(("where", "tree"), MEANINGS)
def test_what_a_where_means(where: Any, tree: Any) -> None:
    assert parse_where(where) == tree


REFUSED: list[tuple[Any, str]] = [
    ({"a": {}}, "empty-condition"),
    ({"a": {"gt": 1, "foo": 2}}, "unknown-operator"),
    ({"a": {"$gt": 1}}, "dollar-key"),
    ({"a": {"gt": 1, "$lt": 2}}, "dollar-key"),
    ({"a": {"eq": {"b": {"$gt": 1}}}}, "dollar-key"),
    ({"$where": "1"}, "dollar-key"),
    ({"a.$b": 1}, "dollar-key"),
    ({"a": {"gt": None}}, "null-literal"),
    ({"a": {"between": [None, 1]}}, "null-literal"),
    ({"a": {"like": None}}, "null-literal"),
    ({"a": {"regexp": None}}, "null-literal"),
    ({"a": {"exists": None}}, "null-literal"),
    ({"a": {"exists": "maybe"}}, "bad-exists"),
    ({"a": {"between": [1]}}, "bad-between"),
    ({"a": {"between": {"0": 1, "1": 2}}}, "bad-between"),
    ({"a": {"inq": "abc"}}, "not-a-list"),
    ({"a": {"nin": 5}}, "not-a-list"),
    ({"and": {"a": 1}}, "not-a-list"),
    ({"or": [None]}, "bad-where"),
    ({"or": ["a"]}, "bad-where"),
    ({"not": None}, "bad-where"),
    ([], "bad-where"),
    ("a", "bad-where"),
    ({"": 1}, "bad-path"),
    ({"a.": 1}, "bad-path"),
    ({1: 1}, "bad-path"),
    ({"a" * 501: 1}, "bad-path"),
    ({"a": {"like": 5}}, "not-a-text"),
    ({"a": {"like": re.compile("x")}}, "not-a-text"),
    ({"a": {"regexp": 5}}, "not-a-text"),
    ({"a": {"regexp": "/x/u"}}, "bad-flags"),
    ({"a": {"like": "x", "options": "m"}}, "bad-flags"),
    ({"a": {"regexp": re.compile(b"x")}}, "bad-regexp"),
    ({"a": {"regexp": re.compile("x", re.VERBOSE)}}, "bad-regexp"),
    ({"a": {"gt": 1, "maxDistance": 2}}, "stray-option"),
    ({"a": {"eq": "x", "options": "i"}}, "stray-option"),
    ({"a": {"near": [1, 2], "maxDistance": -1}}, "bad-distance"),
    ({"a": {"near": [1, 2], "maxDistance": "far"}}, "bad-distance"),
    ({"a": {"any": "x"}}, "bad-element-match"),
    ({"a": {"like": "x" * 3000}}, "query-too-large"),
    ({"a": {"inq": [1] * 10_001}}, "query-too-large"),
    ({"or": [{"a": 1}] * 10_001}, "query-too-large"),
    ({"and": [{"a": i, "b": i} for i in range(9_000)]}, "query-too-large"),
    ({"a": list(range(10_001))}, "query-too-large"),
]


@pytest.mark.parametrize(("where", "code"), REFUSED, ids=lambda value: repr(value)[:40])
def test_what_is_refused(where: Any, code: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        parse_where(where)
    assert caught.value.code == code
    assert caught.value.hint


def test_an_operator_that_is_misspelt_has_a_suggestion() -> None:
    with pytest.raises(InvalidQueryError) as caught:
        parse_where({"a": {"gt": 1, "ltte": 2}})
    assert caught.value.hint == "did you mean 'lte'?"


@pytest.mark.parametrize("word", ["and", "or", "not", "any", "literal", "condition"])
def test_a_hundred_levels_are_refused(word: str) -> None:
    where: Any = {"a": 1}
    for _ in range(100):
        match word:
            case "not":
                where = {"not": where}
            case "any":
                where = {"a": {"any": where}}
            case "literal":
                where = {"a": {"eq": where}} if "b" not in where else {"b": where}
                where = {"b": where}
            case "condition":
                where = {"a": {"not": where["a"] if isinstance(where, dict) else where}}
            case _:
                where = {word: [where]}
    with pytest.raises(InvalidQueryError) as caught:
        parse_where({"b": {"eq": where}} if word == "literal" else where)
    assert caught.value.code == "query-too-deep"


def test_circular_filters_are_refused() -> None:
    where: dict[str, Any] = {}
    where["and"] = [where]
    with pytest.raises(InvalidQueryError):
        parse_where(where)
    literal: list[Any] = []
    literal.append(literal)
    with pytest.raises(InvalidQueryError):
        parse_where({"a": literal})


def test_a_filter_does_not_change_and_does_not_alias_its_argument() -> None:
    given = {"where": {"a": {"inq": [1]}, "b": {"eq": {"c": [2]}}}, "order": "a", "limit": "3"}
    before = repr(given)
    parsed = parse_filter(given)
    assert repr(given) == before
    given["where"]["b"]["eq"]["c"].append(3)  # type: ignore[index]
    assert parsed.where == And((In("a", (1,)), Cmp("b", "eq", {"c": [2]})))


def test_a_whole_filter() -> None:
    found = parse_filter(
        {
            "where": {"a": 1},
            "order": "a DESC",
            "limit": "3",
            "offset": 2,
            "fields": ["a"],
            "include": "b",
        }
    )
    assert found == Filter(Cmp("a", "eq", 1), (("a", "desc"),), 3, 2, FieldsSel(("a",)), "b")


def test_nothing_is_everything() -> None:
    nulls = dict.fromkeys(["where", "order", "limit", "skip", "fields", "include"])
    assert parse_filter(None) == parse_filter({}) == parse_filter(nulls) == Filter()


def test_limit_zero_is_zero() -> None:
    assert parse_filter({"limit": 0}).limit == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"wher": {}}, "unknown-filter-key"),
        ({"age": 5}, "unknown-filter-key"),
        ({"limit": -1}, "bad-limit"),
        ({"limit": 1.5}, "bad-limit"),
        ({"limit": True}, "bad-limit"),
        ({"limit": "x"}, "bad-limit"),
        ({"skip": -1}, "bad-skip"),
        ({"skip": 1, "offset": 2}, "skip-and-offset"),
        ([], "bad-filter"),
        ({"fields": {"a": True, "b": False}}, "mixed-fields"),
        ({"fields": {"a": "yes"}}, "bad-fields"),
        ({"fields": 5}, "bad-fields"),
        ({"include": {"$x": 1}}, "dollar-key"),
    ],
)
def test_bad_filters(given: Any, code: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        parse_filter(given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("form", "selection"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ("a", FieldsSel(("a",))),
        (["a", "b", "a"], FieldsSel(("a", "b"))),
        ({"a": True, "b": 1}, FieldsSel(("a", "b"))),
        ({"a": False}, FieldsSel(("a",), exclude=True)),
    ],
)
def test_forms_of_fields(form: Any, selection: Any) -> None:
    assert parse_fields(form) == selection
