"""Neutral values of declared types as JSON of documents and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from juggler.spec import EXTRA
from juggler.values import TypeKind as K
from juggler_cloudant.values.scalars import SCALARS, only, plain_decimal
from juggler_cloudant.values.undeclared import any_in, any_out, in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.values import TypeSpec
    from juggler_cloudant.values.scalars import Convert

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
            return SCALARS[spec.kind][0]


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
            return lambda data: make(_keep(inner, v) for v in only(list)(data))
        case K.TUPLE:
            parts = [decoder(item) for item in spec.items]
            return lambda data: tuple(_keep(c, v) for c, v in zip(parts, data, strict=True))
        case K.MAP if spec.of is not None:
            return _map_in(spec)
        case K.EMBEDDED if spec.model is not None:
            return _embedded_in(spec)
        case _:
            return SCALARS[spec.kind][1]


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
        return out if ordered else in_order(out)

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
        only(dict)(data)
        out = {name: _keep(convert, data.get(stored)) for name, stored, convert in table}
        if is_open:
            out |= {name: any_in(v) for name, v in data.items() if name not in known}
        return out

    return read
