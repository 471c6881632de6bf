"""What a condition on one path means for an index: values, or a range of one type.

The server's order mixes types and sorts texts by language.  So a range is always closed within its
type, and of texts only what is exact, or surely a superset, gets to the server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from juggler.query.tree import Between, Cmp, In, IsNull, Like, Not, StartsWith, Where
from juggler.values import NUMERIC, TEXTUAL
from juggler.values import TypeKind as K
from juggler.values.like import like_prefix
from juggler_cloudant.planning.requests import HIGH
from juggler_cloudant.values import encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from juggler.spec import FieldSpec
    from juggler.values import TypeSpec
    from juggler_cloudant.home import Home

    _End: TypeAlias = tuple[Any, bool] | None

#: Texts of these characters sort by language as they do by code point.
SAFE: Final = re.compile(r"[ \-./0-9a-z]*")
#: A prefix of these characters is also a prefix for the language's order.
_PLAIN: Final = re.compile(r"[0-9A-Za-z]+")
_FIXED: Final = frozenset({K.DATETIME, K.DATE, K.TIME, K.UUID, K.TIMEUUID})
_NUMBERS: Final = NUMERIC - {K.DECIMAL}
#: Kinds of which equal values have equal JSON, and maybe unequal ones too (by language).
_EQUATED: Final = frozenset({K.STRING, K.TEXT, K.INET, K.DECIMAL, K.BUFFER})


#: Kinds whose JSON is the same whoever wrote it.
_ALIKE: Final = _NUMBERS | {K.BOOLEAN, K.STRING, K.TEXT}


@frozen(eq=False)
class Bound:
    """What an index can use of the conditions on a path.

    Attributes:
        values: JSON values to find; None for a range.
        low: lower bound and whether it is left out.
        high: upper bound and whether it is left out.
        exact: the conditions that are answered exactly.
        superset: the conditions that have to be tested again.
        nulls: whether null is among what it finds.
    """

    values: tuple[Any, ...] | None = None
    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    exact: tuple[Where, ...] = ()
    superset: tuple[Where, ...] = ()
    nulls: bool = False


def bound_of(parts: Iterable[Where], spec: TypeSpec, field: FieldSpec | None) -> Bound | None:
    """The bound that the conditions on one path amount to, None when an index helps none of them.

    Args:
        parts: the conjuncts on the path.
        spec: the type at the path.
        field: the declared property when the path is one.
    """
    ranges: list[Bound] = []
    for part in parts:
        found = _one(part, spec, field)
        if found is None:
            continue
        if found.values is not None:
            return found
        ranges.append(found)
    if not ranges:
        return None
    whole = ranges[0]
    for more in ranges[1:]:
        whole = _met(whole, more)
    return _typed(whole, spec)


def _one(part: Where, spec: TypeSpec, field: FieldSpec | None) -> Bound | None:
    match part:
        case IsNull():
            return Bound((None,), exact=(part,), nulls=True)
        case Not(IsNull()):
            return Bound(low=(None, True), exact=(part,))
        case Cmp(_, "eq", value):
            return _equal(part, (value,), spec, field)
        case In(_, values):
            return _equal(part, values, spec, field)
        case Between(_, lo, hi):
            return _range(part, spec, field, low=(lo, False), high=(hi, False))
        case Cmp(_, "gt" | "ge" as op, value):
            return _range(part, spec, field, low=(value, op == "gt"))
        case Cmp(_, "lt" | "le" as op, value):
            return _range(part, spec, field, high=(value, op == "lt"))
        case StartsWith(_, prefix):
            return _prefix(part, prefix, spec)
        case Like(_, pattern, False):
            return _prefix(part, like_prefix(pattern)[0], spec)
        case _:
            return None


def _equal(
    part: Where, values: tuple[Any, ...], spec: TypeSpec, field: FieldSpec | None
) -> Bound | None:
    kind = spec.kind
    if kind is K.ANY:
        if any(v.__class__ not in {str, int, float, bool} for v in values):
            return None
        return Bound(tuple(filter(_is_storable, values)), superset=(part,))
    write = _writer(spec)
    if write is None:
        return None
    found = tuple(map(write, filter(_is_storable, values)))
    if any(v is None for v in found):
        return None
    if kind in _EQUATED and not (is_safe(field) and all(map(_is_safe, found))):
        return Bound(found, superset=(part,))
    return Bound(found, exact=(part,))


def _range(
    part: Where,
    spec: TypeSpec,
    field: FieldSpec | None,
    low: tuple[Any, bool] | None = None,
    high: tuple[Any, bool] | None = None,
) -> Bound | None:
    given = [bound[0] for bound in (low, high) if bound is not None]
    if (
        not all(map(_is_storable, given))
        or not is_ordered(spec, field)
        or (spec.kind in TEXTUAL and not all(map(_is_safe, given)))
    ):
        return None
    write = _writer(spec)
    if write is None or any(write(value) is None for value in given):
        return None
    return Bound(
        low=None if low is None else (write(low[0]), low[1]),
        high=None if high is None else (write(high[0]), high[1]),
        exact=(part,),
    )


def _prefix(part: Where, prefix: str, spec: TypeSpec) -> Bound | None:
    if spec.kind not in TEXTUAL or not _PLAIN.fullmatch(prefix):
        return None
    return Bound(low=(prefix, False), high=(prefix + "\uffff", False), superset=(part,))


def _is_storable(value: Any) -> bool:
    """Whether a document can hold the value: others match nothing, and the server refuses them."""
    if isinstance(value, int):
        return value.bit_length() <= _BITS
    try:
        return not isinstance(value, str) or bool(value.encode() or True)
    except UnicodeEncodeError:
        return False


#: Python refuses to write longer integers.
_BITS: Final = 10_000


def is_alike(home: Home, spec: TypeSpec, field: FieldSpec | None) -> bool:
    """Whether documents hold equal values as equal JSON: those of others may not."""
    return home.dense or spec.kind in _ALIKE or is_safe(field)


def is_safe(field: FieldSpec | None) -> bool:
    """Whether a property's texts are promised to sort everywhere alike."""
    return field is not None and field.collation == "ascii-safe"


def _is_safe(text: Any) -> bool:
    return isinstance(text, str) and SAFE.fullmatch(text) is not None


def is_ordered(spec: TypeSpec, field: FieldSpec | None) -> bool:
    """Whether the server compares values of a type as Juggler does."""
    if spec.kind in TEXTUAL:
        return is_safe(field)
    if spec.kind is K.DECIMAL:
        return spec.scale is not None
    return spec.kind in _NUMBERS or spec.kind in _FIXED or spec.kind is K.BOOLEAN


def is_sortable(spec: TypeSpec, field: FieldSpec | None) -> bool:
    """Whether the server's order of a property is right, or accepted as it is."""
    return is_ordered(spec, field) or (
        spec.kind in TEXTUAL and field is not None and field.collation == "icu"
    )


def _writer(spec: TypeSpec) -> Callable[[Any], Any] | None:
    kind = spec.kind
    if kind not in _EQUATED and kind not in _NUMBERS | _FIXED | {K.BOOLEAN}:
        return None
    write = encoder(spec)

    def guarded(value: Any) -> Any:
        try:
            return value if write is None else write(value)
        except (ValueError, ArithmeticError):
            return None  # no document holds it (more digits than the scale)

    return guarded


def _met(one: Bound, other: Bound) -> Bound:
    """Both; where both have a bound, the first one's stays and the other's is tested again."""
    exact, superset = list(one.exact), [*one.superset, *other.superset]
    low, high = one.low or other.low, one.high or other.high
    if one.low == (None, True) and other.low is not None:
        low = other.low
    taken = (other.low is None or low is other.low) and (other.high is None or high is other.high)
    covers_null = other.low == (None, True)
    (exact if taken or covers_null else superset).extend(other.exact)
    return evolve(one, low=low, high=high, exact=tuple(exact), superset=tuple(superset))


def _typed(bound: Bound, spec: TypeSpec) -> Bound | None:
    """The range closed within its type."""
    low, high = bound.low, bound.high
    if low is not None and low[0] is None:
        if high is None:
            return evolve(bound, high=(HIGH, False))
        low = None
    if low is not None and high is not None:
        return evolve(bound, low=low)
    if spec.kind is K.BOOLEAN:
        return _closed(bound, low, high, (False, False), (True, False))
    if spec.kind in _NUMBERS or spec.kind is K.DECIMAL:
        return _closed(bound, low, high, (True, True), ("", True))
    return _closed(bound, low, high, ("", False), ([], True))


def _closed(bound: Bound, low: _End, high: _End, floor: _End, ceiling: _End) -> Bound:
    return evolve(bound, low=low or floor, high=high or ceiling)
