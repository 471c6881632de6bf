"""Neutral values as JSON and back, exactly: for cursors, logs and files of our own.

What JSON has stays as it is; anything else is a list of a tag and a text, and lists are tagged too,
so that nothing is ambiguous.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.values.geo import GeoPoint

if TYPE_CHECKING:
    from collections.abc import Callable

_WRITE: dict[type, tuple[str, Callable[[Any], Any]]] = {
    datetime: ("t", datetime.isoformat),
    date: ("d", date.isoformat),
    time: ("h", time.isoformat),
    timedelta: ("p", lambda v: [v.days, v.seconds, v.microseconds]),
    Decimal: ("n", str),
    UUID: ("u", str),
    bytes: ("b", lambda v: base64.b64encode(v).decode()),
    GeoPoint: ("g", lambda v: [v.lat, v.lng]),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "h": time.fromisoformat,
    "p": lambda parts: timedelta(*parts),
    "n": Decimal,
    "u": UUID,
    "b": base64.b64decode,
    "g": lambda parts: GeoPoint(*parts),
    "l": lambda items: [untag(item) for item in items],
    "c": lambda items: tuple(untag(item) for item in items),
    "s": lambda items: frozenset(untag(item) for item in items),
    "m": lambda pairs: {untag(k): untag(v) for k, v in pairs},
}


def tag(value: Any) -> Any:
    """The value as JSON-able data that :func:`untag` turns back into an equal one."""
    kind = value.__class__
    if value is None or kind in {str, int, float, bool}:
        return value
    if kind is list:
        return ["l", [tag(item) for item in value]]
    if kind is tuple:
        return ["c", [tag(item) for item in value]]
    if kind in {frozenset, set}:
        return ["s", [tag(item) for item in value]]
    if kind is dict:
        if all(name.__class__ is str for name in value):
            return {name: tag(item) for name, item in value.items()}
        return ["m", [[tag(k), tag(v)] for k, v in value.items()]]
    mark, write = _WRITE[kind]
    return [mark, write(value)]


def untag(data: Any) -> Any:
    """The value of data that :func:`tag` made."""
    if data.__class__ is list:
        mark, inner = data
        return _READ[mark](inner)
    if data.__class__ is dict:
        return {name: untag(item) for name, item in data.items()}
    return data


def dumps(value: Any) -> str:
    """A neutral value as one line of JSON."""
    return json.dumps(tag(value), separators=(",", ":"), ensure_ascii=False)


def loads(text: str | bytes) -> Any:
    """The value of a text that :func:`dumps` made."""
    return untag(json.loads(text))
