"""One rule per type: what is accepted, what it becomes, and what is refused."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.spec import FieldSpec, KeySpec, ModelSpec
from juggler.values import GeoPoint, TypeKind, TypeSpec, coercer, simple

K = TypeKind
UTC = dt.UTC
ADDRESS = ModelSpec(
    "Address",
    "address",
    (FieldSpec("city", "city", simple(K.STRING)), FieldSpec("zip", "zip", simple(K.INTEGER))),
    KeySpec(()),
)
TEXT_UUID = "123e4567-e89b-12d3-a456-426614174000"

ACCEPTED = [
    (K.STRING, "x", "x"),
    (K.STRING, 5, "5"),
    (K.STRING, True, "true"),
    (K.STRING, 1.5, "1.5"),
    (K.STRING, Decimal("1.50"), "1.50"),
    (K.INTEGER, "42", 42),
    (K.INTEGER, "+42", 42),
    (K.INTEGER, 42.0, 42),
    (K.NUMBER, "1e3", 1000.0),
    (K.NUMBER, "5", 5),
    (K.NUMBER, Decimal("5.0"), 5.0),
    (K.NUMBER, Decimal(5), 5),
    (K.FLOAT, 5, 5.0),
    (K.DECIMAL, 0.1, Decimal("0.1")),
    (K.DECIMAL, "0.10", Decimal("0.10")),
    (K.BOOLEAN, 1, True),
    (K.BOOLEAN, "false", False),
    (K.DATETIME, "2024-05-01", dt.datetime(2024, 5, 1, tzinfo=UTC)),
    (K.DATETIME, dt.date(2024, 5, 1), dt.datetime(2024, 5, 1, tzinfo=UTC)),
    (K.DATETIME, "2024-05-01T02:00:00.1239+02:00", dt.datetime(2024, 5, 1, 0, 0, 0, 123000, UTC)),
    (K.DATETIME, 0, dt.datetime(1970, 1, 1, tzinfo=UTC)),
    (K.DATETIME, -0.5, dt.datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)),
    (K.DATE, "2024-05-01", dt.date(2024, 5, 1)),
    (K.TIME, "12:30", dt.time(12, 30)),
    (K.DURATION, "P1DT2H", dt.timedelta(days=1, hours=2)),
    (K.DURATION, "-PT0.5S", dt.timedelta(seconds=-0.5)),
    (K.BUFFER, "aGk=", b"hi"),
    (K.BUFFER, bytearray(b"hi"), b"hi"),
    (K.UUID, TEXT_UUID.upper(), UUID(TEXT_UUID)),
    (K.INET, "::0001", "::1"),
    (K.GEO, "1.5,2", GeoPoint(1.5, 2)),
    (K.ANY, {"a": (1, "x")}, {"a": [1, "x"]}),
    (K.OBJECT, {"a": None}, {"a": None}),
    (K.COUNTER, "7", 7),
]

REFUSED = [
    (K.STRING, {"a": 1}),
    (K.STRING, ["a"]),
    (K.STRING, math.nan),
    (K.INTEGER, True),
    (K.INTEGER, 1.5),
    (K.INTEGER, ""),
    (K.INTEGER, " 1"),
    (K.INTEGER, "1_000"),
    (K.INTEGER, "٣"),
    (K.INTEGER, "9" * 5000),
    (K.INTEGER, Decimal(1)),
    (K.NUMBER, True),
    (K.NUMBER, ""),
    (K.NUMBER, "abc"),
    (K.NUMBER, "0x10"),
    (K.NUMBER, "NaN"),
    (K.NUMBER, "1e999"),
    (K.NUMBER, math.inf),
    (K.NUMBER, Decimal("NaN")),
    (K.NUMBER, Decimal("sNaN")),
    (K.STRING, Decimal("sNaN")),
    (K.NUMBER, Decimal("1e999999")),
    (K.FLOAT, 2**53 + 1),
    (K.FLOAT, 10**400),
    (K.DECIMAL, Decimal("Infinity")),
    (K.DECIMAL, False),
    (K.BOOLEAN, "yes"),
    (K.BOOLEAN, "TRUE"),
    (K.BOOLEAN, 2),
    (K.BOOLEAN, 1.0),
    (K.BOOLEAN, ""),
    (K.DATETIME, dt.datetime(2024, 5, 1)),  # noqa: DTZ001 - a naive datetime is the point
    (K.DATETIME, "2024-05-01T00:00:00"),
    (K.DATETIME, "2024-13-01"),
    (K.DATETIME, "20240501"),
    (K.DATETIME, "soon"),
    (K.DATETIME, True),
    (K.DATETIME, 1e300),
    (K.DATETIME, math.nan),
    (K.DATETIME, "0001-01-01T00:00:00+02:00"),
    (K.DATE, dt.datetime(2024, 5, 1, tzinfo=UTC)),
    (K.DATE, "2024-02-30"),
    (K.TIME, "25:00"),
    (K.DURATION, "P"),
    (K.DURATION, "P1Y"),
    (K.BUFFER, "a"),
    (K.BUFFER, "ä"),
    (K.UUID, "x"),
    (K.TIMEUUID, "123e4567-e89b-42d3-a456-426614174000"),
    (K.INET, "300.1.1.1"),
    (K.GEO, "91,0"),
    (K.GEO, "1;2"),
    (K.GEO, {"lat": 1}),
    (K.GEO, (1, math.nan)),
    (K.GEO, (True, 1)),
    (K.ANY, object()),
    (K.ANY, {1: 2}),
    (K.ANY, math.nan),
    (K.OBJECT, "x"),
]


@pytest.mark.parametrize(("kind", "value", "neutral"), ACCEPTED)
def test_an_accepted_form_becomes_the_neutral_value(
    kind: TypeKind, value: Any, neutral: Any
) -> None:
    found = coercer(simple(kind))(value)
    assert (found, type(found)) == (neutral, type(neutral))


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_everything_else_is_refused_with_the_accepted_forms(kind: TypeKind, value: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        coercer(simple(kind))(value)
    assert caught.value.hint
    assert len(caught.value.message) < 250


@pytest.mark.parametrize("kind", [K.STRING, K.INTEGER, K.NUMBER, K.FLOAT, K.DECIMAL, K.ANY])
def test_an_integer_that_python_cannot_print_is_refused(kind: TypeKind) -> None:
    with pytest.raises(InvalidValueError, match="bits"):
        coercer(simple(kind))(1 << 20_000)


@pytest.mark.parametrize("kind", list(K))
def test_none_passes_through(kind: TypeKind) -> None:
    assert coercer(TypeSpec(kind, model=ADDRESS))(None) is None


def test_naive_datetimes_are_utc_only_when_the_setting_says_so() -> None:
    coerce = coercer(simple(K.DATETIME), naive_utc=True)
    assert coerce("2024-05-01T10:00") == dt.datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_microseconds_are_kept_only_when_asked_for() -> None:
    value = dt.datetime(2024, 5, 1, microsecond=123456, tzinfo=UTC)
    assert coercer(simple(K.DATETIME))(value).microsecond == 123000
    assert coercer(TypeSpec(K.DATETIME, precision=6))(value).microsecond == 123456


@pytest.mark.parametrize("number", [-129, 128, "128"])
def test_an_integer_of_some_bits_has_a_range(number: int | str) -> None:
    coerce = coercer(TypeSpec(K.INTEGER, bits=8))
    assert coerce(-128) == -128
    with pytest.raises(InvalidValueError, match="8 bits"):
        coerce(number)


def test_an_embedded_value_has_every_declared_property() -> None:
    coerce = coercer(TypeSpec(K.EMBEDDED, model=ADDRESS))
    assert coerce({"zip": "7"}) == {"city": None, "zip": 7}
    with pytest.raises(InvalidValueError) as caught:
        coerce({"ciy": "x"})
    assert (caught.value.field, caught.value.hint) == ("ciy", "did you mean 'city'?")


def test_the_place_of_a_bad_element_is_named() -> None:
    coerce = coercer(TypeSpec(K.ARRAY, of=TypeSpec(K.EMBEDDED, model=ADDRESS)))
    with pytest.raises(InvalidValueError) as caught:
        coerce([{"zip": 1}, {"zip": "x"}])
    assert caught.value.field == "1.zip"


def test_containers_follow_the_rules_of_their_elements() -> None:
    numbers = TypeSpec(K.SET, of=simple(K.INTEGER))
    assert coercer(numbers)(["1", 1, 2.0]) == frozenset({1, 2})
    by_number = TypeSpec(K.MAP, key=simple(K.INTEGER), of=simple(K.STRING))
    assert coercer(by_number)({"1": 2}) == {1: "2"}
    with pytest.raises(InvalidValueError, match="twice"):
        coercer(by_number)({"1": "a", 1: "b"})
    pair = TypeSpec(K.TUPLE, items=(simple(K.INTEGER), simple(K.STRING)))
    assert coercer(pair)(["1", None]) == (1, None)
    with pytest.raises(InvalidValueError):
        coercer(pair)([1])
    assert coercer(TypeSpec(K.VECTOR, length=2))([1, "2.5"]) == (1.0, 2.5)
    with pytest.raises(InvalidValueError):
        coercer(numbers)([None])


class Home:
    """As an instance of an embedded model."""

    def to_object(self) -> dict[str, Any]:
        return {"city": "x", "zip": "5"}


class Endless:
    def to_object(self) -> dict[str, Any]:
        return {"self": self}


def test_instances_of_embedded_models_are_taken_by_their_object() -> None:
    assert coercer(TypeSpec(K.EMBEDDED, model=ADDRESS))(Home()) == {"city": "x", "zip": 5}
    assert coercer(simple(K.ANY))([Home()]) == [{"city": "x", "zip": "5"}]
    assert coercer(simple(K.OBJECT))(Home()) == {"city": "x", "zip": "5"}
    with pytest.raises(InvalidValueError):
        coercer(simple(K.ANY))(Endless())
    with pytest.raises(InvalidValueError):
        coercer(simple(K.OBJECT))(Home)


def test_nested_arrays_stand_in_sets_as_tuples() -> None:
    rows = TypeSpec(K.SET, of=TypeSpec(K.ARRAY, of=simple(K.INTEGER)))
    assert coercer(rows)([["1"], [1]]) == frozenset({(1,)})
    with pytest.raises(InvalidValueError):
        coercer(TypeSpec(K.SET))([{"a": 1}])


def test_containers_are_fresh() -> None:
    value = {"a": [1]}
    copied = coercer(simple(K.ANY))(value)
    value["a"].append(2)
    assert copied == {"a": [1]}


def test_deep_and_circular_values_are_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidValueError) as caught:
        coercer(simple(K.ANY))(value)
    assert caught.value.code == "too-deep"


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
SPECS = st.sampled_from([simple(k) for k in K if k != K.EMBEDDED]) | st.sampled_from(
    [
        TypeSpec(K.EMBEDDED, model=ADDRESS),
        TypeSpec(K.ARRAY, of=simple(K.INTEGER)),
        TypeSpec(K.MAP, of=simple(K.NUMBER)),
        TypeSpec(K.TUPLE, items=(simple(K.INTEGER),)),
    ]
)


@given(SPECS, ANYTHING)
def test_coercion_is_idempotent_and_fails_only_with_its_own_error(
    spec: TypeSpec, value: Any
) -> None:
    try:
        once = coercer(spec, naive_utc=True)(value)
    except InvalidValueError:
        return
    assert coercer(spec)(once) == once
