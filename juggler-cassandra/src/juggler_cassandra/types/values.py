"""Conversions of a property's values, by its neutral type and its column's CQL type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from juggler.errors import DecodeError, InvalidValueError
from juggler.spec import FieldSpec, KeySpec, ModelSpec
from juggler.values import coercer
from juggler.values.jsonable import to_jsonable
from juggler.values.types import TypeKind as K
from juggler.values.types import TypeSpec, simple
from juggler_cassandra.types import jsontext, scalars
from juggler_cassandra.types.cql import parse
from juggler_cassandra.types.mapping import JSON_KINDS, WHOLE, column_type, hints_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from juggler_cassandra.types.cql import CqlType

Convert: TypeAlias = "Callable[[Any], Any] | None"


@frozen
class Pair:
    """The two directions; None where a value stays as it is.  Neither is called with None."""

    encode: Convert = None
    decode: Convert = None


_NO_OPTIONS: Final[Mapping[str, Any]] = {}
_TEXT: Final = Pair(scalars.text)
#: By neutral kind and column.
_SCALARS: Final[dict[tuple[K, str], Pair]] = {
    **{(kind, "text"): _TEXT for kind in (K.STRING, K.TEXT)},
    **{(kind, "ascii"): Pair(scalars.ascii_text) for kind in (K.STRING, K.TEXT)},
    **{(K.INTEGER, name): Pair(scalars.whole(name)) for name in WHOLE},
    **{(K.NUMBER, name): Pair(scalars.whole(name)) for name in WHOLE},
    (K.COUNTER, "counter"): Pair(scalars.whole("counter")),
    (K.NUMBER, "double"): Pair(scalars.double, scalars.number_of),
    (K.NUMBER, "float"): Pair(scalars.single, scalars.number_of),
    (K.NUMBER, "decimal"): Pair(scalars.decimal, scalars.number_of),
    (K.FLOAT, "double"): Pair(scalars.double),
    (K.FLOAT, "float"): Pair(scalars.single),
    (K.DECIMAL, "decimal"): Pair(scalars.decimal),
    (K.DECIMAL, "varint"): Pair(scalars.whole("varint"), scalars.decimal_of),
    (K.DATETIME, "timestamp"): Pair(scalars.timestamp, scalars.datetime_of),
    (K.DATE, "date"): Pair(scalars.days, scalars.date_of),
    (K.TIME, "time"): Pair(scalars.nanoseconds, scalars.time_of),
    (K.DURATION, "duration"): Pair(scalars.span, scalars.timedelta_of),
    (K.UUID, "timeuuid"): Pair(coercer(simple(K.TIMEUUID))),
    (K.INET, "inet"): Pair(scalars.address, scalars.address_of),
}


def pair(
    spec: TypeSpec, cql: CqlType, options: Mapping[str, Any] = _NO_OPTIONS, *, key: bool = False
) -> Pair:
    """The conversions of a type that a column can hold (see ``mapping.fits``).

    Args:
        spec: the property's type.
        cql: the column's.
        options: the property's Cassandra options (``truncate`` of times, ``round`` of vectors).
        key: whether it is a partition column, which is found by its bytes.
    """
    kind = spec.kind
    if cql.is_scalar and cql.name in {"text", "ascii"} and kind in JSON_KINDS:
        return _json(spec)
    make = _STRUCTURES.get(kind)
    if make is not None:
        return make(spec, cql, options)
    plain = _SCALARS.get((kind, cql.name), Pair())
    if kind is K.TIME and options.get("truncate"):
        return Pair(plain.encode, partial(scalars.time_of, truncate=True))
    if key and cql.name == "decimal":
        return Pair(scalars.key_decimal, plain.decode)
    return plain


# ---------------------------------------------------------------- JSON and untyped


def _json(spec: TypeSpec) -> Pair:
    if spec.kind in {K.ANY, K.OBJECT}:
        return Pair(lambda value: scalars.text(jsontext.dumps(value)), jsontext.loads)
    coerce = coercer(spec)

    def encode(value: Any) -> str:
        return scalars.text(json.dumps(to_jsonable(value), ensure_ascii=False))

    def decode(text: str) -> Any:
        try:
            return coerce(json.loads(text))
        except (ValueError, InvalidValueError) as error:
            raise DecodeError(f"{text[:60]!r} is no JSON of {spec}", hint="correct it") from error

    return Pair(encode, decode)


#: What an untyped property over a column of some type holds.
_KIND_OF: Final[dict[str, K]] = {
    **dict.fromkeys(WHOLE, K.INTEGER),
    "double": K.NUMBER,
    "float": K.NUMBER,
    "decimal": K.DECIMAL,
    "boolean": K.BOOLEAN,
    "timestamp": K.DATETIME,
    "date": K.DATE,
    "time": K.TIME,
    "duration": K.DURATION,
    "blob": K.BUFFER,
    "uuid": K.UUID,
    "timeuuid": K.TIMEUUID,
    "inet": K.INET,
    "text": K.STRING,
    "ascii": K.STRING,
    "counter": K.COUNTER,
}


#: Fields of user-defined types by name: (field, type text) pairs.
UserTypes: TypeAlias = Mapping[str, "Sequence[tuple[str, str]]"]
_NO_TYPES: Final[UserTypes] = {}


def neutral_of(cql: CqlType, users: UserTypes = _NO_TYPES) -> TypeSpec:
    """The neutral type of a column; a user-defined type that ``users`` does not have is ``any``."""
    if cql.user and cql.name in users:
        return TypeSpec(K.EMBEDDED, model=_embedded_model(cql.name, users))
    if cql.user or cql.name.startswith("'"):
        return simple(K.ANY)
    if cql.is_scalar:
        return simple(_KIND_OF[cql.name])
    inner = tuple(neutral_of(arg, users) for arg in cql.args)
    match cql.name:
        case "list":
            return TypeSpec(K.ARRAY, of=inner[0], frozen=cql.frozen)
        case "set":
            return TypeSpec(K.SET, of=inner[0], frozen=cql.frozen)
        case "map":
            key = None if inner[0] == simple(K.STRING) else inner[0]
            return TypeSpec(K.MAP, of=inner[1], key=key, frozen=cql.frozen)
        case "vector":
            return TypeSpec(K.VECTOR, of=inner[0], length=cql.size)
        case _:
            return TypeSpec(K.TUPLE, items=inner)


def _embedded_model(name: str, users: UserTypes) -> ModelSpec:
    fields = [
        FieldSpec(field, field, neutral_of(parse(text), users)) for field, text in users[name]
    ]
    return ModelSpec(name, name, tuple(fields), KeySpec(()))


def _untyped(_spec: TypeSpec, cql: CqlType, _options: Mapping[str, Any]) -> Pair:
    spec = neutral_of(cql)
    coerce, inner = coercer(spec), pair(spec, cql)
    encode, decode = inner.encode, inner.decode

    def write(value: Any) -> Any:
        found = coerce(value)
        return found if encode is None else encode(found)

    return Pair(write, lambda value: _plain(value if decode is None else decode(value)))


def _plain(value: Any) -> Any:
    """Collections as an untyped property has them."""
    if isinstance(value, frozenset):
        return sorted(map(_plain, value), key=repr)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {
            name if isinstance(name, str) else str(name): _plain(item)
            for name, item in value.items()
        }
    return value


# ---------------------------------------------------------------- collections


def _elements(spec: TypeSpec, cql: CqlType, _options: Mapping[str, Any]) -> Pair:
    inner = pair(spec.of or simple(K.ANY), cql.args[0])
    encode, decode = inner.encode, inner.decode
    make: type[list[Any] | frozenset[Any]] = frozenset if spec.kind is K.SET else list

    def write(values: Iterable[Any]) -> list[Any]:
        found = [_element(value) for value in values]
        return found if encode is None else [encode(value) for value in found]

    def read(values: Iterable[Any]) -> Any:
        return make(values) if decode is None else make(decode(value) for value in values)

    return Pair(write, _hashing(read) if make is frozenset else read)


def _hashing(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Elements of a set that are lists are tuples, as the core's coercion makes them."""

    def hashed(values: Any) -> Any:
        try:
            return read(values)
        except TypeError:
            return frozenset(tuple(v) if isinstance(v, list) else v for v in list(values))

    return hashed


def _mapping(spec: TypeSpec, cql: CqlType, _options: Mapping[str, Any]) -> Pair:
    keys = pair(spec.key or simple(K.STRING), cql.args[0])
    items = pair(spec.of or simple(K.ANY), cql.args[1])

    def write(values: Mapping[Any, Any]) -> Any:
        found = [(_of(keys.encode, k), _of(items.encode, _element(v))) for k, v in values.items()]
        return Entries(found)

    def read(values: Mapping[Any, Any]) -> dict[Any, Any]:
        return {_of(keys.decode, k): _of(items.decode, v) for k, v in values.items()}

    return Pair(write, read)


class Entries:
    """Entries of a map in physical form; keys need not be hashable."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        self._pairs = tuple(pairs)

    def items(self) -> tuple[tuple[Any, Any], ...]:
        """The (key, value) pairs."""
        return self._pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entries) and self._pairs == other._pairs

    def __hash__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        return f"Entries({self._pairs!r})"


def _tuple(spec: TypeSpec, cql: CqlType, _options: Mapping[str, Any]) -> Pair:
    parts = [pair(item, arg) for item, arg in zip(spec.items, cql.args, strict=True)]

    def write(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(_of(p.encode, v) for p, v in zip(parts, values, strict=True))

    def read(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(_of(p.decode, v) for p, v in zip(parts, values, strict=True))

    return Pair(write, read)


def _vector(_spec: TypeSpec, cql: CqlType, options: Mapping[str, Any]) -> Pair:
    if cql.args[0].name == "double":
        element: Callable[[Any], float] = scalars.double
    else:
        element = scalars.rounded if options.get("round") else scalars.single
    return Pair(lambda values: [element(value) for value in values], tuple)


# ---------------------------------------------------------------- user-defined types


class UserValue:
    """A value of a user-defined type: attributes by field name.

    The driver takes them by name, so the order of the type's fields does not matter; a field that
    the model does not have is null.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UserValue) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__))

    def __repr__(self) -> str:
        return f"UserValue({self.__dict__!r})"


def _embedded(spec: TypeSpec, _cql: CqlType, _options: Mapping[str, Any]) -> Pair:
    """Fields by name; decoding takes named tuples, objects and mappings."""
    model = spec.model
    if model is None:
        return Pair()
    parts = [
        (f.name, f.storage_name, pair(f.type, column_type(model, f), hints_of(f)))
        for f in model.fields
    ]

    def write(value: Mapping[str, Any]) -> UserValue:
        return UserValue(
            {column: _of(part.encode, value.get(name)) for name, column, part in parts}
        )

    def read(value: Any) -> dict[str, Any]:
        get = value.get if isinstance(value, Mapping) else partial(_attribute, value)
        return {name: _of(part.decode, get(column)) for name, column, part in parts}

    return Pair(write, read)


def _attribute(value: Any, name: str) -> Any:
    fields = getattr(value, "_fields", None)  # a named tuple has methods of its own, too
    return None if fields is not None and name not in fields else getattr(value, name, None)


def _of(convert: Convert, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


def _element(value: Any) -> Any:
    if value is None:
        raise scalars.refused(
            None, "null-element", "cannot be in a collection of Cassandra", "leave it out"
        )
    return value


_STRUCTURES: Final[dict[K, Callable[[TypeSpec, CqlType, Mapping[str, Any]], Pair]]] = {
    K.ANY: _untyped,
    K.OBJECT: _untyped,
    K.ARRAY: _elements,
    K.SET: _elements,
    K.MAP: _mapping,
    K.TUPLE: _tuple,
    K.VECTOR: _vector,
    K.GEO: lambda _spec, _cql, _options: Pair(scalars.point, scalars.point_of),
    K.EMBEDDED: _embedded,
}
