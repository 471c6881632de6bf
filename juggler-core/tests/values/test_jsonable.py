"""Values become plain JSON, coercion is the way back, tags are exact."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.values import GeoPoint, TypeKind, TypeSpec, coercer, simple, tagged
from juggler.values.jsonable import to_jsonable

K = TypeKind
UTC = dt.UTC
MILLIS = st.datetimes(timezones=st.just(UTC)).map(
    lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)
)
BY_KIND: dict[TypeKind, st.SearchStrategy[Any]] = {
    K.STRING: st.text(),
    K.INTEGER: st.integers(),
    K.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    K.DECIMAL: st.decimals(allow_nan=False, allow_infinity=False),
    K.BOOLEAN: st.booleans(),
    K.DATETIME: MILLIS,
    K.DATE: st.dates(),
    K.TIME: st.times(),
    K.DURATION: st.timedeltas(dt.timedelta(-99999), dt.timedelta(99999)),
    K.BUFFER: st.binary(),
    K.UUID: st.uuids(),
    K.GEO: st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
}
TYPED = st.sampled_from([*BY_KIND]).flatmap(lambda kind: st.tuples(st.just(kind), BY_KIND[kind]))


@given(TYPED)
def test_coercion_reads_what_json_wrote(typed: tuple[TypeKind, Any]) -> None:
    kind, value = typed
    written = json.loads(json.dumps(to_jsonable(value)))
    assert coercer(simple(kind))(written) == value


@given(st.frozensets(st.integers()))
def test_sets_are_sorted_lists(value: frozenset[int]) -> None:
    spec = TypeSpec(K.SET, of=simple(K.INTEGER))
    assert coercer(spec)(to_jsonable(value)) == value
    assert to_jsonable(value) == to_jsonable(frozenset(reversed(list(value))))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.datetime(2024, 5, 1, 12, tzinfo=UTC), "2024-05-01T12:00:00.000Z"),
        (dt.datetime(2024, 5, 1, 12, 0, 0, 1, UTC), "2024-05-01T12:00:00.000001Z"),
        (
            dt.datetime(2024, 5, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2024-05-01T10:00:00.000Z",
        ),
        (Decimal("1.50"), "1.50"),
        (b"hi", "aGk="),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (GeoPoint(1, 2), {"lat": 1.0, "lng": 2.0}),
        ((1, {"a": (2,)}), [1, {"a": [2]}]),
        ({1: "a", "b": "c"}, {"1": "a", "b": "c"}),
        ({True: "b", None: 1}, {"true": "b", "None": 1}),
        (math.nan, None),
        (dt.timedelta(days=-1), "-P1DT0S"),
        (K.STRING, "string"),
        (object, "<class 'object'>"),
    ],
)
def test_forms(value: Any, written: Any) -> None:
    assert to_jsonable(value) == written


ANYTHING = st.recursive(
    st.one_of(st.none(), *BY_KIND.values()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text() | st.integers(), inner, max_size=3),
        st.frozensets(st.integers(), max_size=3),
    ),
    max_leaves=6,
)


@given(ANYTHING)
def test_tags_bring_back_exactly_what_was(value: Any) -> None:
    found = tagged.loads(tagged.dumps(value))
    assert found == value
    assert type(found) is type(value)
