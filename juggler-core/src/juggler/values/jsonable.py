"""Neutral values as plain JSON data; coercion is the way back."""

from __future__ import annotations

import base64
import datetime as dt
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any
from uuid import UUID

from juggler.values.geo import GeoPoint


def to_jsonable(value: Any) -> Any:
    """The value with nothing in it but dict, list, str, int, float, bool and None.

    datetime becomes ``2024-05-01T12:00:00.000Z`` (microseconds only where there are some), date,
    time, UUID and Decimal their text, timedelta ISO 8601 text, bytes base64, a GeoPoint
    ``{"lat", "lng"}``, a tuple a list, a set a sorted list, NaN and infinities None.  Anything else
    becomes its ``str()``.
    """
    kind = value.__class__
    if value is None or kind in {str, int, bool}:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_key(name): to_jsonable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonable(inner) for inner in value]
    if isinstance(value, AbstractSet):
        return sorted(
            map(to_jsonable, value), key=lambda one: (type(one).__name__, str(one), repr(one))
        )
    return _leaf(value)


def _key(name: Any) -> str:
    found = to_jsonable(name)
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else str(found)


def _leaf(value: Any) -> Any:
    match value:
        case dt.datetime():
            return moment_text(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return duration_text(value)
        case GeoPoint(lat=lat, lng=lng):
            return {"lat": lat, "lng": lng}
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(value).decode("ascii")
        case str():
            return str.__str__(value)
        case bool() | int():
            return int(value)
        case float():
            return to_jsonable(float(value))
        case UUID() | Decimal():
            return str(value)
        case _:
            return str(value)


def moment_text(value: dt.datetime) -> str:
    """``2024-05-01T12:00:00.000Z``; a naive datetime has no ``Z``."""
    zone = ""
    if value.utcoffset() is not None:
        value, zone = value.astimezone(dt.UTC), "Z"
    exact = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.replace(tzinfo=None).isoformat(timespec=exact) + zone


def duration_text(value: dt.timedelta) -> str:
    """ISO 8601: ``P1DT2.5S``, with one sign for the whole."""
    sign, length = ("-", -value) if value < dt.timedelta(0) else ("", value)
    seconds = f"{length.seconds}.{length.microseconds:06d}".rstrip("0").rstrip(".")
    return f"{sign}P{length.days}DT{seconds}S"
