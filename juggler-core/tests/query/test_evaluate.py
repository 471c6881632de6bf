"""Generated predicates agree with a naive reader of the tree, and normalising changes no answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from filters_support import FILTERS, THING, as_dict, bound, model, rows
from hypothesis import given, settings
from naive_reader import naive

from juggler.errors import InvalidQueryError
from juggler.query import bind_where, parse_where
from juggler.query.evaluate import Layout, compiled, counter, predicate, select
from juggler.query.normalise import normalise
from juggler.query.tree import FALSE, TRUE, And, AnyElem, Between, Cmp, In, IsNull, Not, Or
from juggler.spec import EXTRA
from juggler.values import TypeKind

LAYOUT = Layout(THING, THING.names)


@settings(max_examples=300)
@given(FILTERS, rows())
def test_every_way_of_evaluating_agrees_with_the_naive_reader(where: Any, table: Any) -> None:
    tree = bound(where)
    expected = [row for row in table if naive(tree, as_dict(row))]
    assert select(LAYOUT, tree)(table) == expected
    assert counter(LAYOUT, tree)(table) == len(expected)
    test = predicate(LAYOUT, tree)
    assert [row for row in table if test(row) is True] == expected


@settings(max_examples=300)
@given(FILTERS, rows())
def test_normalising_keeps_the_rows_and_is_idempotent(where: Any, table: Any) -> None:
    tree = bound(where)
    normal = normalise(tree)
    assert select(LAYOUT, normal)(table) == select(LAYOUT, tree)(table)
    assert repr(normalise(normal)) == repr(normal)


@settings(max_examples=300)
@given(FILTERS)
def test_the_normal_form_is_normal(where: Any) -> None:
    check(normalise(bound(where)), top=True)


def check(tree: Any, *, top: bool = False, within: type | None = None) -> None:
    assert top or (tree is not TRUE and tree is not FALSE)
    match tree:
        case And(parts) | Or(parts):
            assert type(tree) is not within
            assert len(parts) > 1
            for part in parts:
                check(part, within=type(tree))
        case Not(part):
            assert not isinstance(part, And | Or | Not)
            assert not (isinstance(part, Cmp) and part.op in {"eq", "ne"})
            check(part)
        case In(_, values):
            assert len(values) > 1
            assert None not in values
        case Cmp(_, _, value):
            assert value is not None
        case Between(_, low, high):
            assert low < high
        case AnyElem(_, inner):
            check(inner, top=inner is TRUE)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"n": {"gt": 1, "lt": 9, "gte": 3}}, {"n": {"gte": 3, "lt": 9}}),
        ({"and": [{"n": {"gte": 1}}, {"n": {"lte": 9}}]}, {"n": {"between": [1, 9]}}),
        ({"and": [{"n": 1}, {"n": 2}]}, {"or": []}),
        ({"n": {"gt": 5, "lt": 5}}, {"or": []}),
        ({"n": {"gte": 5, "lte": 5}}, {"n": 5}),
        ({"n": {"inq": [1, 2, 2, None]}}, {"or": [{"n": {"inq": [1, 2]}}, {"n": None}]}),
        ({"or": [{"n": 1}, {"n": 2}]}, {"n": {"inq": [1, 2]}}),
        ({"and": [{"n": {"inq": [1, 2, 3]}}, {"n": {"neq": 2}}]}, {"n": {"inq": [1, 3]}}),
        ({"and": [{"n": {"neq": 1}}, {"n": {"neq": 2}}]}, {"n": {"nin": [1, 2]}}),
        ({"and": [{"n": None}, {"n": {"gt": 1}}]}, {"or": []}),
        ({"and": [{"n": {"neq": None}}, {"n": {"gt": 1}}]}, {"n": {"gt": 1}}),
        ({"not": {"or": [{"n": 1}, {"name": "a"}]}}, {"n": {"neq": 1}, "name": {"neq": "a"}}),
        ({"not": {"n": {"gt": 1}}}, {"not": {"n": {"gt": 1}}}),
        ({"nor": []}, {}),
        ({"name": {"like": "ab"}}, {"name": "ab"}),
        ({"name": {"like": "a%"}}, {"name": {"like": "a%"}}),
        ({"tags": {"inq": []}}, {"or": []}),
        ({"tags": "x"}, {"tags": {"contains": "x"}}),
        ({"or": [{"n": {"gt": 1}}, {"not": {"n": {"gt": 1}}}]}, {}),
        ({"ghost": {"gt": 1, "lt": "a"}}, {"or": []}),
    ],
)
def test_normal_forms(where: Any, expected: Any) -> None:
    from juggler.query.unparse import where_to_dict  # noqa: PLC0415 - only to read the result

    assert where_to_dict(normalise(bound(where))) == expected


# ---------------------------------------------------------------- the rules, one by one

PERSON = model(
    "Person",
    ("id",),
    is_open=True,
    id=TypeKind.INTEGER,
    age=TypeKind.INTEGER,
    tags=THING.field["tags"].type,
    items=THING.field["items"].type,
)
PEOPLE = [
    (1, 5, ["a", "b"], None, {"x": 1}),
    (2, None, [], [{"sku": "s", "qty": 1, "tags": None}], {"x": True}),
    (3, 7, None, [{"sku": None, "qty": 9, "tags": ["t"]}], {"x": "1"}),
    (4, 5, ["b", None], [], None),
]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"age": {"neq": 5}}, {2, 3}),
        ({"age": {"nin": [5]}}, {2, 3}),
        ({"age": {"gt": 0}}, {1, 3, 4}),
        ({"not": {"age": {"gt": 5}}}, {1, 2, 4}),
        ({"age": {"not": {"gt": 5}}}, {1, 2, 4}),
        ({"age": {"not": None}}, {1, 3, 4}),
        ({"age": None}, {2}),
        ({"age": {"exists": True}}, {1, 3, 4}),
        ({"age": {"exists": False}}, {2}),
        ({"age": {"or": [None, {"gt": 6}]}}, {2, 3}),
        ({"age": {"inq": []}}, set()),
        ({"age": {"nin": []}}, {1, 2, 3, 4}),
        ({"and": []}, {1, 2, 3, 4}),
        ({"or": []}, set()),
        ({"nor": [{"age": 5}, {"age": None}]}, {3}),
        ({"tags": "b"}, {1, 4}),
        ({"tags": {"neq": "b"}}, {2, 3}),
        ({"tags": {"nin": ["a", "z"]}}, {2, 3, 4}),
        ({"tags": {"gt": "a"}}, {1, 4}),
        ({"tags": {"nlike": "a%"}}, {2, 3, 4}),
        ({"tags": ["a", "b"]}, {1}),
        ({"tags": []}, {2}),
        ({"tags": None}, {3}),
        ({"tags": {"neq": None}}, {1, 2, 4}),
        ({"tags": {"inq": ["a", None]}}, {1, 3}),
        ({"tags": {"inq": [["a", "b"], []]}}, {1, 2}),
        ({"tags": {"contains": None}}, {4}),
        ({"tags.1": "b"}, {1}),
        ({"tags.1": None}, {2, 3, 4}),
        ({"items.sku": "s"}, {2}),
        ({"items.sku": {"neq": "s"}}, {1, 3, 4}),
        ({"items.sku": None}, {1, 3}),
        ({"items.tags": "t"}, {3}),
        ({"items": {"elemMatch": {"sku": "s", "qty": 9}}}, set()),
        ({"items.sku": "s", "items.qty": 1}, {2}),
        ({"items": {"any": {"qty": {"between": [2, 9]}}}}, {3}),
        ({"x": 1}, {1}),
        ({"x": True}, {2}),
        ({"x": "1"}, {3}),
        ({"x": {"gt": 0}}, {1}),
        ({"x": {"inq": [1, "1"]}}, {1, 3}),
        ({"x": None}, {4}),
    ],
)
def test_which_rows_a_filter_means(where: Any, ids: set[int]) -> None:
    tree = normalise(bind_where(PERSON, parse_where(where)))
    assert {row[0] for row in select(Layout(PERSON, PERSON.names), tree)(PEOPLE)} == ids


def test_rows_may_hold_fewer_fields_in_another_order() -> None:
    layout = Layout(PERSON, ("age", "id"))
    tree = bind_where(PERSON, parse_where({"age": {"gt": 5}}))
    assert select(layout, tree)([(5, 1), (7, 3)]) == [(7, 3)]


def test_a_field_that_was_not_read_is_an_error() -> None:
    with pytest.raises(InvalidQueryError, match="'age'"):
        predicate(Layout(PERSON, ("id", EXTRA)), Cmp("age", "gt", 1))


def test_filters_of_one_shape_share_their_code() -> None:
    compiled_before = compiled("keep", "r[1] == a0", 1)
    assert compiled("keep", "r[1] == a0", 1) is compiled_before


def test_constants_do_not_share_their_values() -> None:
    layout = Layout(PERSON, PERSON.names)
    one, other = (select(layout, Cmp("x", "eq", value)) for value in (1, True))
    assert [row[0] for row in one(PEOPLE)] == [1]
    assert [row[0] for row in other(PEOPLE)] == [2]


def test_selected_rows_are_the_same_objects() -> None:
    kept = select(Layout(PERSON, PERSON.names), TRUE)(PEOPLE)
    assert all(a is b for a, b in zip(kept, PEOPLE, strict=True))


def test_names_of_properties_never_become_code() -> None:
    nasty = "x'] or __import__('os') or r['"
    tree = bind_where(PERSON, Cmp(nasty, "eq", 1))
    assert select(Layout(PERSON, PERSON.names), tree)([(1, 1, None, None, {nasty: 1})])


def test_times_of_undeclared_properties_compare() -> None:
    moment = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    tree = bind_where(PERSON, parse_where({"x": {"lte": moment}}))
    assert select(Layout(PERSON, PERSON.names), tree)([(1, 1, None, None, {"x": moment})])


def test_a_tree_as_deep_as_allowed_compiles() -> None:
    where: Any = {"any": {"any": {"any": {"gt": 1, "lt": 5}}}}
    where = {"x.a.b.c.d": where}
    for turn in range(27):
        where = {"not": where} if turn % 2 else {"or": [{"tags": "c", "age": 4}, where]}
    tree = bind_where(PERSON, parse_where(where))
    found = select(Layout(PERSON, PERSON.names), tree)(PEOPLE)
    assert found == select(Layout(PERSON, PERSON.names), normalise(tree))(PEOPLE)


def test_wide_trees_evaluate() -> None:
    tree = Or(tuple(And((Cmp("age", "eq", i), IsNull("tags"))) for i in range(3000)))
    assert [row[0] for row in select(Layout(PERSON, PERSON.names), normalise(tree))(PEOPLE)] == [3]
