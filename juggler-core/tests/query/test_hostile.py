"""Whatever is thrown at a filter, only the library's own errors come back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from filters_support import ANYTHING, PATHS, THING
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import JugglerError
from juggler.query import bind_fields, bind_order, bind_where, order_for, parse_filter, parse_where
from juggler.query._operators import SIBLINGS, WORDS
from juggler.query.evaluate import Layout, select
from juggler.query.normalise import normalise
from juggler.query.order import sorter
from juggler.query.unparse import filter_to_dict, where_to_dict

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["__proto__", "a.b.c", "0", "*", "..", "\ud800", "$gt"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS | st.sampled_from([*WORDS, *SIBLINGS, *PATHS]), inner, max_size=4)
    ),
    max_leaves=10,
)
NAMES = st.sampled_from([*PATHS, *THING.names, "nope"])
OPERANDS = JSON | ANYTHING | st.text("()[]{}*+?.|^$\\ab%_", max_size=12)
NEARLY = st.recursive(
    st.dictionaries(
        NAMES,
        OPERANDS | st.dictionaries(st.sampled_from([*WORDS, *SIBLINGS]), OPERANDS, max_size=3),
        max_size=3,
    ),
    lambda inner: st.dictionaries(
        st.sampled_from(["and", "or", "nor", "not"]),
        inner | st.lists(inner, max_size=3),
        max_size=2,
    ),
    max_leaves=5,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "where": JSON | NEARLY,
        "order": JSON | NAMES,
        "limit": JSON,
        "skip": JSON,
        "fields": JSON | st.lists(NAMES, max_size=3),
        "include": JSON,
    },
)
ROWS: list[tuple[Any, ...]] = [(1, "a", *[None] * (len(THING.names) - 2))]
LAYOUT = Layout(THING, THING.names)


def run(given_filter: Any) -> None:
    """The whole way of a filter."""
    parsed = parse_filter(given_filter)
    tree = normalise(bind_where(THING, parsed.where))
    order = order_for(tree, bind_order(THING, parsed.order))
    bind_fields(THING, parsed.fields)
    filter_to_dict(parsed)
    where_to_dict(tree)
    sorter(LAYOUT, order, tree)(select(LAYOUT, tree)(ROWS), parsed.limit)


@settings(max_examples=500)
@given(JSON | FILTERS)
def test_arbitrary_json_as_a_filter(data: Any) -> None:
    with suppress(JugglerError):
        run(data)


@settings(max_examples=1000)
@given(NEARLY)
def test_filters_that_are_nearly_right(where: Any) -> None:
    with suppress(JugglerError):
        run({"where": where})


@settings(max_examples=300)
@given(st.text("()[]{}*+?.|^$\\abi-0123,:=!<>P", max_size=30), st.text("ab\n", max_size=300))
def test_a_pattern_is_refused_or_ends(pattern: str, text: str) -> None:
    with suppress(JugglerError):
        tree = bind_where(THING, parse_where({"name": {"regexp": pattern}}))
        row = (1, "a", text, *[None] * (len(THING.names) - 3))
        select(LAYOUT, tree)([row])
