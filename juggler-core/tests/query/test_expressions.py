"""Expressions make the same trees as dictionaries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from juggler.errors import InvalidQueryError
from juggler.query import parse_fields, parse_order, parse_where
from juggler.query.expressions import Expr
from juggler.query.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.query.tree import Condition
    from juggler.values import GeoPoint

age: Expr[int] = Expr("age", "User")
name: Expr[str] = Expr("name", "User")
tags: Expr[list[str]] = Expr("tags", "User")
items: Expr[list[Any]] = Expr("items", "User")
home: Expr[GeoPoint] = Expr("home", "User")
address: Expr[Any] = Expr("address", "User")

SAME: list[tuple[Condition, Any]] = [
    (age == 5, {"age": 5}),
    (age == None, {"age": None}),  # noqa: E711 - the condition, not the test
    (age != 5, {"age": {"neq": 5}}),
    (age != None, {"age": {"neq": None}}),  # noqa: E711
    (age < 5, {"age": {"lt": 5}}),
    (age <= 5, {"age": {"lte": 5}}),
    (age > 5, {"age": {"gt": 5}}),
    (age >= 5, {"age": {"gte": 5}}),
    (age.between(1, 2), {"age": {"between": [1, 2]}}),
    (age.in_([1, None]), {"age": {"inq": [1, None]}}),
    (age.not_in({1}), {"age": {"nin": [1]}}),
    (age.is_null(), {"age": None}),
    (age.exists(), {"age": {"exists": True}}),
    (age.exists(False), {"age": {"exists": False}}),  # noqa: FBT003
    (name.like("a%"), {"name": {"like": "a%"}}),
    (name.nlike("a%"), {"name": {"nlike": "a%"}}),
    (name.ilike("a%"), {"name": {"ilike": "a%"}}),
    (name.nilike("a%"), {"name": {"nilike": "a%"}}),
    (name.regexp("/a/i"), {"name": {"regexp": "/a/i"}}),
    (name.regexp(re.compile("a")), {"name": re.compile("a")}),
    (name.startswith("5%"), {"name": {"like": "5\\%%"}}),
    (home.near("1,2", max_distance=5), {"home": {"near": "1,2", "maxDistance": 5}}),
    (tags.contains("x"), {"tags": {"contains": "x"}}),
    (tags.any({"gt": "x"}), {"tags": {"any": {"gt": "x"}}}),
    (tags.any(lambda tag: tag > "x"), {"tags": {"any": {"gt": "x"}}}),
    (
        items.any(lambda item: (item["sku"] == "a") & (item["qty"] > 1)),
        {"items": {"elemMatch": {"sku": "a", "qty": {"gt": 1}}}},
    ),
    (address["city"] == "Rome", {"address.city": "Rome"}),
    (address.at("lines.0") == "x", {"address.lines.0": "x"}),
    (address["lines"][0] == "x", {"address.lines.0": "x"}),
    (address.contains_key("a"), {"address": {"containsKey": "a"}}),
    (
        (age > 5) & (name == "a") & (age < 9),
        {"and": [{"age": {"gt": 5}}, {"name": "a"}, {"age": {"lt": 9}}]},
    ),
    (
        (age > 5) | (name == "a") | (age < 1),
        {"or": [{"age": {"gt": 5}}, {"name": "a"}, {"age": {"lt": 1}}]},
    ),
    (~(age > 5), {"not": {"age": {"gt": 5}}}),
]


@pytest.mark.parametrize(("expression", "where"), SAME)
def test_an_expression_is_the_same_tree_as_its_dictionary(
    expression: Condition, where: Any
) -> None:
    assert expression == parse_where(where)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: bool(age),
        lambda: bool(age > 5),
        lambda: age > 5 and age < 9,
        lambda: age > Expr("other"),
        lambda: age.in_(5),  # type: ignore[arg-type]
        lambda: name.in_("abc"),
        lambda: "x" in tags,
        lambda: tags.any(lambda tag: tag),  # type: ignore[arg-type, return-value]
        lambda: name.regexp("/a/q"),
    ],
)
def test_misuse_is_explained(misuse: Callable[[], Any]) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        misuse()
    assert caught.value.hint


def test_expressions_cannot_be_iterated_or_hashed() -> None:
    with pytest.raises(TypeError):
        iter(age)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        hash(age)


def test_conditions_combine_with_conditions_only() -> None:
    with pytest.raises(TypeError):
        (age > 5) & {"name": "a"}  # type: ignore[operator]


def test_expressions_stand_in_order_and_fields() -> None:
    assert parse_order([age.desc(), name]) == (("age", "desc"), ("name", "asc"))
    assert parse_order(age.asc()) == (("age", "asc"),)
    assert parse_order(age) == (("age", "asc"),)
    selection = parse_fields([age, "name"])
    assert selection is not None
    assert selection.names == ("age", "name")


def test_a_prefix_becomes_a_prefix_condition() -> None:
    assert repr(normalise(name.startswith("a_"))) == "StartsWith(path='name', prefix='a_')"  # type: ignore[arg-type]


def test_it_shows_as_it_is_written() -> None:
    assert repr(address["city"]) == "User.address.city"


def test_a_path_is_written_with_brackets() -> None:
    with pytest.raises(AttributeError, match=r"User\.address\['city'\]"):
        _ = address.city  # type: ignore[attr-defined]
