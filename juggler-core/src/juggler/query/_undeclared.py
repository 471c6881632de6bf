"""Values of undeclared type in filters: what is in them, and their order.

These are the functions that generated predicates call where Python's own ``==`` would mix booleans
with numbers or fail on what cannot be hashed.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from juggler.errors import InvalidValueError
from juggler.values import ANY, GeoPoint, TypeKind, TypeSpec
from juggler.values.equality import CONTAINERS, LISTS, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NUMBERS: Final[frozenset[Any]] = frozenset({int, float, Decimal})


def among(values: Iterable[Any]) -> Callable[[Any], bool]:
    """Whether a value is the same as one of ``values``."""
    given = list(values)
    exact = frozenset((v.__class__ is bool, v) for v in given if v.__class__ not in CONTAINERS)
    containers = [v for v in given if v.__class__ in CONTAINERS]

    def test(value: Any) -> bool:
        if value.__class__ in CONTAINERS:
            return any(matches(value, one) for one in containers)
        return (value.__class__ is bool, value) in exact

    return test


def elements(collection: Any) -> Iterable[Any]:
    """The elements of a list, tuple or set, the values of a mapping; nothing else has any."""
    if collection.__class__ in LISTS:
        return collection  # type: ignore[no-any-return]
    return collection.values() if isinstance(collection, dict) else ()


def holds(collection: Any, value: Any) -> bool:
    """Whether one of the elements is the same as the value."""
    return any(matches(one, value) for one in elements(collection))


def dig(value: Any, parts: tuple[str, ...]) -> Any:
    """What a path leads to in an undeclared value; None where it leads nowhere."""
    for part in parts:
        if value.__class__ is dict:
            value = value.get(part)
        elif value.__class__ is list or value.__class__ is tuple:
            index = int(part) if part.isascii() and part.isdigit() else len(value)
            value = value[index] if index < len(value) else None
        elif value.__class__ is GeoPoint and part in {"lat", "lng"}:
            value = getattr(value, part)
        else:
            return None
    return value


def point_of(value: Any) -> GeoPoint | None:
    """A point in an undeclared value, or None."""
    if isinstance(value, GeoPoint):
        return value
    if not isinstance(value, dict):
        return None
    try:
        return GeoPoint.of(value)
    except InvalidValueError:
        return None


def is_loose(spec: TypeSpec) -> bool:
    """Whether values of a type can hold values of undeclared types."""
    if spec.kind in {TypeKind.ANY, TypeKind.OBJECT, TypeKind.MAP}:
        return True  # a map too: a key without value is as good as none
    if spec.kind is TypeKind.EMBEDDED:
        model = spec.model
        return model is None or model.open or any(is_loose(field.type) for field in model.fields)
    if spec.kind in {TypeKind.ARRAY, TypeKind.SET}:
        return is_loose(spec.of or ANY)
    return any(is_loose(item) for item in spec.items)


def family(value: Any) -> frozenset[type]:
    """The classes that a scalar can be compared with in a range."""
    kind = value.__class__
    return NUMBERS if kind in NUMBERS else frozenset({kind})


#: Ranks of undeclared types in an order; what is not here comes last and is tied.
_RANKS: Final[dict[type, int]] = {
    bool: 1,
    int: 2,
    float: 2,
    Decimal: 2,
    str: 4,
    dt.datetime: 5,
    dt.date: 6,
    dt.time: 7,
    dt.timedelta: 8,
    bytes: 9,
    UUID: 10,
}
_NAN, _POINT, _LIST, _REST = 3, 11, 12, 13


def total(value: Any) -> tuple[Any, ...]:
    """A key that orders any two values: null, booleans, numbers, NaN, texts, times, the rest.

    Lists and objects have no order of their own: they are last, all tied.
    """
    if value is None:
        return (0,)
    rank = _RANKS.get(value.__class__)
    if rank is not None:
        return (rank, value) if value == value else (_NAN,)  # noqa: PLR0124 - NaN differs
    if isinstance(value, GeoPoint):
        return (_POINT, value.lat, value.lng)
    return (_LIST,) if value.__class__ in LISTS else (_REST,)
