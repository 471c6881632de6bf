"""``onDelete``: what becomes of rows that refer to a row that is deleted.

Referring rows go first, so that a failure half way leaves no key without its row; inside a
transaction all of it takes effect together.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from juggler.connector.port import SyncPort
from juggler.errors import ConflictError
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.relations.kept import stored_value
from juggler.model.relations.resolve import names, raw, relation
from juggler.model.relations.scoping import typed
from juggler.operations._execute import Counters, fetch_all
from juggler.operations._prepare import prepare
from juggler.operations.related import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.model.relations.resolve import Relation
    from juggler.operations import Operations
    from juggler.query import Where

#: Keys per request.
WAVE = 256
#: Rows that are being deleted around this call: a circle of relations ends at them.
_around: ContextVar[frozenset[tuple[str, Any]]] = ContextVar(
    "juggler_deleting", default=frozenset()
)

Values = dict[str, Any]


def rules(model: Any) -> list[Relation]:
    """The relations of a model that say what becomes of the other side."""
    found = []
    for name in names(model):
        said = raw(model, name)
        if said is not None and said.get("onDelete") not in {None, "nothing"}:
            found.append(relation(model, name))
    return found


async def of_instance(self: Operations, instance: Any) -> None:
    """Apply the rules before an instance's row is deleted."""
    model = type(instance)
    found = rules(model)
    if found:
        wanted = _wanted(model, found)
        await _apply(self, model, found, [{n: stored_value(instance, n) for n in wanted}])


async def of_key(self: Operations, model: Any, key: tuple[Any, ...]) -> None:
    """Apply the rules before the row of a key is deleted."""
    found = rules(model)
    if found:
        where = dict(zip(model.__definition__.ids, key, strict=True))
        await of_query(self, Query.of(model, where, where_only=True))


async def of_query(self: Operations, query: Query[Any]) -> None:
    """Apply the rules before the rows of a query are deleted."""
    model = query.model
    found = rules(model)
    if not found:
        return
    wanted = _wanted(model, found)
    prepared = prepare(self.source, query.fields(*wanted))
    plan, batch = await fetch_all(self.port, self.source, prepared.spec, Counters())
    rows = [dict(zip(plan.fields, row, strict=True)) for row in batch.rows]
    await _apply(self, model, found, rows)


def _wanted(model: Any, found: Sequence[Relation]) -> list[str]:
    own = (name for one in found for name in one.own)
    return list(dict.fromkeys((*model.__definition__.ids, *own)))


async def _apply(
    self: Operations, model: Any, found: Sequence[Relation], rows: list[Values]
) -> None:
    """Refuse first, then change: nothing is changed when one rule refuses."""
    ids, name = model.__definition__.ids, model.__definition__.name
    around = _around.get()
    fresh = [row for row in rows if (name, tuple(row[i] for i in ids)) not in around]
    if not fresh:
        return
    token = _around.set(around | {(name, tuple(row[i] for i in ids)) for row in fresh})
    try:
        for one in sorted(found, key=lambda r: r.options["onDelete"] != "restrict"):
            for query in _referring(one, fresh):
                await _rule(self, one, query)
    finally:
        _around.reset(token)


def _referring(one: Relation, rows: list[Values]) -> Iterator[Query[Any]]:
    """Queries of the rows that refer to these, one for each wave of keys."""
    pairs = one.through.own if one.through is not None else one.pairs
    model = one.through.model if one.through is not None else one.target
    keys = list(dict.fromkeys(tuple(row[mine] for mine, _ in pairs) for row in rows))
    keys = [key for key in keys if None not in key]
    theirs = tuple(name for _, name in pairs)
    for start in range(0, len(keys), WAVE):
        condition: Where = one_of(theirs, keys[start : start + WAVE])
        yield Query(model, options={"unscoped": True}).where(condition, typed(one))


async def _rule(self: Operations, one: Relation, query: Query[Any]) -> None:
    link = link_of(query.model)
    ops = link.sync if isinstance(self.port, SyncPort) else link.aio
    match one.options["onDelete"]:
        case "restrict":
            if await ops.exists(query):
                raise ConflictError(
                    f"{one}: {query.model.__name__} rows refer to what would be deleted",
                    code="restricted",
                    hint=f"delete those first, or declare onDelete 'cascade' for {one.name}",
                    model=one.model.__name__,
                )
        case "cascade":
            await ops.delete_all(query)
        case "nullify":
            held = [*one.others, *filter(None, (one.type_property,))]
            await ops.update_all(query, dict.fromkeys(held))
