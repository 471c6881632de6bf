"""Neutral values as JSON of documents and back.

Text forms have one shape per kind (datetimes always with milliseconds and ``Z``), so that equal
values are equal texts and, where the alphabet allows it, texts sort as their values do.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from juggler.spec import EXTRA
from juggler.values import GeoPoint
from juggler.values import TypeKind as K

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.values import TypeSpec

    Convert = Callable[[Any], Any] | None

_US: Final = dt.timedelta(microseconds=1)
_MS: Final = 1000


def moment(value: dt.datetime) -> str:
    """``2024-05-01T12:00:00.000Z``."""
    utc = value.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def read_moment(data: Any) -> dt.datetime:
    """A datetime of ISO text, or of epoch milliseconds; to the millisecond."""
    if isinstance(data, int | float) and not isinstance(data, bool):
        return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=data)
    value = dt.datetime.fromisoformat(_is(str)(data))
    value = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return value.replace(microsecond=value.microsecond // _MS * _MS)


def plain_decimal(value: Decimal) -> str:
    """The text of a decimal; equal decimals have equal texts."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if value else "0"


def read_integer(data: Any) -> int:
    """An integer; a float only when it is whole."""
    if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
        raise TypeError(data)
    return int(data)


def read_number(data: Any) -> Any:
    """A number as it is written."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise TypeError(data)
    return data


def _is(kind: type) -> Callable[[Any], Any]:
    def read(data: Any) -> Any:
        if not isinstance(data, kind):
            raise TypeError(data)
        return data

    return read


def _unsigned(value: Any) -> Any:
    """A number without the sign of a zero, which the server loses, as it does the smallest ones."""
    if not value:
        return 0 if isinstance(value, int) else 0.0
    if isinstance(value, float) and abs(value) < _SMALLEST:
        msg = f"the server would make 0 of {value!r}"
        raise ValueError(msg)
    return value


_SMALLEST: Final = sys.float_info.min


_SCALARS: Final[dict[K, tuple[Convert, Convert]]] = {
    K.STRING: (None, _is(str)),
    K.TEXT: (None, _is(str)),
    K.INET: (None, _is(str)),
    K.INTEGER: (None, read_integer),
    K.NUMBER: (_unsigned, read_number),
    K.FLOAT: (_unsigned, lambda data: float(read_number(data))),
    K.BOOLEAN: (None, _is(bool)),
    K.DATETIME: (moment, read_moment),
    K.DATE: (dt.date.isoformat, lambda data: dt.date.fromisoformat(data[:10])),
    K.TIME: (lambda v: v.isoformat(timespec="microseconds"), dt.time.fromisoformat),
    K.DURATION: (lambda v: v // _US, lambda data: read_integer(data) * _US),
    K.DECIMAL: (plain_decimal, lambda data: Decimal(str(data))),
    K.BUFFER: (lambda v: base64.b64encode(v).decode(), base64.b64decode),
    K.UUID: (str, UUID),
    K.TIMEUUID: (str, UUID),
    K.GEO: (lambda v: {"lat": v.lat, "lng": v.lng}, GeoPoint.of),
}
#: Kinds whose JSON is text.
_TEXTS: Final = frozenset(
    {K.STRING, K.TEXT, K.INET, K.DATETIME, K.DATE, K.TIME, K.DECIMAL, K.BUFFER, K.UUID, K.TIMEUUID}
)


def encoder(spec: TypeSpec) -> Convert:
    """The function from neutral values of a type to JSON; None where they are JSON already."""
    match spec.kind:
        case K.ANY | K.OBJECT:
            return any_out
        case K.DECIMAL if spec.scale is not None:
            return _scaled(spec.scale)
        case K.ARRAY | K.VECTOR | K.SET if spec.of is not None:
            return _list_out(encoder(spec.of), ordered=spec.kind is not K.SET)
        case K.TUPLE:
            parts = [encoder(item) for item in spec.items]
            return lambda values: [_keep(c, v) for c, v in zip(parts, values, strict=True)]
        case K.MAP if spec.of is not None:
            return _map_out(spec)
        case K.EMBEDDED if spec.model is not None:
            return _embedded_out(spec)
        case _:
            return _SCALARS[spec.kind][0]


def decoder(spec: TypeSpec) -> Convert:
    """The function from JSON to neutral values of a type."""
    match spec.kind:
        case K.ANY | K.OBJECT:
            return any_in
        case K.DECIMAL if spec.scale is not None:
            return _unscaled(spec.scale)
        case K.ARRAY | K.VECTOR | K.SET if spec.of is not None:
            make = {K.SET: frozenset, K.VECTOR: tuple}.get(spec.kind, list)
            inner = decoder(spec.of)
            return lambda data: make(_keep(inner, v) for v in _is(list)(data))
        case K.TUPLE:
            parts = [decoder(item) for item in spec.items]
            return lambda data: tuple(_keep(c, v) for c, v in zip(parts, data, strict=True))
        case K.MAP if spec.of is not None:
            return _map_in(spec)
        case K.EMBEDDED if spec.model is not None:
            return _embedded_in(spec)
        case _:
            return _SCALARS[spec.kind][1]


def _keep(convert: Convert, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


def _scaled(scale: int) -> Callable[[Any], Any]:
    def write(value: Decimal) -> int:
        whole, _, rest = plain_decimal(value).partition(".")
        if len(rest) > scale:
            msg = f"{value} has more than {scale} digits after the point"
            raise ValueError(msg)
        return int(whole + rest.ljust(scale, "0"))

    return write


def _unscaled(scale: int) -> Callable[[Any], Any]:
    def read(data: Any) -> Decimal:
        if isinstance(data, int) and not isinstance(data, bool):
            return Decimal(f"{data}E-{scale}")
        return Decimal(str(data))

    return read


def _list_out(inner: Convert, *, ordered: bool) -> Callable[[Any], Any]:
    def write(values: Any) -> list[Any]:
        out = [_keep(inner, v) for v in values]
        return out if ordered else sorted(out, key=lambda v: (type(v).__name__, json.dumps(v)))

    return write


def _map_out(spec: TypeSpec) -> Callable[[Any], Any]:
    inner = encoder(spec.of) if spec.of else None
    key = encoder(spec.key) if spec.key else None

    def name(value: Any) -> str:
        out = _keep(key, value)
        return out if isinstance(out, str) else json.dumps(out)

    return lambda values: {name(k): _keep(inner, v) for k, v in values.items()}


def _map_in(spec: TypeSpec) -> Callable[[Any], Any]:
    inner = decoder(spec.of) if spec.of else None
    key = decoder(spec.key) if spec.key else None
    texts = spec.key is None or spec.key.kind in _TEXTS

    def name(text: str) -> Any:
        return _keep(key, text if texts else json.loads(text))

    return lambda data: {name(k): _keep(inner, v) for k, v in data.items()}


def _embedded_out(spec: TypeSpec) -> Callable[[Any], Any]:
    fields = [f for f in spec.model.fields if f.name != EXTRA]  # type: ignore[union-attr]
    table = {f.name: (f.storage_name, encoder(f.type)) for f in fields}

    def write(values: Any) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value in values.items():
            known = table.get(name)
            if known is None:
                out[name] = any_out(value)
            else:
                out[known[0]] = _keep(known[1], value)
        return out

    return write


def _embedded_in(spec: TypeSpec) -> Callable[[Any], Any]:
    model = spec.model
    fields = [f for f in model.fields if f.name != EXTRA]  # type: ignore[union-attr]
    table = [(f.name, f.storage_name, decoder(f.type)) for f in fields]
    known = {f.storage_name for f in fields}
    is_open = bool(model and model.open)

    def read(data: Any) -> dict[str, Any]:
        _is(dict)(data)
        out = {name: _keep(convert, data.get(stored)) for name, stored, convert in table}
        if is_open:
            out |= {name: any_in(v) for name, v in data.items() if name not in known}
        return out

    return read


# ---------------------------------------------------------------- values of undeclared type


def _sorted_out(values: Any) -> list[Any]:
    out: list[Any] = _list_out(any_out, ordered=False)(values)
    return out


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
        return _unsigned(value)
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
