"""Queries within one partition of a partitioned database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from juggler.query.tree import all_of, conjuncts
from juggler_cloudant.planning.id_ranges import IdBound, after, id_bound
from juggler_cloudant.planning.ordering import id_order
from juggler_cloudant.planning.requests import AllDocs, ViewRead
from juggler_cloudant.planning.ways import Answer, by_index

if TYPE_CHECKING:
    from juggler.query import OrderTerm
    from juggler.query.tree import Where
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.planning.matching import Asked
    from juggler_cloudant.planning.place import Place

#: Why an index cannot serve a query that does not keep to one partition.
ONE_PARTITION: Final = "it serves one partition at a time: ask for ids like 'partition:%'"


def by_partition(
    place: Place,
    asked: Asked,
    order: tuple[OrderTerm, ...],
    indexes: tuple[MangoIndex, ...],
    rejected: list[tuple[str, str]],
) -> Answer | None:
    """Rows of one partition, along one of its indexes or in the order of ids.

    None where the condition does not keep the ids within a partition.
    """
    bound = id_bound(place, asked) if place.home.partitioned else None
    partition = None if bound is None else _partition(bound)
    if bound is None or partition is None:
        return None
    own = tuple(one for one in indexes if one.partitioned)
    found = by_index(place, asked, order, own, rejected)
    if found is not None and found.path == "index" and isinstance(found.read, ViewRead):
        exact = conjuncts(bound.pushed) if _is_whole(bound, partition) else ()
        rest = _without(found.residual, exact)
        return evolve(
            found,
            path="partition",
            read=evolve(found.read, partition=partition),
            pushed=all_of(found.pushed, *exact),
            residual=rest,
            countable=found.read.pure and not conjuncts(rest),
        )
    state, descending = id_order(place, order)
    read = AllDocs(place.home.database, bound.low, bound.high, bound.without, descending, partition)
    rest = _without(all_of(*asked.parts), conjuncts(bound.pushed))
    return Answer("partition", read, bound.pushed, rest, state)


def _partition(bound: IdBound) -> str | None:
    """The partition that all the ids between two have, None when there are several."""
    low, high = bound.low or "", bound.high
    name, colon, _ = low.partition(":")
    if not name or not colon or high is None:
        return None
    end = after(f"{name}:") or ""
    return name if high < end or (high == end and high in bound.without) else None


def _is_whole(bound: IdBound, partition: str) -> bool:
    return bound.low == f"{partition}:" and bound.high == after(f"{partition}:")


def _without(where: Where, parts: tuple[Where, ...]) -> Where:
    return all_of(*(p for p in conjuncts(where) if not any(p is one for one in parts)))
