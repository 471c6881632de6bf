"""Conditions on related rows as a plan of two steps: their keys first, then the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import CostGuardError, InvalidQueryError
from juggler.model.query import Query
from juggler.model.relations.kept import stored_value
from juggler.model.relations.nodes import Node
from juggler.model.relations.scopes import RelatedQuery
from juggler.model.relations.scoping import equal, matching
from juggler.operations.include import _Task
from juggler.query.tree import In, Nothing, any_of

if TYPE_CHECKING:
    from juggler.model.relations.resolve import Relation
    from juggler.operations import Operations
    from juggler.query import Where

#: Keys that a first step may find; more are refused, never cut off.
MOST = 10_000


async def expanded(self: Operations, query: Query[Any]) -> Query[Any]:
    """The query with keys in place of relations."""
    if query.__class__ is RelatedQuery:
        query = await _owned(self, query)
    return query


async def _owned(self: Operations, query: RelatedQuery[Any]) -> Query[Any]:
    """The rows of one instance's relation through others."""
    found = query.relation
    if query.owner is None:
        raise InvalidQueryError(
            f"{found} is a scope for include: its rows are one instance's",
            code="relation-scope",
            hint=f"one.{found.name}(), or {found.model.__name__}.find(include=…)",
            model=found.model.__name__,
        )
    keys = await related_keys(self, found, query.owner)
    condition = one_of(found.others, keys)
    return Query(query.model, query.filter, query.options).where(condition)


async def related_keys(self: Operations, found: Relation, owner: Any) -> list[tuple[Any, ...]]:
    """The keys of the rows that an instance's relation through others leads to."""
    if found.through is None:
        return [(value,) for value in stored_value(owner, found.held) or ()]
    joining = found.through
    condition = matching(joining.own, owner)
    if isinstance(condition, Nothing):
        return []
    refers = tuple(name for _, name in joining.other)
    query = Query(joining.model).fields(*refers).where(condition)
    links = await _Task(self, Node(found), {}).of(joining.model).find(query)
    keys = [tuple(link[name] for name in refers) for link in links]
    return bounded(found, [key for key in dict.fromkeys(keys) if None not in key])


def bounded(found: Relation, keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The keys, if a condition may have as many."""
    if len(keys) > MOST:
        raise CostGuardError(
            f"{found} leads to {len(keys)} rows: a condition has {MOST} keys at most",
            code="too-many-related",
            hint="narrow the condition, or go the other way round",
        )
    return keys


def one_of(names_: tuple[str, ...], keys: list[tuple[Any, ...]]) -> Where:
    """The condition that properties have one of the keys."""
    if not keys:
        return Nothing()
    if len(names_) == 1:
        return In(names_[0], tuple(key[0] for key in keys))
    return any_of(*(equal(names_, key) for key in keys))
