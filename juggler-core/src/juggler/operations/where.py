"""Writing by condition: update_all, delete_all, upsert_with_where, find_or_create."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector.writes import Change, WriteOp
from juggler.errors import DuplicateKeyError, InvalidQueryError
from juggler.model.results import Count
from juggler.model.scopes import equalities, scoped
from juggler.operations import _send, read, write
from juggler.operations._execute import Counters, batches, plan_for, planned
from juggler.operations._lifecycle import life_of
from juggler.operations._prepare import prepare
from juggler.operations._related import counted, plain
from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import TRUE, All, Nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector.plan import Plan
    from juggler.connector.results import Key
    from juggler.model.query import Query
    from juggler.operations import Operations
    from juggler.operations._lifecycle import Life
    from juggler.query.spec import QuerySpec

WAVE = 500
_ROUNDS = 3


async def update_all(self: Operations, query: Query[Any], data: Any, all: bool = False) -> Count:
    """Change the given properties of every row that fulfils the condition.

    Raises:
        InvalidQueryError: without a condition, unless ``all=True``.
    """
    link = query.model.__link__
    life = life_of(self, query.model, "update_all")
    values = link.codec.given(data)
    query = in_scope(query, Change("patch"), everything=all, name="update_all")
    if life is not None:
        query = await life.access(query)
        values = await life.given(values)
    changes = link.codec.encode_patch(values)
    if life is not None:
        changes = {**changes, **await life.embedded(values)}
    for name in link.spec.key.names:
        if name in changes:
            raise InvalidQueryError(
                f"update_all cannot change the key property {name!r}",
                code="key-change",
                hint="create the row under its new key and delete the old one",
                model=link.spec.name,
            )
    link.codec.validate_patch(changes)
    if not changes:
        raise InvalidQueryError(
            "update_all without values",
            code="no-values",
            hint="give the values: update_all(where, {'name': …})",
        )
    if life is not None:
        changes = await life.persist(changes)
    change = Change("patch", changes)
    done = await _by_condition(self, query, change, everything=all, name="update_all")
    return await _told(life, done, "after_save")


async def delete_all(self: Operations, query: Query[Any], all: bool = False) -> Count:
    """Delete every row that fulfils the condition.

    Raises:
        InvalidQueryError: without a condition, unless ``all=True``.
    """
    life = life_of(self, query.model, "delete_all")
    query = in_scope(query, Change("delete"), everything=all, name="delete_all")
    if life is not None:
        query = await life.access(query)
        life.ctx.query = query
        await life.fire("before_delete")
        query = life.ctx.query
        if life.ctx.done:
            told = life.ctx.result
            answer = told if isinstance(told, Count) else Count(None, None)
            return await _told(life, answer, "after_delete")
    change = Change("delete")
    done = await _by_condition(self, query, change, everything=all, name="delete_all")
    return await _told(life, done, "after_delete")


def in_scope(query: Query[Any], change: Change, *, everything: bool, name: str) -> Query[Any]:
    """The query with the condition of its model's default scope, and nothing else of it.

    The scope is no condition of the caller's: one that gave none has to say ``all=True``.
    """
    merged = scoped(query)
    if merged is query:
        return query
    if query.where_ is TRUE and not everything:
        raise _needs_all(query.model.__definition__.name, change, name)
    return evolve(merged, filter=evolve(query.filter, where=merged.where_))


def _needs_all(model: str, change: Change, name: str) -> InvalidQueryError:
    return InvalidQueryError(
        f"{name} without a condition would {change.kind} every row of {model!r}",
        code="needs-all",
        hint=f"say so: {name}(…, all=True)",
        model=model,
    )


async def _told(life: Life | None, done: Count, hook: str) -> Count:
    """The count, after the hooks that come last."""
    if life is not None:
        life.ctx.result = done
        await life.told(hook)
    return done


async def _by_condition(
    self: Operations, query: Query[Any], change: Change, *, everything: bool, name: str
) -> Count:
    for what in ("order", "limit", "skip", "include"):
        if getattr(query, f"{what}_", None):
            raise InvalidQueryError(
                f"{name} takes a condition, not {what}",
                code="where-only",
                model=query.model.__name__,
                hint=f"find the rows: {query.model.__name__}.find(…), then delete or save each",
            )
    if not plain(query):
        query = await counted(self, query)
    prepared = prepare(self.source, query)
    spec = prepared.spec
    if isinstance(spec.where, All) and not everything:
        raise _needs_all(spec.model.name, change, name)
    if isinstance(spec.where, Nothing):
        return Count(0, 0)
    if change.kind == "delete" and query.model.__definition__.relations:
        from juggler.operations.on_delete import delete_related  # noqa: PLC0415 - loads with relations

        await delete_related(self, query)
    if self.port.has("write_where"):
        plan = plan_for(self.source, spec)
        if plan.residual is TRUE:
            answer = await self.port.call("write_where", spec.model, plan, change)
            if answer is not NotImplemented:
                return Count(answer.matched, answer.changed, answer.conflicts)
    return await _by_key(self, prepared.link, spec, change)


async def _by_key(self: Operations, link: Any, query: QuerySpec, change: Change) -> Count:
    """Collect the keys to the end, then write in waves; what changed meanwhile is tested again."""

    async def collected(plan: Plan) -> list[tuple[Key, str | None]]:
        positions = [plan.fields.index(name) for name in link.spec.key.names]
        found: list[tuple[Key, str | None]] = []
        async for batch in batches(self.port, self.source, plan, None, Counters()):
            versions = batch.versions or [None] * len(batch.rows)
            found += [
                (tuple(row[i] for i in positions), version)
                for row, version in zip(batch.rows, versions, strict=True)
            ]
        return found

    found = await planned(self.port, self.source, query, collected)
    still = predicate(Layout(link.spec, link.spec.names), query.where)
    matched, changed, conflicts, known = len(found), 0, 0, True
    pending = found
    for _ in range(_ROUNDS):
        again: list[Key] = []
        for start in range(0, len(pending), WAVE):
            done, retry, sure = await _wave(self, link, pending[start : start + WAVE], change)
            changed += done
            again += retry
            known = known and sure
        if not again:
            return Count(matched, changed if known else None, 0)
        pending = await _matching_still(self, link, again, still)
        conflicts = len(pending)
        if not pending:
            break
    return Count(matched, changed if known else None, conflicts)


async def _wave(
    self: Operations, link: Any, wave: Sequence[tuple[Key, str | None]], change: Change
) -> tuple[int, list[Key], bool]:
    """Write one wave: rows changed, keys in conflict, whether the store says what happened."""
    ops = [WriteOp(change.kind, key, change.values, if_version=version) for key, version in wave]
    results = await _send.many(self, link, ops)
    changed, again, sure = 0, [], True
    for op, result in zip(ops, results, strict=True):
        match result.status:
            case "patched" | "deleted" | "unchanged" | "replaced":
                changed += 1
            case "applied":
                sure = False
            case "conflict":
                again.append(op.key or ())
            case "missing":
                pass
            case _:
                raise await _send.failure(self, link, op, result)
    return changed, again, sure


async def _matching_still(
    self: Operations, link: Any, keys: Sequence[Key], still: Any
) -> list[tuple[Key, str | None]]:
    rows = await self.port.call("get", link.spec, keys, link.spec.names)
    versions = rows.versions or [None] * len(keys)
    return [
        (key, version)
        for key, row, version in zip(keys, rows.rows, versions, strict=True)
        if row is not None and still(row)
    ]


async def upsert_with_where(self: Operations, query: Query[Any], data: Any) -> Any:
    """Patch the one row that fulfils the condition, or create it; more than one is refused."""
    found = await read.find(self, query.limit(2))
    if len(found) > 1:
        raise InvalidQueryError(
            "upsert_with_where found more than one row",
            code="not-one",
            model=query.model.__name__,
            hint="narrow the condition, or use update_all",
        )
    if found:
        return await write.patch(self, found[0], data)
    return await write.create(self, query.model, data)


async def find_or_create(self: Operations, query: Query[Any], data: Any) -> tuple[Any, bool]:
    """The first row that fulfils the condition, or a new one: ``(instance, created)``.

    A duplicate key on the way is read again, so that two callers at once get the same row.
    """
    found = await read.find_one(self, query)
    if found is not None:
        return found, False
    values = {**equalities(query.where_), **query.model.__link__.codec.given(data)}
    try:
        return await write.create(self, query.model, values), True
    except DuplicateKeyError:
        found = await read.find_one(self, query)
        if found is None:
            raise
        return found, False
