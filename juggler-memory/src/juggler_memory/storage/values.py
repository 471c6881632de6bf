"""Neutral values as JSON and back, exactly.

Numbers, texts, booleans, null and lists are JSON's own.  Everything else is an object with one key
that begins with ``$`` and names the type; an object of the user's that looks like one is wrapped.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.errors import DecodeError, InvalidValueError
from juggler.values import GeoPoint

if TYPE_CHECKING:
    from collections.abc import Callable

#: Larger integers are written as hexadecimal text: Python refuses to read thousands of digits.
_LARGE = 1 << 1024


def pack(value: Any) -> Any:
    """A JSON value that :func:`unpack` turns into an equal value of the same type."""
    packer = _PACK.get(value.__class__)
    if packer is not None:
        return packer(value)
    for kind, general in _PACK.items():
        if isinstance(value, kind):
            return general(value)
    raise InvalidValueError(
        f"a value of type {type(value).__name__} cannot be written to a file",
        code="unwritable-value",
        hint="keep texts, numbers, dates, bytes, UUIDs, points and lists or objects of them",
    )


def unpack(value: Any) -> Any:
    """The value that :func:`pack` was given.

    Raises:
        DecodeError: the JSON was not written by :func:`pack`.
    """
    if value.__class__ is list:
        return [unpack(item) for item in value]
    if value.__class__ is not dict:
        return value
    if len(value) == 1:
        (tag, inner), *_ = value.items()
        if tag.startswith("$"):
            return _tagged(tag, inner)
    return {name: unpack(item) for name, item in value.items()}


def _tagged(tag: str, inner: Any) -> Any:
    try:
        return _UNPACK[tag](inner)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise DecodeError(f"{tag!r} holds something unreadable", native=str(error)) from error


def _integer(value: int) -> Any:
    return value if -_LARGE < value < _LARGE else {"$int": hex(value)}


def _real(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _mapping(value: dict[Any, Any]) -> Any:
    if not all(name.__class__ is str for name in value):
        return {"$map": [[pack(name), pack(item)] for name, item in value.items()]}
    packed = {name: pack(item) for name, item in value.items()}
    if len(packed) == 1 and next(iter(packed)).startswith("$"):
        return {"$object": packed}
    return packed


def _duration(value: dt.timedelta) -> Any:
    return {"$duration": [value.days, value.seconds, value.microseconds]}


def _same(value: Any) -> Any:
    return value


_PACK: dict[type, Callable[[Any], Any]] = {
    str: str,
    bool: _same,
    int: _integer,
    float: _real,
    type(None): _same,
    dt.datetime: lambda v: {"$datetime": v.isoformat()},
    dt.date: lambda v: {"$date": v.isoformat()},
    dt.time: lambda v: {"$time": v.isoformat()},
    dt.timedelta: _duration,
    Decimal: lambda v: {"$decimal": str(v)},
    UUID: lambda v: {"$uuid": str(v)},
    bytes: lambda v: {"$bytes": base64.b64encode(v).decode()},
    GeoPoint: lambda v: {"$point": [v.lat, v.lng]},
    list: lambda v: [pack(item) for item in v],
    tuple: lambda v: {"$tuple": [pack(item) for item in v]},
    frozenset: lambda v: {"$set": [pack(item) for item in v]},
    set: lambda v: {"$set": [pack(item) for item in v]},
    dict: _mapping,
}

_UNPACK: dict[str, Callable[[Any], Any]] = {
    "$int": lambda v: int(v, 16),
    "$float": float,
    "$datetime": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$duration": lambda v: dt.timedelta(*v),
    "$decimal": Decimal,
    "$uuid": UUID,
    "$bytes": lambda v: base64.b64decode(v, validate=True),
    "$point": lambda v: GeoPoint(*v),
    "$tuple": lambda v: tuple(unpack(item) for item in v),
    "$set": lambda v: frozenset(unpack(item) for item in v),
    "$map": lambda v: {_hashable(unpack(name)): unpack(item) for name, item in v},
    "$object": lambda v: {name: unpack(item) for name, item in v.items()},
}


def _hashable(value: Any) -> Any:
    hash(value)
    return value
