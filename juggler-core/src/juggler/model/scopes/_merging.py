"""A filter within another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.model.conditions import include_of
from juggler.query import Filter
from juggler.query.tree import And, Cmp, all_of, conjuncts

if TYPE_CHECKING:
    from juggler.model.query import Query
    from juggler.query import Where


def within(query: Query[Any], base: Filter, *conditions: Where) -> Query[Any]:
    """A caller's query within a scope.

    The conditions of both hold and the relations of both are loaded; order, limit, skip and fields
    are the caller's where it gives them, else the scope's.
    """
    own = query.filter
    include = (*include_of(base.include), *include_of(own.include))
    merged = Filter(
        where=all_of(*conditions, base.where, own.where),
        order=own.order or base.order,
        limit=base.limit if own.limit is None else own.limit,
        skip=own.skip or base.skip,
        fields=own.fields or base.fields,
        include=include or None,
    )
    return evolve(query, filter=merged)


def equalities(where: Where) -> dict[str, Any]:
    """The plain equalities of a condition: what a row made for it is given."""
    parts = conjuncts(where) if isinstance(where, And) else (where,)
    return {
        part.path: part.value
        for part in parts
        if isinstance(part, Cmp) and part.op == "eq" and "." not in part.path
    }
