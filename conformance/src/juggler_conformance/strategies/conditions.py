"""Conditions on a shape: drawn mostly from what the rows hold, so that they hit."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import frozen
from hypothesis import strategies as st

from juggler.query.tree import (
    And,
    AnyElem,
    Between,
    Cmp,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Or,
    Regex,
    StartsWith,
    Where,
)
from juggler.values.types import ELEMENTED, ORDERED, TEXTUAL, TypeKind, TypeSpec
from juggler_conformance.oracle.conditions import distance
from juggler_conformance.oracle.values import at, kind
from juggler_conformance.strategies.values import neighbours, pool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from juggler.connector.capabilities import Capabilities
    from juggler_conformance.limits import Limits
    from juggler_conformance.shapes import Shape

    Row = Mapping[str, Any]

_DEPTH = 3
_REGEXES = ("a", "b", "^a", "b$", "^a.*b$", "[ab]+", "a|b", "", ".", "^$")
#: Texts with wildcards in them, which a pattern has to escape.
_WILD = ("_", "%", "a_", "_b", "a%")
_ORDER_OPS = ("lt", "le", "gt", "ge")


@frozen
class Spot:
    """A path that conditions can be about: its type and the values that rows have there.

    A path that goes by name through an array (``items.sku``) has the array's path as ``across``.
    """

    path: str
    type: TypeSpec
    found: tuple[Any, ...]
    across: str = ""


def spots(shape: Shape, rows: Sequence[Row], *, nested: bool = True) -> list[Spot]:
    """Every path of a shape, dotted ones included where they are claimed."""
    found: list[Spot] = []
    for name, spec in shape.all_types.items():
        found += _below(name, spec, rows, nested=nested)
    return found


def _below(path: str, spec: TypeSpec, rows: Sequence[Row], *, nested: bool) -> list[Spot]:
    stored = [value for row in rows if (value := at(row, path)) is not None]
    here = [Spot(path, spec, tuple(stored))]
    inner = spec.of if spec.kind is TypeKind.ARRAY else spec
    if nested and inner is not None and inner.kind is TypeKind.EMBEDDED and inner.model is not None:
        for field in inner.model.fields:
            below = f"{path}.{field.name}"
            if inner is spec:
                here += _below(below, field.type, rows, nested=nested)
            else:
                spots_there = tuple(v for row in rows if (v := at(row, below)))
                here.append(Spot(below, TypeSpec(TypeKind.ARRAY, of=field.type), spots_there, path))
    return here


def literals(spot: Spot, limits: Limits) -> SearchStrategy[Any]:
    """Literals for a path: stored values, what stands beside them, and a few others."""
    stored = [value for value in spot.found if kind(value) not in {"list", "set", "map"}]
    if spot.type.kind in ELEMENTED:
        stored = [e for value in spot.found for e in value if kind(e) != "map"]
    spec = spot.type.of if spot.type.kind in ELEMENTED and spot.type.of else spot.type
    beside = [n for value in stored for n in neighbours(value) if limits.takes(n)]
    tame: Sequence[Any] = ("a", "b", 1, 2, True)
    nasty: Sequence[Any] = ()
    if spec.kind is not TypeKind.ANY:
        tame, nasty = pool(spec, limits)
    # Half of the time a stored value, else one right beside it, a tame or a nasty one.
    groups = [some for some in (stored, stored, stored, beside, beside, [*tame, *nasty]) if some]
    return st.one_of([st.sampled_from(some) for some in groups])


@st.composite
def conditions(
    draw: DrawFn,
    shape: Shape,
    rows: Sequence[Row],
    limits: Limits,
    *,
    geo: bool = True,
    nested: bool = True,
) -> Where:
    """A condition of depth three at most; literals are neutral values."""
    about = [s for s in spots(shape, rows, nested=nested) if geo or s.type.kind is not TypeKind.GEO]
    return _tree(draw, about, limits, rows, 0)


def ways(
    shape: Shape, rows: Sequence[Row], caps: Capabilities
) -> list[tuple[Spot, Callable[..., Where]]]:
    """Every operator on every property that is claimed."""
    return [
        (spot, maker)
        for spot in spots(shape, rows, nested=bool(caps.nested_paths))
        if caps.geo or spot.type.kind is not TypeKind.GEO
        for maker in (_null, *makers(spot))
    ]


def operators(shape: Shape, caps: Capabilities) -> frozenset[str]:
    """Names of the families of operators that the properties of a shape have."""
    return frozenset(maker.__name__ for _, maker in ways(shape, (), caps))


@st.composite
def single_conditions(
    draw: DrawFn,
    shape: Shape,
    rows: Sequence[Row],
    limits: Limits,
    *,
    caps: Capabilities,
    family: str,
) -> Where:
    """One operator on one property, or its negation; half of the time of this family."""
    known = ways(shape, rows, caps)
    if draw(st.booleans()):
        known = [way for way in known if way[1].__name__ == family]
    spot, maker = draw(st.sampled_from(known))
    where: Where = maker(draw, spot, limits, rows)
    return Not(where) if draw(st.integers(0, 2)) == 0 else where


def _tree(
    draw: DrawFn, about: list[Spot], limits: Limits, rows: Sequence[Row], depth: int
) -> Where:
    shape_of = draw(st.integers(0, 9)) if depth < _DEPTH else 0
    if shape_of <= 5:  # noqa: PLR2004 - six times out of ten a single condition
        return leaf(draw, draw(st.sampled_from(about)), limits, rows)
    if shape_of == 9:  # noqa: PLR2004 - the last of ten ways
        return Not(_tree(draw, about, limits, rows, depth + 1))
    count = draw(st.integers(0 if shape_of == 8 else 1, 3))  # noqa: PLR2004 - one way allows none
    parts = tuple(_tree(draw, about, limits, rows, depth + 1) for _ in range(count))
    return And(parts) if shape_of <= 7 else Or(parts)  # noqa: PLR2004 - two ways each


def leaf(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    """One condition on a path, of the operators that its type has."""
    maker = draw(st.sampled_from([_null, *makers(spot)]))
    return maker(draw, spot, limits, rows)


def makers(spot: Spot) -> list[Callable[..., Where]]:
    """The operators of a path's type, as functions that draw a condition."""
    which = spot.type.kind
    if which in ELEMENTED:
        return _element_makers(spot)
    if which is TypeKind.GEO:
        return [_near, _near, _equality]
    if which is TypeKind.MAP:
        return [_contains, _contains_key]
    if which in {TypeKind.EMBEDDED, TypeKind.OBJECT}:
        return [_contains_key] if which is TypeKind.OBJECT else []
    if which in {TypeKind.TUPLE, TypeKind.VECTOR}:
        return []
    found = [_equality, _membership]
    if which in ORDERED or which is TypeKind.ANY:
        found += [_range, _range, _between]
    if which in TEXTUAL:
        found += [_like, _regex, _starts]
    return found


def _element_makers(spot: Spot) -> list[Callable[..., Where]]:
    of = spot.type.of
    if of is None or of.kind in {TypeKind.EMBEDDED, TypeKind.GEO, TypeKind.ANY}:
        return [_element_match] if of is not None and of.kind is TypeKind.EMBEDDED else []
    return [_any_element] if spot.across else [_contains, _any_element, _any_element]


def _null(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del limits, rows
    both: tuple[Where, ...] = (IsNull(spot.path), Not(IsNull(spot.path)))
    return draw(st.sampled_from(both))


def _equality(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    op: Any = draw(st.sampled_from(("eq", "eq", "ne")))
    return Cmp(spot.path, op, draw(literals(spot, limits)))


def _membership(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    some = draw(st.lists(literals(spot, limits), max_size=3))
    inside = In(spot.path, tuple([*some, None] if draw(st.integers(0, 5)) == 0 else some))
    return Not(inside) if draw(st.integers(0, 2)) == 0 else inside


def _range(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    one = Cmp(spot.path, draw(st.sampled_from(_ORDER_OPS)), draw(literals(spot, limits)))
    if draw(st.integers(0, 3)):
        return one
    return And(
        (one, Cmp(spot.path, draw(st.sampled_from(_ORDER_OPS)), draw(literals(spot, limits))))
    )


def _between(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    lo, hi = draw(literals(spot, limits)), draw(literals(spot, limits))
    return Between(spot.path, lo, hi) if kind(lo) == kind(hi) else Cmp(spot.path, "ge", lo)


def _like(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    text = draw(literals(spot, limits) | st.sampled_from(_WILD))
    escaped = re.sub(r"([%_\\])", r"\\\1", text)
    cut = draw(st.integers(0, 5))
    pattern = (escaped, "%" + escaped, escaped + "%", f"%{escaped}%", "%", f"_{escaped[2:]}")[cut]
    if cut == 5 and escaped[1:2] in {"%", "_", "\\"}:  # noqa: PLR2004 - would cut an escape in two
        pattern = "_%"
    swap = draw(st.booleans())
    folds = pattern.swapcase().swapcase() == pattern and len(pattern.swapcase()) == len(pattern)
    condition = Like(spot.path, pattern.swapcase() if swap and folds else pattern, swap)
    return Not(condition) if draw(st.integers(0, 2)) == 0 else condition


def _regex(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del limits, rows
    # A stored word in the other case: whether the flag counts.
    words = [text.swapcase() for text in spot.found if str(text).isascii() and str(text).isalnum()]
    pattern = draw(st.sampled_from([*words[:5], *_REGEXES]))
    return Regex(spot.path, pattern, draw(st.sampled_from(("", "i", "i", "m"))))


def _starts(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    text = draw(literals(spot, limits))
    return StartsWith(spot.path, text[: draw(st.integers(0, 2))])


def _contains(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    if spot.type.kind is TypeKind.MAP:
        return Contains(spot.path, draw(st.sampled_from((0, 1, 2))))
    return Contains(spot.path, draw(literals(spot, limits)))


def _contains_key(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del limits, rows
    return ContainsKey(spot.path, draw(st.sampled_from(("k", "l", "m n"))))


def _any_element(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    of = spot.type.of
    assert of is not None
    name = spot.path.removeprefix(f"{spot.across}.") if spot.across else ""
    element = Spot(name, of, tuple(e for value in spot.found for e in value))
    fitting = [maker for maker in makers(element) if maker is not _starts]
    inner = draw(st.sampled_from(fitting))(draw, element, limits, rows)
    condition = condition_of(spot.across or spot.path, positive(inner))
    return Not(condition) if draw(st.integers(0, 2)) == 0 else condition


def condition_of(path: str, inner: Where) -> Where:
    """The condition that an operator on an array path means: any element, for each operator."""
    if isinstance(inner, And):
        return And(tuple(AnyElem(path, part) for part in inner.parts))
    return AnyElem(path, inner)


def positive(inner: Where) -> Where:
    """An operator on an array is positive inside; its negative is the complement outside."""
    match inner:
        case Not(part):
            return positive(part)
        case Cmp(path, "ne", value):
            return Cmp(path, "eq", value)
        case In(path, values):
            return In(path, tuple(v for v in values if v is not None))
        case _:
            return inner


def _element_match(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    of = spot.type.of
    assert of is not None
    assert of.model is not None
    elements = [e for value in spot.found for e in value]
    about = [
        Spot(f.name, f.type, tuple(v for e in elements if (v := e.get(f.name)) is not None))
        for f in of.model.fields
    ]
    directed = draw(st.booleans())
    if elements and directed:
        # One property of each of two elements: they may not be the same one.
        one, other = (draw(st.sampled_from(elements)) for _ in range(2))
        first, second = about[0].path, about[-1].path
        if one.get(first) is not None and other.get(second) is not None:
            both = (Cmp(first, "eq", one[first]), Cmp(second, "eq", other[second]))
            return AnyElem(spot.path, And(both))
    parts = [
        leaf(draw, draw(st.sampled_from(about)), limits, rows)
        for _ in range(draw(st.integers(1, 2)))
    ]
    return AnyElem(spot.path, And(tuple(parts)) if len(parts) > 1 else parts[0])


def _near(draw: DrawFn, spot: Spot, limits: Limits, rows: Sequence[Row]) -> Where:
    del rows
    point = draw(literals(spot, limits))
    unit = draw(st.sampled_from(("miles", "kilometers", "meters", "feet", "radians", "degrees")))
    stored = sorted({distance(place, point, unit) for place in spot.found})
    # Half-way between two rows: a bound on a row itself would test rounding, not the filter.
    bounds = [(a + b) / 2 for a, b in pairwise(stored) if b - a > b * 1e-6]
    bounds = [*bounds, (stored[-1] if stored else 1.0) * 2 + 1.0]
    low, high = (draw(st.none() | st.sampled_from(bounds)) for _ in range(2))
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Near(spot.path, point, low, high, unit)
