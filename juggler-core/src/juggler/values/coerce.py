"""Coercion: one rule per type, used for literals of filters and for values of instances alike."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from juggler.values import _containers, _numbers, _plain, _scalars, _times
from juggler.values.geo import GeoPoint
from juggler.values.types import ANY, STRING, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Callable

#: ``TypeSpec.precision`` of a datetime that keeps microseconds.
MICROSECONDS = 6
#: The field of an open model that holds its undeclared properties.
EXTRA = "*"


def coercer(spec: TypeSpec, *, naive_utc: bool = False) -> Callable[[Any], Any]:
    """The coercion of a type: a function from anything to the type's neutral value.

    None passes through.  Containers are always fresh.  Neutral values are: str for texts and
    addresses, int, int or float (number), float, Decimal, bool, an aware datetime in UTC floored to
    milliseconds (a ``precision`` of 6 keeps microseconds), date, time, timedelta, bytes, UUID,
    GeoPoint, JSON-like values with such leaves (any, object), a dict with all declared properties
    (embedded), list (array), frozenset (set), dict (map), tuple, tuple of floats (vector).

    Args:
        spec: the type.
        naive_utc: take datetimes without zone as UTC; they are refused otherwise.

    Returns:
        A function that raises InvalidValueError, its hint naming the accepted forms and its
        ``field`` the place inside the value; the caller puts the property's name before it.
    """
    return _coercer(spec, naive_utc)


@lru_cache(maxsize=1024)
def _coercer(spec: TypeSpec, naive_utc: bool) -> Callable[[Any], Any]:  # noqa: FBT001 - cache key
    bare = _bare(spec, naive_utc=naive_utc)
    return lambda value: None if value is None else bare(value)


_PLAIN: dict[TypeKind, Callable[[Any], Any]] = {
    TypeKind.STRING: _scalars.string,
    TypeKind.TEXT: _scalars.string,
    TypeKind.NUMBER: _numbers.number,
    TypeKind.FLOAT: _numbers.real,
    TypeKind.DECIMAL: _numbers.decimal,
    TypeKind.BOOLEAN: _scalars.boolean,
    TypeKind.DATE: _times.day,
    TypeKind.TIME: _times.clock_time,
    TypeKind.DURATION: _times.duration,
    TypeKind.BUFFER: _scalars.buffer,
    TypeKind.UUID: _scalars.uuid,
    TypeKind.TIMEUUID: _scalars.timeuuid,
    TypeKind.INET: _scalars.inet,
    TypeKind.GEO: GeoPoint.of,
}


def _bare(spec: TypeSpec, *, naive_utc: bool) -> Callable[[Any], Any]:
    match spec.kind:
        case TypeKind.INTEGER | TypeKind.COUNTER:
            return _numbers.integer(spec.bits)
        case TypeKind.DATETIME:
            return _times.moment(naive_utc=naive_utc, micro=spec.precision == MICROSECONDS)
        case TypeKind.ANY:
            return _plain.plain(_times.moment(naive_utc=naive_utc))
        case kind if kind in _PLAIN:
            return _PLAIN[kind]
        case _:
            return _container(spec, lambda of: coercer(of or ANY, naive_utc=naive_utc))


def _container(
    spec: TypeSpec, inner: Callable[[TypeSpec | None], Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    match spec.kind:
        case TypeKind.ARRAY:
            return _containers.array(inner(spec.of))
        case TypeKind.SET:
            return _containers.unique(inner(spec.of))
        case TypeKind.MAP:
            return _containers.mapping(inner(spec.key or STRING), inner(spec.of))
        case TypeKind.TUPLE:
            return _containers.sequence(tuple(map(inner, spec.items)))
        case TypeKind.VECTOR:
            return _containers.vector(spec.length)
    if spec.model is None:
        return _plain.plain_object(inner(None))
    fields = {field.name: inner(field.type) for field in spec.model.fields if field.name != EXTRA}
    return _containers.embedded(spec.model.name, fields, inner(None) if spec.model.open else None)
