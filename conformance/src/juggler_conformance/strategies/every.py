"""Every operator on every property, without chance: fixed rows, and conditions made from them."""

from __future__ import annotations

import re
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, Any

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
    Regex,
    StartsWith,
    Where,
)
from juggler.values.types import TEXTUAL, TypeKind, TypeSpec
from juggler_conformance.oracle.conditions import distance
from juggler_conformance.oracle.values import equal, kind, less
from juggler_conformance.strategies.conditions import Spot, condition_of, makers, positive, ways
from juggler_conformance.strategies.queries import ordered_paths
from juggler_conformance.strategies.values import neighbours, pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from juggler.connector.capabilities import Capabilities
    from juggler_conformance.limits import Limits
    from juggler_conformance.shapes import Shape
    from juggler_conformance.strategies.queries import Order

    Row = Mapping[str, Any]

_ROWS = 12
_WAYS: tuple[Any, ...] = ("asc", "desc")
#: Texts that tell patterns apart: cases, wildcards that are only characters, beginnings and ends.
_TEXTS = (None, "a", "A", "ab", "a_b", "axb", "a%b", "xab", "B", "b", "a\\b")
_ANY = (None, "a", 1, 2, True, "b", 2.5, {"k": 1}, [1, "a"])
_ENDS = {TypeKind.STRING: ("k1", "k2", "K1", "k10", "l", "k3", "k4", "k5")}
_PARTS = {TypeKind.STRING: ("p", "q"), TypeKind.INTEGER: (1, 2, 10)}
_REGEXES = (("^a", ""), ("b$", ""), ("^a.*b$", ""), ("[ab]+", ""), ("a|x", ""), ("^b", "m"))
_ORDER_OPS: tuple[Any, ...] = ("lt", "le", "gt", "ge")
_UNITS: tuple[Any, ...] = ("miles", "kilometers", "meters", "feet", "radians", "degrees")
#: How many stored values of a property are tried, and beside how many of them it is looked.
_SOME, _BESIDE = 6, 3
#: One of so many conditions on a type that had its turn; one of so many is negated, too.
_SAMPLE, _NEGATED = 11, 4


def every_row(shape: Shape, limits: Limits) -> list[dict[str, Any]]:
    """Rows in which each property takes its values by turns, null among them."""
    names = [name for name in shape.all_types if name not in shape.key_names]
    found = []
    for at, key in enumerate(islice(_keys(shape), _ROWS)):
        row = dict(zip(shape.key_names, key, strict=True))
        for step, name in enumerate(names):
            # Steps of different length: what goes together in one row does not in another.
            row[name] = _value(shape.all_types[name], limits, at * (1 + step % 3) + step)
        found.append(row | dict.fromkeys(shape.unique))
    return found


def _keys(shape: Shape) -> Iterator[tuple[Any, ...]]:
    kinds = [shape.types[name].kind for name in shape.key_names]
    if len(kinds) > 1:
        return product(*(_PARTS[one] for one in kinds))
    return ((value,) for value in _ENDS.get(kinds[0], (1, 2, 3, 4, 10, 20, 0, -5)))


def _value(spec: TypeSpec, limits: Limits, at: int) -> Any:
    match spec.kind:
        case TypeKind.ARRAY | TypeKind.SET if spec.of is not None:
            length = (at + 2) % 5 - 1
            inner = [v for i in range(8) if (v := _value(spec.of, limits, at + i)) is not None]
            some = inner[: max(length, 0)]
            return None if length < 0 else some if spec.kind is TypeKind.ARRAY else frozenset(some)
        case TypeKind.MAP:
            return (None, {}, {"k": 1}, {"k": 2, "m n": 0}, {"l": 1})[at % 5]
        case TypeKind.TUPLE:
            parts = tuple(_value(item, limits, at) for item in spec.items)
            return None if None in parts else parts
        case TypeKind.EMBEDDED if spec.model is not None:
            fields = enumerate(spec.model.fields)
            return {f.name: _value(f.type, limits, at + i) for i, f in fields} if at % 6 else None
        case TypeKind.ANY:
            return _ANY[at % len(_ANY)]
        case TypeKind.OBJECT:
            return (None, {"k": 1}, {"l": "a"}, {})[at % 4]
        case _ if spec.kind in TEXTUAL:
            return _TEXTS[at % len(_TEXTS)]
        case _:
            tame, nasty = pool(spec, limits)
            values = [None, *tame, *nasty[:2]]
            return values[at % len(values)]


def every_condition(
    shape: Shape,
    rows: Sequence[Row],
    limits: Limits,
    caps: Capabilities,
    known: set[tuple[str, str]],
) -> Iterator[Where]:
    """Each operator with stored values and those beside them, and the complement of some.

    ``known`` holds the operators and types that had their turn in other shapes; it grows.  Of those
    only a few conditions are left: for another property, another access path.
    """
    for spot, maker in ways(shape, rows, caps):
        name = (maker.__name__, str(spot.type))
        step = _SAMPLE if name in known else 1
        known.add(name)
        for at, where in enumerate(islice(_every(spot, maker, limits), 0, None, step)):
            yield where
            if at % _NEGATED == 0 or isinstance(where, IsNull):
                yield Not(where)


def every_order(shape: Shape, caps: Capabilities) -> Iterator[Order]:
    """Each property that has an order, both ways, alone and before the next one."""
    names = ordered_paths(shape, caps)
    for name, then in zip(names, [*names[1:], names[0]], strict=True):
        for way, other in product(_WAYS, _WAYS):
            if other == "asc":
                yield ((name, way),)
            if then != name:
                yield ((name, way), (then, other))


def _every(spot: Spot, maker: Callable[..., Where], limits: Limits) -> Iterable[Where]:
    return dict.fromkeys(_ENUMERATED[maker.__name__](spot, limits))


def _stored(spot: Spot) -> list[Any]:
    """Different stored values, of those that can be literals."""
    found: list[Any] = []
    values = spot.found
    if spot.type.kind in {TypeKind.ARRAY, TypeKind.SET}:
        values = tuple(element for value in values for element in value)
    for value in values:
        if kind(value) not in {"map", "list", "set"} and not any(equal(value, v) for v in found):
            found.append(value)
    return found[:_SOME]


def _beside(stored: Sequence[Any], limits: Limits) -> list[Any]:
    near = [one for value in stored[:_BESIDE] for one in neighbours(value)]
    return [one for one in near if limits.takes(one) and not any(equal(one, v) for v in stored)]


def _null(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    yield IsNull(spot.path)


def _equality(spot: Spot, limits: Limits) -> Iterator[Where]:
    stored = _stored(spot)
    for value in (*stored, *_beside(stored, limits)):
        yield Cmp(spot.path, "eq", value)
        yield Cmp(spot.path, "ne", value)


def _membership(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    stored = _stored(spot)
    for some in ((), stored[:1], stored[1:3], stored[-2:], [*stored[:1], None], [None]):
        yield In(spot.path, tuple(some))


def _range(spot: Spot, limits: Limits) -> Iterator[Where]:
    stored = _stored(spot)
    for value in (*stored, *_beside(stored[:1], limits)):
        for op in _ORDER_OPS:
            yield Cmp(spot.path, op, value)
    for low, high in pairwise(stored):
        yield And((Cmp(spot.path, "gt", low), Cmp(spot.path, "le", high)))


def _between(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for low, high in pairwise(_stored(spot)):
        if kind(low) == kind(high):
            yield Between(spot.path, low, low)
            for one, other in ((low, high), (high, low)):
                yield Between(spot.path, one, other)


def _like(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for text in _stored(spot):
        first, rest = _escaped(text[:1]), _escaped(text[1:])
        for pattern in (
            _escaped(text), f"%{rest}", f"{first}%", f"_{rest}", f"%{_escaped(text[1:2])}%",
            text[:-1], text[1:], text.replace("\\", ""), _escaped(text.swapcase()),
        ):  # fmt: skip
            for folds in (False, True):
                if not pattern.endswith("\\"):
                    yield Like(spot.path, pattern, folds)


def _escaped(text: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", text)


def _regex(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for text in _stored(spot):
        if text.isalnum() and text.isascii():
            for word, flags in product((text, text.swapcase(), text[1:]), ("", "i")):
                yield Regex(spot.path, word, flags)
    for pattern, flags in _REGEXES:
        yield Regex(spot.path, pattern, flags)


def _starts(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for text in _stored(spot):
        for end in range(len(text) + 1):
            yield StartsWith(spot.path, text[:end])
        yield StartsWith(spot.path, text.swapcase())


def _near(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for point, unit in zip(_stored(spot), _UNITS, strict=False):
        far = sorted({distance(place, point, unit) for place in spot.found})
        between = [(a + b) / 2 for a, b in pairwise(far) if b - a > b * 1e-6]
        for low, high in ((None, None), *pairwise([None, *between, None])):
            yield Near(spot.path, point, low, high, unit)


def _contains(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    values = (0, 1, 2) if spot.type.kind is TypeKind.MAP else _stored(spot)
    for value in values:
        yield Contains(spot.path, value)


def _contains_key(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    for name in ("k", "l", "m n"):
        yield ContainsKey(spot.path, name)


def _any_element(spot: Spot, limits: Limits) -> Iterator[Where]:
    of = spot.type.of
    assert of is not None
    name = spot.path.removeprefix(f"{spot.across}.") if spot.across else ""
    element = Spot(name, of, tuple(e for value in spot.found for e in value))
    for maker in makers(element):
        if maker.__name__ != "_starts":
            for where in _every(element, maker, limits):
                yield condition_of(spot.across or spot.path, positive(where))


def _element_match(spot: Spot, limits: Limits) -> Iterator[Where]:
    del limits
    of = spot.type.of
    assert of is not None
    assert of.model is not None
    one, other = of.model.fields[0].name, of.model.fields[-1].name
    elements = [element for value in spot.found for element in value]
    firsts = _stored(Spot(one, of, tuple(e[one] for e in elements if e.get(one) is not None)))
    lasts = _stored(Spot(other, of, tuple(e[other] for e in elements if e.get(other) is not None)))
    for first in firsts:
        yield AnyElem(spot.path, Cmp(one, "eq", first))
        for last in lasts:
            yield AnyElem(spot.path, And((Cmp(one, "eq", first), Cmp(other, "eq", last))))
            if any(less(last, value) for value in lasts):
                yield AnyElem(spot.path, And((Cmp(one, "eq", first), Cmp(other, "gt", last))))


#: Every maker of conditions has its table.
_ENUMERATED: dict[str, Callable[[Spot, Limits], Iterator[Where]]] = {
    one.__name__: one
    for one in (
        _null, _equality, _membership, _range, _between, _like, _regex, _starts, _near, _contains,
        _contains_key, _any_element, _element_match,
    )
}  # fmt: skip
