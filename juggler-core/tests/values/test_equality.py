"""Three questions about two values, and where their answers part."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.values.equality import matches, means_same, stores_same
from juggler.values.missing import MISSING

NAN = float("nan")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other", "matched", "meant", "stored"),
    [
        (1, 1, True, True, True),
        (1, 1.0, True, True, False),
        (Decimal(1), 1, True, True, False),
        (1, True, False, False, False),
        ([0], [False], False, False, False),
        ([1], (1,), False, True, False),
        ([1], [1.0], True, True, False),
        ({"a": None}, {}, True, False, False),
        ({"a": [1]}, {"a": [1.0]}, True, True, False),
        (frozenset({1}), frozenset({True}), False, True, True),
        (None, MISSING, False, True, False),
        (NAN, NAN, False, True, True),
        ("a", "A", False, False, False),
    ],
)
def test_where_the_answers_part(
    one: Any, other: Any, *, matched: bool, meant: bool, stored: bool
) -> None:
    for first, second in ((one, other), (other, one)):
        assert matches(first, second) is matched
        assert means_same(first, second) is meant
        assert stores_same(first, second) is stored


@given(VALUES, VALUES)
def test_what_a_store_would_hold_alike_is_alike_in_all_other_ways(one: Any, other: Any) -> None:
    assert all(same(one, one) for same in (matches, means_same, stores_same))
    if stores_same(one, other):
        assert matches(one, other)
        assert means_same(one, other)
