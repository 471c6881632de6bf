"""What a query has of relations, worked out before it is planned: scopes, paths, includes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.query import Query

if TYPE_CHECKING:
    from juggler.operations import Operations
    from juggler.operations.include import Loading


def plain(query: Query[Any]) -> bool:
    """Whether a query has nothing to do with relations: the one test that it pays for."""
    return (
        query.__class__ is Query
        and query.filter.include is None
        and not query.model.__definition__.relations
    )


async def settled(self: Operations, query: Query[Any]) -> tuple[Query[Any], Loading | None]:
    """The query with keys in place of relations, and what loads its include afterwards.

    Raises:
        InvalidQueryError: ``unknown-relation``; a scope of ``include`` that is run by itself.
        CostGuardError: more keys than a condition may have.
    """
    from juggler.operations.related import expanded  # noqa: PLC0415 - loads with relations

    if query.filter.include is None:
        return await expanded(self, query), None
    from juggler.operations.include import split  # noqa: PLC0415 - loads with relations

    query, loading = split(query)
    return await expanded(self, query), loading
