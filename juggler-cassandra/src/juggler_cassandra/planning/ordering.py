"""Which orders a branch gives by itself, and how its ties come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler_cassandra.planning.access import Clustered
from juggler_cassandra.planning.literals import ORDERED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from juggler.connector.plan import OrderState
    from juggler.query import OrderTerm
    from juggler.spec import ModelSpec
    from juggler_cassandra.planning.relations import Relation
    from juggler_cassandra.types import ModelCodec


@frozen
class Given:
    """An order that is given: its state, and whether the partition is read backwards."""

    state: OrderState = "none"
    backwards: bool = False


def flipped(clustering: Iterable[Clustered]) -> tuple[Clustered, ...]:
    """The clustering, read the other way round."""
    return tuple(Clustered(c.column, not c.descending, c.type) for c in clustering)


def of_slices(
    codec: ModelCodec, relation: Relation, order: tuple[OrderTerm, ...], fixed: Collection[str]
) -> Given:
    """What slices of partitions give of an order.

    Args:
        codec: the model's.
        relation: what is read.
        order: the query's terms.
        fixed: columns that have one value in all rows that are read.
    """
    if not order:
        return Given()
    wanted = _wanted(codec, order, {*fixed, *relation.keys})
    free = tuple(c for c in relation.clustering if c.column not in fixed)
    if wanted is None or len(wanted) > len(free):
        return Given()
    forward, backward = free, flipped(free)
    ways = [
        (way, backwards)
        for way, backwards in ((forward, False), (backward, True))
        if [(c.column, c.descending) for c in way[: len(wanted)]] == wanted
    ]
    if not ways or any(c.type.name not in ORDERED for c in free[: len(wanted)]):
        return Given()
    named = {column for column, _ in wanted} | {*fixed, *relation.keys}
    ties = [column for column in _key(codec.model) if column not in named]
    for way, backwards in ways:
        if _ascending(way[len(wanted) :], ties):
            return Given("satisfied", backwards)
    return Given("ties", ways[0][1])


def _wanted(
    codec: ModelCodec, order: tuple[OrderTerm, ...], fixed: Collection[str]
) -> list[tuple[str, bool]] | None:
    """The terms that are left, as (column, descending); None for a term that is no column."""
    found: list[tuple[str, bool]] = []
    for path, direction in order:
        column = codec.columns.get(path)
        if column is None:
            return None
        if column.name not in fixed:
            found.append((column.name, direction == "desc"))
    return found


def _ascending(rest: tuple[Clustered, ...], ties: list[str]) -> bool:
    """Whether rows that tie come by ascending key."""
    first = rest[: len(ties)]
    return [c.column for c in first] == ties and all(
        not c.descending and c.type.name in ORDERED for c in first
    )


def _key(model: ModelSpec) -> list[str]:
    return [model.field[name].storage_name for name in model.key.names]


def of_points(
    codec: ModelCodec,
    relation: Relation,
    values: tuple[tuple[Any, ...], ...],
    order: tuple[OrderTerm, ...],
) -> tuple[Given, tuple[tuple[Any, ...], ...]]:
    """What whole keys give of an order, and the keys in it: their values are known."""
    if not order or len(values) <= 1:
        return Given("satisfied" if order else "none"), values
    place = {column: at for at, column in enumerate(relation.key)}
    terms = _wanted(codec, order, ())
    ties = _key(codec.model)
    if terms is None or any(column not in place for column, _ in terms):
        return Given(), values
    if any(column not in place for column in ties):
        return Given(), values
    ordered = list(values)
    for column, descending in reversed([*terms, *((column, False) for column in ties)]):
        at = place[column]
        ordered.sort(key=lambda value, at=at: value[at], reverse=descending)  # type: ignore[misc]
    return Given("satisfied"), tuple(ordered)
