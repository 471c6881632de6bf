"""Coercion of values without a declared type: deep copies of what is like JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.errors import InvalidValueError
from juggler.values import _numbers
from juggler.values._refusal import refusal
from juggler.values.geo import GeoPoint

if TYPE_CHECKING:
    from collections.abc import Callable

    Coercion = Callable[[Any], Any]

#: Nesting of a value of type any or object.
MAX_DEPTH = 64
_JSON_LIKE = (
    "dict, list, str, int, float, bool, None, datetime, date, time, timedelta, Decimal, bytes, "
    "UUID, GeoPoint"
)


def plain(moment: Coercion) -> Coercion:
    """A deep copy of a JSON-like value, with datetimes made aware and tuples made lists."""
    leaves: tuple[tuple[Any, Coercion], ...] = (
        (dt.datetime, moment),
        ((UUID, GeoPoint, dt.date, dt.time, dt.timedelta), lambda value: value),
        (str, str.__str__),
        (Decimal, _numbers.decimal),
        ((int, float), _numbers.number),
        ((bytes, bytearray, memoryview), bytes),
    )

    def copy(value: Any, depth: int) -> Any:
        kind = value.__class__
        if kind is str or kind is bool or value is None:
            return value
        for kinds, coerce in leaves:
            if isinstance(value, kinds):
                return coerce(value)
        if depth > MAX_DEPTH:
            what = f"is nested more than {MAX_DEPTH} deep"
            raise refusal(value, "too-deep", what, "a flatter value")
        if isinstance(value, list | tuple):
            return [inside(place, element, depth) for place, element in enumerate(value)]
        if isinstance(value, Mapping) or hasattr(value, "to_object"):
            data = as_mapping(value)
            return {_name(name): inside(name, element, depth) for name, element in data.items()}
        raise refusal(value, "not-json", "cannot be stored in an untyped property", _JSON_LIKE)

    def inside(part: Any, value: Any, depth: int) -> Any:
        try:
            return copy(value, depth + 1)
        except InvalidValueError as error:
            raise error.at(part) from None

    return lambda value: copy(value, 1)


def plain_object(copy: Coercion) -> Coercion:
    """A deep copy of a mapping."""
    return lambda value: copy(as_mapping(value))


def as_mapping(value: Any) -> Mapping[Any, Any]:
    """A mapping, or what ``to_object()`` of an instance of an embedded model gives."""
    if isinstance(value, Mapping):
        return value
    made = getattr(value, "to_object", None)
    if callable(made) and not isinstance(value, type):
        found = made()
        if isinstance(found, Mapping):
            return found
    raise refusal(
        value, "not-an-object", "is no object", "a dict or an instance of the embedded model"
    )


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise refusal(name, "not-json", "is no property name", "str keys")
    return str.__str__(name)
