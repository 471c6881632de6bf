"""Values of undeclared type as JSON and back."""

from __future__ import annotations

import base64
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from juggler.values import GeoPoint
from juggler_cloudant.values.scalars import moment, plain_decimal, read_moment, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_US: Final = dt.timedelta(microseconds=1)


def in_order(out: Iterable[Any]) -> list[Any]:
    """The JSON of a set's values: equal sets have equal lists."""
    return sorted(out, key=lambda value: (type(value).__name__, json.dumps(value)))


def _sorted_out(values: Any) -> list[Any]:
    return in_order(any_out(one) for one in values)


_WRAP: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    dt.datetime: ("$date", moment),
    dt.date: ("$day", dt.date.isoformat),
    dt.time: ("$time", dt.time.isoformat),
    dt.timedelta: ("$span", lambda v: v // _US),
    Decimal: ("$decimal", plain_decimal),
    UUID: ("$uuid", str),
    bytes: ("$binary", lambda v: base64.b64encode(v).decode()),
    GeoPoint: ("$point", lambda v: [v.lat, v.lng]),
    tuple: ("$tuple", lambda v: [any_out(one) for one in v]),
    frozenset: ("$set", _sorted_out),
}
_UNWRAP: Final[dict[str, Callable[[Any], Any]]] = {
    "$date": read_moment,
    "$day": dt.date.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$span": lambda data: data * _US,
    "$decimal": Decimal,
    "$uuid": UUID,
    "$binary": base64.b64decode,
    "$point": lambda data: GeoPoint(*data),
    "$tuple": lambda data: tuple(any_in(one) for one in data),
    "$set": lambda data: frozenset(any_in(one) for one in data),
    "$literal": lambda data: {name: any_in(v) for name, v in data.items()},
}


def any_out(value: Any) -> Any:
    """A value of undeclared type: what JSON lacks stands in an object such as ``{"$date": …}``."""
    kind = value.__class__
    if kind is float:
        return unsigned(value)
    if value is None or kind in {str, int, bool}:
        return value
    if kind is list:
        return [any_out(one) for one in value]
    if kind is dict:
        out = {name: any_out(one) for name, one in value.items()}
        return {"$literal": out} if len(out) == 1 and next(iter(out)) in _UNWRAP else out
    mark, write = _WRAP[kind]
    return {mark: write(value)}


def any_in(data: Any) -> Any:
    """The value that :func:`any_out` wrote, or what somebody else's JSON is."""
    if isinstance(data, list):
        return [any_in(one) for one in data]
    if isinstance(data, dict):
        if len(data) == 1:
            ((mark, inner),) = data.items()
            read = _UNWRAP.get(mark)
            if read is not None:
                try:
                    return read(inner)
                except (ValueError, TypeError, ArithmeticError, AttributeError):
                    return data
        return {name: any_in(one) for name, one in data.items()}
    return data
