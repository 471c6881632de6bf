"""Coercion of lists, sets, maps, tuples, objects and values of any type: always fresh containers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.errors import InvalidValueError, did_you_mean
from juggler.values import _numbers
from juggler.values._refusal import refusal, within
from juggler.values.geo import GeoPoint

if TYPE_CHECKING:
    from collections.abc import Callable

    Coercion = Callable[[Any], Any]

#: Nesting of a value of type any or object.
MAX_DEPTH = 64
EXTRA = "*"
_KEPT = (UUID, GeoPoint, dt.date, dt.time, dt.timedelta)
_JSON_LIKE = (
    "dict, list, str, int, float, bool, None, datetime, date, Decimal, bytes, UUID, GeoPoint"
)


def array(of: Coercion) -> Coercion:
    """A list of a list or tuple; None is kept as an element."""

    def coerce(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise refusal(value, "not-a-list", "is no list", "a list or tuple")
        return _each(value, of)

    return coerce


def unique(of: Coercion) -> Coercion:
    """A frozenset of a set, list or tuple; None is no element of a set."""

    def coerce(value: Any) -> frozenset[Any]:
        if not isinstance(value, list | tuple | Set):
            raise refusal(value, "not-a-list", "is no set", "a set, list or tuple")
        return frozenset(_hashable(e, "a set") for e in _each(list(value), of))

    return coerce


def mapping(key: Coercion, of: Coercion) -> Coercion:
    """A dict whose keys and values follow their own rules."""

    def coerce(value: Any) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            raise refusal(value, "not-an-object", "is no mapping", "a dict")
        found: dict[Any, Any] = {}
        for name, element in value.items():
            try:
                place = _hashable(key(name), "the keys of a map")
                item = None if element is None else of(element)
            except InvalidValueError as error:
                raise within(error, str(name)[:60]) from None
            if place in found:
                raise refusal(name, "duplicate-key", "is there twice in the map", "distinct keys")
            found[place] = item
        return found

    return coerce


def sequence(items: tuple[Coercion, ...]) -> Coercion:
    """A tuple with one rule per place."""

    def coerce(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != len(items):
            raise refusal(value, "not-a-tuple", f"is no tuple of {len(items)}", "a list or tuple")
        found = []
        for place, (of, element) in enumerate(zip(items, value, strict=True)):
            try:
                found.append(None if element is None else of(element))
            except InvalidValueError as error:
                raise within(error, place) from None
        return tuple(found)

    return coerce


def vector(size: int | None) -> Coercion:
    """A tuple of ``size`` floats."""

    def coerce(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or (size is not None and len(value) != size):
            raise refusal(
                value, "not-a-vector", f"is no vector of {size} numbers", "a list of floats"
            )
        if any(element is None for element in value):
            raise refusal(value, "not-a-vector", "has a null in it", "numbers only")
        return tuple(_each(value, _numbers.real))

    return coerce


def embedded(owner: str, coercers: Mapping[str, Coercion], extra: Coercion | None) -> Coercion:
    """A dict with every declared property; others follow ``extra`` or, without it, are refused."""

    def coerce(value: Any) -> dict[str, Any]:
        data = _as_mapping(value)
        found: dict[str, Any] = dict.fromkeys(coercers)
        for name, element in data.items():
            of = coercers.get(name, extra) if isinstance(name, str) else None
            if of is None:
                hint = did_you_mean(str(name)[:60], coercers)
                error = refusal(name, "unknown-property", f"is no property of {owner}", hint)
                raise within(error, str(name)[:60])
            try:
                found[name] = None if element is None else of(element)
            except InvalidValueError as error:
                raise within(error, name) from None
        return found

    return coerce


def plain(moment: Coercion) -> Coercion:
    """A deep copy of a JSON-like value, with datetimes made aware and tuples made lists."""

    def copy(value: Any, depth: int) -> Any:
        kind = value.__class__
        if kind is str or kind is bool or value is None:
            return value
        if kind is int or kind is float:
            return _numbers.number(value)
        if depth > MAX_DEPTH:
            raise refusal(
                value, "too-deep", f"is nested more than {MAX_DEPTH} deep", "a flatter value"
            )
        if isinstance(value, Mapping):
            return {_name(name): _inside(name, element, depth) for name, element in value.items()}
        if isinstance(value, list | tuple):
            return [_inside(place, element, depth) for place, element in enumerate(value)]
        return leaf(value)

    def _inside(part: Any, value: Any, depth: int) -> Any:
        try:
            return copy(value, depth + 1)
        except InvalidValueError as error:
            raise within(error, part) from None

    def leaf(value: Any) -> Any:
        if isinstance(value, dt.datetime):
            return moment(value)
        if isinstance(value, _KEPT):
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, Decimal):
            return _numbers.decimal(value)
        if isinstance(value, int | float):
            return _numbers.number(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        if callable(getattr(value, "to_object", None)):
            return copy(_as_mapping(value), 1)
        raise refusal(value, "not-json", "cannot be stored in an untyped property", _JSON_LIKE)

    return lambda value: copy(value, 1)


def plain_object(copy: Coercion) -> Coercion:
    """A deep copy of a mapping."""

    def coerce(value: Any) -> Any:
        return copy(_as_mapping(value))

    return coerce


def _as_mapping(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    made = getattr(value, "to_object", None)  # an instance of an embedded model
    if callable(made) and not isinstance(value, type):
        found = made()
        if isinstance(found, Mapping):
            return found
    raise refusal(
        value, "not-an-object", "is no object", "a dict or an instance of the embedded model"
    )


def _each(values: Any, of: Coercion) -> list[Any]:
    found = []
    for place, element in enumerate(values):
        try:
            found.append(None if element is None else of(element))
        except InvalidValueError as error:
            raise within(error, place) from None
    return found


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise refusal(name, "not-json", "is no property name", "str keys")
    return str.__str__(name)


def _hashable(value: Any, where: str) -> Any:
    if value is None:
        raise refusal(value, "null-element", f"cannot be in {where}", "leave it out")
    if isinstance(value, list | tuple):
        return tuple(None if e is None else _hashable(e, where) for e in value)
    if isinstance(value, dict):
        raise refusal(value, "not-hashable", f"cannot be in {where}", "scalars, lists or tuples")
    return value
