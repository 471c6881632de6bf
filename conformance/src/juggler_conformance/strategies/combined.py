"""Conditions of several parts, without chance: each part about another property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.query.tree import And, Cmp, IsNull, Not, Or, Where
from juggler.values.types import ORDERED
from juggler_conformance.oracle.values import equal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from juggler_conformance.shapes import Shape


def every_combination(shape: Shape, rows: Sequence[Mapping[str, Any]]) -> Iterator[Where]:
    """And, or and not of three parts, for each property with the two that follow it."""
    names = [name for name, spec in shape.types.items() if spec.kind in ORDERED]
    if len(names) < 3:  # noqa: PLR2004 - the parts are about three properties
        return
    for at, name in enumerate(names):
        others = names[(at + 1) % len(names)], names[(at + 2) % len(names)]
        stored = [_stored(rows, one) for one in (name, *others)]
        if all(stored):
            a, b, c = (
                Cmp(path, "eq", values[(at + turn) % len(values)])
                for turn, (path, values) in enumerate(zip((name, *others), stored, strict=True))
            )
            yield from _combined(a, b, c)
            lowest = min(stored[1])
            yield from _combined(a, Cmp(others[0], "gt", lowest), IsNull(others[1]))


def _combined(a: Where, b: Where, c: Where) -> Iterator[Where]:
    yield And((a, b))
    yield Or((a, b))
    yield Or((a, b, c))
    yield And((a, Or((b, c))))
    yield And((Or((a, b)), Or((b, c))))
    yield Or((And((a, b)), c))
    yield Or((a, And((b, c))))
    yield Not(Or((a, b)))
    yield Not(And((a, b)))
    yield Or((Not(a), b))
    yield And((Not(a), Not(b), c))


def _stored(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """The different values of a property."""
    found: list[Any] = []
    for row in rows:
        value = row.get(name)
        if value is not None and not any(equal(value, one) for one in found):
            found.append(value)
    return found
