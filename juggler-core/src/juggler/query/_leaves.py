"""One condition on one path of a known type: which operators the type has, and its literals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from attrs import evolve

from juggler.errors import InvalidQueryError, InvalidValueError, did_you_mean
from juggler.query._operators import OPERATORS, not_null, text
from juggler.query._refusal import invalid
from juggler.query.tree import (
    Between,
    Cmp,
    Contains,
    ContainsKey,
    Like,
    Near,
    Regex,
    StartsWith,
    Where,
)
from juggler.values import (
    ANY,
    ELEMENTED,
    ORDERED,
    STRING,
    TEXTUAL,
    GeoPoint,
    TypeKind,
    TypeSpec,
    coercer,
)
from juggler.values._refusal import show
from juggler.values.geo import radius
from juggler.values.like import like_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.query._paths import Place

    #: (path, type, value) → neutral value
    Literal = Callable[[str, TypeSpec, Any], Any]

_OBJECTS = frozenset({TypeKind.OBJECT, TypeKind.EMBEDDED, TypeKind.MAP, TypeKind.ANY, TypeKind.GEO})
_LISTS = ELEMENTED | {TypeKind.TUPLE, TypeKind.VECTOR, TypeKind.ANY, TypeKind.GEO}
_SCALARS: Final = (str, bool, int, float, Decimal, dt.date, dt.time, bytes, UUID)

#: Which types an operator is for (any-typed paths have all of them), by the operator's word.
_FOR: dict[str, frozenset[TypeKind]] = {
    "gt": ORDERED,
    "like": TEXTUAL,
    "near": frozenset({TypeKind.GEO}),
    "contains": ELEMENTED | {TypeKind.MAP, TypeKind.OBJECT},
    "containsKey": frozenset({TypeKind.MAP, TypeKind.OBJECT}),
    "elemMatch": ELEMENTED | {TypeKind.MAP, TypeKind.OBJECT},
}
_WORDS = {"lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}


def is_for_collections(where: Where) -> bool:
    """Whether an operator is about a collection, not about its elements."""
    return isinstance(where, Contains | ContainsKey)


def element_type(spec: TypeSpec) -> TypeSpec:
    """The type of the elements of an array or set, of the values of a map or object."""
    return (spec.of or ANY) if spec.kind in ELEMENTED | {TypeKind.MAP} else ANY


def element(found: Place, path: str) -> TypeSpec:
    """What an element match at this place is about."""
    _allow("elemMatch", "elemMatch", path, found.type)
    return element_type(found.type)


def bind(literal: Literal, path: str, spec: TypeSpec, where: Any) -> Where:
    """A condition that is not about null, with ``path`` and neutral literals."""
    match where:
        case Cmp(_, "eq", value):
            return Cmp(path, "eq", literal(path, spec, value))
        case Cmp(_, op, value):
            return Cmp(path, op, _bound(literal, path, spec, _WORDS[op], value))
        case Between(_, low, high):
            low, high = (_bound(literal, path, spec, "between", bound) for bound in (low, high))
            return Between(path, low, high)
        case Like(_, pattern, ci):
            _allow("like", "like", path, spec)
            like_matcher(text(path, "like", pattern), ci)
            return Like(path, pattern, ci)
        case Regex(_, pattern, flags):
            _allow("like", "regexp", path, spec)
            return _regex(path, text(path, "regexp", pattern), flags)
        case StartsWith(_, prefix):
            _allow("like", "startswith", path, spec)
            return StartsWith(path, text(path, "startswith", prefix))
        case _:
            return _bind_rest(literal, path, spec, where)


def _regex(path: str, pattern: str, flags: str) -> Regex:
    from juggler.values.regular import search_for  # noqa: PLC0415 - only with patterns

    search_for(pattern, flags)
    return Regex(path, pattern, flags)


def _bind_rest(literal: Literal, path: str, spec: TypeSpec, where: Any) -> Where:
    match where:
        case Contains(_, value):
            _allow("contains", "contains", path, spec)
            found = None if value is None else literal(path, element_type(spec), value)
            return Contains(path, found)
        case ContainsKey(_, key):
            _allow("containsKey", "containsKey", path, spec)
            keys = (spec.key if spec.kind is TypeKind.MAP else None) or STRING
            return ContainsKey(path, literal(path, keys, not_null(path, "containsKey", key)))
        case Near():
            return _near(literal, path, spec, where)
    raise invalid(f"{show(where)} is no condition", "bad-where", "User.age > 3, or a dict")


def neutral(spec: TypeSpec, value: Any, *, naive_utc: bool) -> Any:
    """A literal as the neutral value of a type."""
    return coercer(spec, naive_utc=naive_utc)(value)


def misfit(path: str, spec: TypeSpec, value: Any, error: InvalidValueError) -> InvalidQueryError:
    """The error for a literal that its property cannot hold."""
    where = ".".join(part for part in (path, error.field) if part) or "an element"
    if isinstance(value, Mapping) and spec.kind not in _OBJECTS and value:
        word = str(next(iter(value)))[:60]
        return invalid(
            f"{word!r} is no operator; {where} is of type {spec} and cannot equal an object",
            "unknown-operator",
            did_you_mean(word, OPERATORS),
        )
    hint = error.hint
    if isinstance(value, list | tuple) and spec.kind not in _LISTS:
        hint = f"one of several values: {{'{path}': {{'inq': [first, second]}}}}"
    return invalid(f"{where}: {error.message}", error.code, hint)


def _bound(literal: Literal, path: str, spec: TypeSpec, word: str, value: Any) -> Any:
    _allow("gt", word, path, spec)
    bound = literal(path, spec, not_null(path, word, value))
    if spec.kind is TypeKind.ANY and not isinstance(bound, _SCALARS):
        raise invalid(
            f"{word} on {path!r} has {show(value)}, which has no order",
            "unorderable",
            "a text, number, boolean, date or time",
        )
    return bound


def _near(literal: Literal, path: str, spec: TypeSpec, where: Near) -> Near:
    _allow("near", "near", path, spec)
    point = literal(path, TypeSpec(TypeKind.GEO), not_null(path, "near", where.point))
    try:
        scale = radius("meters") / radius(where.unit)
    except InvalidValueError as error:
        raise invalid(error.message, error.code, error.hint) from None
    if not isinstance(point, GeoPoint):
        raise invalid(f"{show(point)} is no point", "not-a-geopoint", "(lat, lng)")
    nearest, farthest = (
        None if distance is None else distance * scale
        for distance in (_length(path, where.min_distance), _length(path, where.max_distance))
    )
    return evolve(
        where, path=path, point=point, min_distance=nearest, max_distance=farthest, unit="meters"
    )


def _length(path: str, distance: Any) -> float | None:
    if distance is None or (isinstance(distance, int | float) and distance >= 0):
        return distance
    raise invalid(
        f"{show(distance)} is no distance from {path!r}", "bad-distance", "a number, 0 or more"
    )


def _allow(group: str, word: str, path: str, spec: TypeSpec) -> None:
    if spec.kind is TypeKind.ANY or spec.kind in _FOR[group]:
        return
    kinds = ", ".join(sorted(_FOR[group]))
    raise invalid(
        f"{word} cannot be used on {path or 'an element'}, which is of type {spec}",
        "operator-type",
        f"{word} is for {kinds}",
    )
