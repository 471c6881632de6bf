"""Values by their meaning: kinds, equality, comparison and what stands at a path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any
from uuid import UUID

#: Kinds whose values have an order.
ORDERED = frozenset({"bool", "number", "text", "datetime", "date", "time", "bytes", "uuid"})


def kind(value: Any) -> str:
    """The kind of a value: values of different kinds are never equal and never ordered."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float | Decimal):
        return "number"
    for cls, name in _KINDS:
        if isinstance(value, cls):
            return name
    return "geo" if hasattr(value, "lat") and hasattr(value, "lng") else type(value).__name__


_KINDS: tuple[tuple[Any, str], ...] = (
    (str, "text"),
    (dt.datetime, "datetime"),
    (dt.date, "date"),
    (dt.time, "time"),
    (dt.timedelta, "duration"),
    (bytes, "bytes"),
    (UUID, "uuid"),
    (Mapping, "map"),
    (list, "list"),
    (tuple, "list"),
    (AbstractSet, "set"),
)


def equal(a: Any, b: Any) -> bool:
    """Equality by value and kind, all the way down; NaN equals nothing, missing is null."""
    one, other = kind(a), kind(b)
    if one != other:
        return False
    match one:
        case "null":
            return True
        case "map":
            return all(equal(a.get(name), b.get(name)) for name in {*a, *b})
        case "list":
            return len(a) == len(b) and all(map(equal, a, b))
        case "set":
            return len(a) == len(b) and all(any(equal(x, y) for y in b) for x in a)
        case "geo":
            return bool(a.lat == b.lat and a.lng == b.lng)
        case _:
            return bool(a == b)


def less(a: Any, b: Any) -> bool:
    """Whether a comes before b: False for null, for different kinds and for kinds without order."""
    which = kind(a)
    return which in ORDERED and which == kind(b) and bool(a < b)


def at(row: Any, path: str) -> Any:
    """The value at a dotted path; null where there is nothing.

    The empty path is the value itself.  A number indexes a list; a name under a list gives the list
    of what each element has there.
    """
    if not path:
        return row
    head, _, rest = path.partition(".")
    if isinstance(row, Mapping):
        if head in row:
            return at(row[head], rest)
        return None
    if isinstance(row, list | tuple):
        if head.isascii() and head.isdigit():
            return at(row[int(head)], rest) if int(head) < len(row) else None
        found = [at(element, path) for element in row]
        return [value for value in found if value is not None]
    return at(getattr(row, head, None), rest) if kind(row) == "geo" else None


def absent(row: Any, path: str) -> bool:
    """Whether there is null at a path; by name through a list: whether any element has null."""
    if row is None or not path:
        return row is None
    head, _, rest = path.partition(".")
    if isinstance(row, list | tuple) and not (head.isascii() and head.isdigit()):
        return any(absent(element, path) for element in row)
    return absent(at(row, head), rest)


def settle(value: Any, *, empty_is_null: bool = False) -> Any:
    """A value as the store gives it back: with ``empty_is_null`` empty collections are null."""
    if empty_is_null and isinstance(value, list | tuple | AbstractSet | Mapping) and not value:
        return None
    return value


def same_row(a: Mapping[str, Any], b: Mapping[str, Any], *, empty_is_null: bool = False) -> bool:
    """Whether two rows are the same: a missing property is a null one."""
    names = {*a, *b}
    return all(
        equal(
            settle(a.get(name), empty_is_null=empty_is_null),
            settle(b.get(name), empty_is_null=empty_is_null),
        )
        for name in names
    )
