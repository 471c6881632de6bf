"""A complete planner for stores without one: read the keys, or read everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector.keys import keys_of
from juggler.connector.plan import Cost, Plan
from juggler.query.tree import TRUE, Nothing, Where

if TYPE_CHECKING:
    from juggler.query.spec import QuerySpec


def full_scan(query: QuerySpec, *, points: bool = False) -> Plan:
    """A plan that leaves everything to the core.

    Args:
        query: the bound and normalised query.
        points: True gives a ``point`` or ``multi_point`` plan where the condition pins whole keys;
            its ``opaque`` is the list of keys, and ``fetch`` has to read them.

    Returns:
        A plan with the whole condition as residual (after the keys), no order, all fields.
    """
    where = query.where
    if isinstance(where, Nothing):
        return _plan(query, "empty", TRUE, Cost("empty", requests=0))
    found = keys_of(query.model, where) if points else None
    if found is None:
        needs = frozenset({"allow_scan"} if where is not TRUE or query.order else ())
        return _plan(query, "scan", where, Cost("scan", needs=needs))
    keys, rest = found
    path = "point" if len(keys) == 1 else "multi_point"
    return _plan(query, path, rest, Cost(path, requests=len(keys), est_rows=len(keys)), keys)  # type: ignore[arg-type]


def _plan(query: QuerySpec, path: object, residual: Where, cost: Cost, keys: object = None) -> Plan:
    return Plan(
        query=query,
        path=path,  # type: ignore[arg-type]
        relation=query.model.storage_name,
        pushed=TRUE,
        residual=residual,
        guarantee="exact" if residual is TRUE else "superset",
        fields=query.model.names,
        cost=cost,
        opaque=keys,
    )
