"""Points and distances agree with LoopBack's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.values import EARTH_RADIUS, GeoPoint

POINTS = st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    "form",
    [
        GeoPoint(1.5, -2),
        (1.5, -2),
        [1.5, "-2"],
        {"lat": 1.5, "lng": -2},
        "1.5,-2",
        " 1.5 , -2.0 ",
        '{"lat": 1.5, "lng": -2}',
        "[1.5, -2]",
    ],
)
def test_every_form_is_the_same_point(form: Any) -> None:
    assert GeoPoint.of(form) == GeoPoint(1.5, -2)


@pytest.mark.parametrize(
    ("unit", "length"),
    [
        ("miles", 69.093),
        ("kilometers", 111.1948),
        ("meters", 111194.76),
        ("feet", 364812.2),
        ("degrees", 1),
    ],
)
def test_one_degree_is_as_long_as_in_loopback(unit: str, length: float) -> None:
    assert GeoPoint(0, 0).distance_to("1,0", unit) == pytest.approx(length, rel=1e-5)


def test_an_unknown_unit_is_refused_with_the_list() -> None:
    with pytest.raises(InvalidValueError, match="no unit") as caught:
        GeoPoint(0, 0).distance_to("1,0", "furlongs")
    assert "kilometers" in caught.value.hint


def test_text_is_lat_comma_lng() -> None:
    assert str(GeoPoint(1.5, -0.0)) == "1.5,0.0"


@given(POINTS)
def test_text_reads_back_as_the_same_point(point: GeoPoint) -> None:
    assert GeoPoint.of(str(point)) == point


@given(POINTS, POINTS)
def test_distance_is_symmetric_and_at_most_half_round_the_earth(a: GeoPoint, b: GeoPoint) -> None:
    assert a.distance_to(b) == pytest.approx(b.distance_to(a), abs=1e-9)
    assert 0 <= a.distance_to(b) <= EARTH_RADIUS["miles"] * 3.1416
