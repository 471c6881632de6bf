"""``onDelete``: what becomes of rows that refer to a row that is deleted.

What refuses is asked before anything is changed.  Then the referring rows go first, so that a
failure half way leaves no key without its row; only where the row's version is checked, the row
itself goes first, so that a conflict changes nothing.  Inside a transaction all of it takes effect
together.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector.port import SyncPort
from juggler.errors import ConflictError
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.relations.kept import stored_value
from juggler.model.relations.resolve import names, raw, relation
from juggler.model.relations.scoping import linking, typed
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


def of_instance(self: Operations, instance: Any) -> Consequences | None:
    """What the deletion of an instance's row has as consequences."""
    model = type(instance)
    found = rules(model)
    if not found:
        return None
    wanted = _wanted(model, found)
    return Consequences(self, model, found, [{n: stored_value(instance, n) for n in wanted}])


async def of_key(self: Operations, model: Any, key: tuple[Any, ...]) -> Consequences | None:
    """What the deletion of the row of a key has as consequences."""
    if not rules(model):
        return None
    where = dict(zip(model.__definition__.ids, key, strict=True))
    return await of_query(self, Query.of(model, where, where_only=True))


async def delete_related(self: Operations, query: Query[Any]) -> None:
    """Change the rows that refer to those of a query, which are deleted next."""
    related = await of_query(self, query)
    if related is not None:
        await related.refuse()
        await related.follow()


async def of_query(self: Operations, query: Query[Any]) -> Consequences | None:
    """What the deletion of the rows of a query has as consequences."""
    model = query.model
    found = rules(model)
    if not found:
        return None
    prepared = prepare(self.source, query.fields(*_wanted(model, found)))
    plan, batch = await fetch_all(self.port, self.source, prepared.spec, Counters())
    rows = [dict(zip(plan.fields, row, strict=True)) for row in batch.rows]
    return Consequences(self, model, found, rows)


@frozen
class Consequences:
    """Rows that are going to be deleted, and the rules of their relations."""

    ops: Operations
    model: Any
    rules: Sequence[Relation]
    rows: list[Values]

    async def refuse(self, above: frozenset[tuple[str, Any]] = frozenset()) -> None:
        """Raise where a rule refuses, on any level: before anything is changed.

        Raises:
            ConflictError: ``restricted``.
        """
        rows = self._fresh(above | _around.get())
        above |= self._marks(rows)
        for one in self.rules:
            said = one.options["onDelete"]
            for query in _referring(one, rows):
                ops = self._of(query.model)
                if said == "restrict":
                    await _restrict(ops, one, query)
                elif said == "cascade" and _restricting(query.model):
                    below = await of_query(ops, query)
                    if below is not None:
                        await below.refuse(above)

    async def follow(self) -> None:
        """Change the rows that refer to these."""
        rows = self._fresh(_around.get())
        token = _around.set(_around.get() | self._marks(rows))
        try:
            for one in self.rules:
                for query in _referring(one, rows):
                    await _change(self._of(query.model), one, query)
        finally:
            _around.reset(token)

    def _fresh(self, around: frozenset[tuple[str, Any]]) -> list[Values]:
        return [row for row in self.rows if not self._marks([row]) & around]

    def _marks(self, rows: list[Values]) -> frozenset[tuple[str, Any]]:
        definition = self.model.__definition__
        return frozenset((definition.name, tuple(row[i] for i in definition.ids)) for row in rows)

    def _of(self, model: Any) -> Any:
        """The operations of another model, in this colour."""
        link = link_of(model)
        return link.sync if isinstance(self.ops.port, SyncPort) else link.aio


def _wanted(model: Any, found: Sequence[Relation]) -> list[str]:
    own = (name for one in found for name in one.own)
    return list(dict.fromkeys((*model.__definition__.ids, *own)))


def _restricting(model: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a rule below a model may refuse."""
    below = seen | {model}
    for one in rules(model):
        target = one.through.model if one.through is not None else one.target
        said = one.options["onDelete"]
        if said == "restrict" or (
            said == "cascade" and target not in below and _restricting(target, below)
        ):
            return True
    return False


def _referring(one: Relation, rows: list[Values]) -> Iterator[Query[Any]]:
    """Queries of the rows that refer to these, one for each wave of keys."""
    pairs = one.through.own if one.through is not None else one.pairs
    model = one.through.model if one.through is not None else one.target
    keys = list(dict.fromkeys(tuple(row[mine] for mine, _ in pairs) for row in rows))
    keys = [key for key in keys if None not in key]
    theirs = tuple(name for _, name in pairs)
    for start in range(0, len(keys), WAVE):
        condition: Where = one_of(theirs, keys[start : start + WAVE])
        own = typed(one) if one.through is None else linking(one.through)
        yield Query(model, options={"unscoped": True}).where(condition, own)


async def _restrict(ops: Any, one: Relation, query: Query[Any]) -> None:
    if await ops.exists(query):
        raise ConflictError(
            f"{one}: {query.model.__name__} rows refer to what would be deleted",
            code="restricted",
            hint=f"delete those first, or declare onDelete 'cascade' for {one.name}",
            model=one.model.__name__,
        )


async def _change(ops: Any, one: Relation, query: Query[Any]) -> None:
    match one.options["onDelete"]:
        case "cascade":
            await ops.delete_all(query)
        case "nullify":
            held = [*one.others, *filter(None, (one.type_property,))]
            await ops.update_all(query, dict.fromkeys(held))
