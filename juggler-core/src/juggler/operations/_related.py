"""What a query has of relations, worked out before it is planned: scopes, paths, includes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.query import Query

if TYPE_CHECKING:
    from juggler.model.relations.nodes import Node
    from juggler.model.results import Explanation
    from juggler.operations import Operations
    from juggler.operations.include import Loading

    Step = tuple[str, Explanation]


def plain(query: Query[Any]) -> bool:
    """Whether a query has nothing to do with relations: the one test that it pays for."""
    return (
        query.__class__ is Query
        and query.filter.include is None
        and not query.model.__definition__.relations
    )


async def settled(
    self: Operations, query: Query[Any], *, paged: bool = False
) -> tuple[Query[Any], Loading | None]:
    """The query with keys in place of relations, and what is left to do with its instances.

    Args:
        self: the operations.
        query: the query.
        paged: whether its rows come page by page, which an order of related rows cannot.

    Raises:
        InvalidQueryError: ``unknown-relation``; a scope of ``include`` that is run by itself.
        CostGuardError: more keys than a condition may have.
    """
    from juggler.operations import include, related, related_order  # noqa: PLC0415 - on first use

    loading = None
    if query.filter.include is not None:
        query, loading = include.split(query)
    if paged:
        related_order.refuse(query, "pages and streams")
    query = await related.expanded(self, query)
    if related_order.is_related(query):
        query, ranks = await related_order.ranked(self, query)
        loading = loading or include.Loading((), (), {})
        loading.ranks = ranks
    return query, loading


async def counted(self: Operations, query: Query[Any]) -> Query[Any]:
    """The same for an operation that reads no instances: relations to load are only checked."""
    from juggler.operations import include, related, related_order  # noqa: PLC0415 - on first use

    if query.filter.include is not None:
        query, _ = include.split(query)
    query = await related.expanded(self, query)
    return query.order([]) if related_order.is_related(query) else query


async def sketched(self: Operations, query: Query[Any]) -> tuple[Query[Any], list[Step]]:
    """The query with samples in place of the keys that first steps would find, and their plans."""
    from juggler.operations import include, related, related_order  # noqa: PLC0415 - on first use

    steps: list[Step] = []
    nodes: tuple[Node, ...] = ()
    if query.filter.include is not None:
        query, loading = include.split(query)
        nodes = loading.nodes
    query = await related.Expander(self, steps).query(query)
    if related_order.is_related(query):
        steps += await related_order.sketch(self, query)
        query = query.order([])
    return query, [*steps, *await include.sketch(self, nodes)]
