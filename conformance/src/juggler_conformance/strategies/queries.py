"""Whole queries: condition, order, limit, skip, fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from hypothesis import strategies as st

from juggler.query.tree import TRUE, And, Cmp, Near, Or, Where, conjuncts
from juggler.values.types import ORDERED, TypeKind
from juggler_conformance.strategies.conditions import conditions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from juggler.connector.capabilities import Capabilities
    from juggler_conformance.limits import Limits
    from juggler_conformance.shapes import Shape

    Row = Mapping[str, Any]
    Order = tuple[tuple[str, Any], ...]


@frozen
class DrawnQuery:
    """A query with neutral literals, as the reference model and the contract understand it."""

    where: Where = TRUE
    order: Order = ()
    limit: int | None = None
    skip: int = 0
    fields: tuple[str, ...] | None = None

    @property
    def near(self) -> Near | None:
        """The top-level near, whose distance orders the result where no order is given."""
        return next((part for part in conjuncts(self.where) if isinstance(part, Near)), None)

    @property
    def full_order(self) -> Order:
        """The order that the answer has: that of the query, or the distance of its near."""
        if self.order or self.near is None:
            return self.order
        return ((f"distance({self.near.path})", "asc"),)


@st.composite
def queries(
    draw: DrawFn,
    shape: Shape,
    rows: Sequence[Row],
    limits: Limits,
    caps: Capabilities,
    *,
    paged: bool = True,
) -> DrawnQuery:
    """A query, half of the time along an access path that the model declares."""
    where: Where = TRUE
    way = draw(st.integers(0, 9))
    if way >= 1:
        where = draw(
            conditions(shape, rows, limits, geo=bool(caps.geo), nested=bool(caps.nested_paths))
        )
    if rows and way >= 5:  # noqa: PLR2004 - half of the time
        pinned = _along_a_path(draw, shape, rows)
        if draw(st.integers(0, 3)) == 0:
            pinned = Or((pinned, _along_a_path(draw, shape, rows)))
        where = pinned if way >= 8 else And((pinned, where))  # noqa: PLR2004 - and alone, sometimes
    order = draw(orders(shape, caps))
    limit = draw(st.none() | st.integers(0, 6)) if paged else None
    skip = draw(st.sampled_from((0, 0, 0, 1, 2, 7))) if paged else 0
    fields = draw(st.none() | st.none() | projections(shape))
    return DrawnQuery(where, order, limit, skip, fields)


def _along_a_path(draw: DrawFn, shape: Shape, rows: Sequence[Row]) -> Where:
    """Equality on a key, on its first parts, or on an indexed property, with a stored value."""
    row = draw(st.sampled_from(list(rows)))
    ways: list[tuple[str, ...]] = [shape.key.names, shape.key.partition]
    ways += [tuple(name for name, _ in index.keys)[:1] for index in shape.indexes]
    if shape.key.clustering:
        ways += [shape.key.names[: len(shape.key.partition) + 1]]
    way: tuple[str, ...] = draw(st.sampled_from(ways))
    names = [name for name in way if row.get(name) is not None]
    parts: list[Where] = [Cmp(name, "eq", row[name]) for name in names]
    further = draw(st.booleans())
    if shape.key.clustering and further:
        # A range where the equalities end: the next clustering column.
        first = shape.key.clustering[0][0]
        op: Any = draw(st.sampled_from(("lt", "le", "gt", "ge")))
        if first not in names:
            parts.append(Cmp(first, op, row[first]))
    return And(tuple(parts))


@st.composite
def orders(draw: DrawFn, shape: Shape, caps: Capabilities) -> Order:
    """No order, that of an index or of the key (forwards or backwards), or any other."""
    way = draw(st.integers(0, 5))
    if way <= 1:
        return ()
    if way <= 3 and caps.order:  # noqa: PLR2004 - a third of the time
        patterns: list[Order] = [tuple(index.keys) for index in shape.indexes]
        patterns += [tuple(shape.key.clustering), tuple((n, "asc") for n in shape.key.names)]
        pattern: Order = draw(st.sampled_from([p for p in patterns if p]))
        if draw(st.booleans()):
            pattern = tuple((name, "asc" if way_ == "desc" else "desc") for name, way_ in pattern)
        return pattern[: draw(st.integers(1, len(pattern)))]
    paths = st.sampled_from(ordered_paths(shape, caps))
    chosen = draw(st.lists(paths, min_size=1, max_size=3, unique=True))
    return tuple((name, draw(st.sampled_from(("asc", "desc")))) for name in chosen)


def ordered_paths(shape: Shape, caps: Capabilities) -> list[str]:
    """What rows can be ordered by: properties, and those inside of others where it is claimed."""
    names = [n for n, t in shape.types.items() if t.kind in ORDERED]
    nested = [
        f"{n}.{f.name}"
        for n, t in shape.types.items()
        if caps.nested_paths and t.kind is TypeKind.EMBEDDED and t.model is not None
        for f in t.model.fields
        if f.type.kind in ORDERED
    ]
    return names + nested


def projections(shape: Shape) -> SearchStrategy[tuple[str, ...]]:
    """One to three properties to ask for."""
    return st.lists(st.sampled_from(list(shape.types)), min_size=1, max_size=3, unique=True).map(
        tuple
    )
