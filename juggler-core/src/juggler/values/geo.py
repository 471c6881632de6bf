"""Points on the earth and the distance between them, with LoopBack's constants."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from juggler.values._refusal import refusal

#: The earth's radius in each unit, as LoopBack has them (so 1 degree is 69.093 miles).
EARTH_RADIUS: Final[Mapping[str, float]] = {
    "miles": 3958.75,
    "kilometers": 6370.99056,
    "meters": 6370990.56,
    "feet": 20902200.0,
    "radians": 1.0,
    "degrees": 57.2957795,
}

_FORMS = "a point is (lat, lng), {'lat': …, 'lng': …}, 'lat,lng' or a GeoPoint"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TEXT = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*", re.ASCII)
_LONGEST_TEXT = 200


@frozen
class GeoPoint:
    """A point: ``lat`` in -90..90 and ``lng`` in -180..180 degrees; ``str()`` is ``lat,lng``.

    Raises:
        InvalidValueError: a coordinate is no finite number or is out of range.
    """

    lat: float
    lng: float

    def __attrs_post_init__(self) -> None:
        for name, limit in (("lat", 90), ("lng", 180)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise refusal(value, "not-a-geopoint", f"is no number for {name}", _FORMS)
            if not -limit <= value <= limit:
                raise refusal(
                    value,
                    "out-of-range",
                    f"is out of range for {name}",
                    f"-{limit}..{limit} degrees",
                )
            # 0.0 + … makes -0.0 a plain zero, so that equal points also print the same.
            object.__setattr__(self, name, 0.0 + float(value))

    def __str__(self) -> str:
        return f"{self.lat!r},{self.lng!r}"

    @classmethod
    def of(cls, value: Any) -> GeoPoint:
        """The point in any accepted form.

        Args:
            value: a GeoPoint, ``(lat, lng)``, ``{"lat": …, "lng": …}``, ``"lat,lng"`` or the JSON
                text of one of these.

        Raises:
            InvalidValueError: none of these, or out of range.
        """
        if isinstance(value, GeoPoint):
            return value
        if isinstance(value, str):
            return cls._of_text(value)
        if isinstance(value, Mapping) and set(value) == {"lat", "lng"}:
            return cls(_coordinate(value["lat"]), _coordinate(value["lng"]))
        if isinstance(value, list | tuple) and len(value) == 2:  # noqa: PLR2004 - lat and lng
            return cls(_coordinate(value[0]), _coordinate(value[1]))
        raise refusal(value, "not-a-geopoint", "is no point", _FORMS)

    @classmethod
    def _of_text(cls, text: str) -> GeoPoint:
        if len(text) <= _LONGEST_TEXT:
            if found := _TEXT.fullmatch(text):
                return cls(float(found[1]), float(found[2]))
            if text.lstrip().startswith(("{", "[")):
                try:
                    return cls.of(json.loads(text))
                except (ValueError, RecursionError):
                    pass
        raise refusal(text, "not-a-geopoint", "is no point", _FORMS)

    def distance_to(self, other: Any, unit: str = "miles") -> float:
        """The distance to another point (any accepted form) in ``unit``; see :func:`distance`."""
        return distance(self, GeoPoint.of(other), unit)


def distance(a: GeoPoint, b: GeoPoint, unit: str = "miles") -> float:
    """The great-circle distance by the haversine formula, as LoopBack computes it.

    Args:
        a: one point.
        b: the other point.
        unit: miles, kilometers, meters, feet, radians or degrees.

    Raises:
        InvalidValueError: an unknown unit.
    """
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lng - a.lng) / 2) ** 2
    )
    return 2 * math.asin(min(1.0, math.sqrt(half))) * radius(unit)


def radius(unit: str) -> float:
    """The earth's radius in ``unit``; InvalidValueError for an unknown one."""
    try:
        return EARTH_RADIUS[unit]
    except (KeyError, TypeError):
        raise refusal(
            unit, "unknown-unit", "is no unit of distance", f"one of {', '.join(EARTH_RADIUS)}"
        ) from None


def _coordinate(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_NUMBER, value, re.ASCII):
        return float(value)
    return value


__all__ = ["EARTH_RADIUS", "GeoPoint", "distance", "radius"]
