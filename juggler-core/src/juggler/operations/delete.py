"""Deleting one row: by its instance or by its key."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from juggler.connector.writes import WriteOp
from juggler.model.query import Query
from juggler.operations import _scope, _send
from juggler.operations._lifecycle import life_of
from juggler.operations.read import there
from juggler.operations.write import stored_row, version_of

if TYPE_CHECKING:
    from juggler.operations import Operations
    from juggler.operations._lifecycle import Life
    from juggler.operations.on_delete import Consequences


#: What becomes of rows that refer to a deleted one; it loads with relations.
_ON_DELETE = "juggler.operations.on_delete"


async def delete(self: Operations, instance: Any, if_unchanged: bool | None = None) -> bool | None:
    """Delete an instance's row: True if it was there, None when the store does not say."""
    link = type(instance).__link__
    key = link.codec.key_of(stored_row(instance))
    life = life_of(self, type(instance), "delete")
    if life is not None:
        life.ctx.instance = instance
        if await _stood_for(self, life, key):
            return await _told(life, _stood(life))
    op = WriteOp("delete", key, if_version=version_of(self, instance, if_unchanged))
    related = None
    if type(instance).__definition__.relations:
        related = import_module(_ON_DELETE).of_instance(self, instance)
    answer = await _delete(self, link, op, related, life)
    link.codec.forget(instance)
    return answer


async def delete_by_id(self: Operations, model: Any, key: Any) -> bool | None:
    """Delete the row of a key: True if it was there, None when the store does not say."""
    link = model.__link__
    key = link.codec.coerce_key(key)
    if await _scope.outside(self, model, key):
        return False
    life = life_of(self, model, "delete_by_id")
    if life is not None:
        life.ctx.data = dict(zip(link.spec.key.names, key, strict=True))
        if await _stood_for(self, life, key):
            return await _told(life, _stood(life))
    related = None
    if model.__definition__.relations:
        related = await import_module(_ON_DELETE).of_key(self, model, key)
    return await _delete(self, link, WriteOp("delete", key), related, life)


async def _delete(
    self: Operations, link: Any, op: WriteOp, related: Consequences | None, life: Life | None
) -> bool | None:
    """Delete a row and what goes with it: a conflict of the row changes nothing else.

    A row that is not there is an error where the model has LoopBack's setting ``strictDelete``.
    """
    if related is not None:
        await related.refuse()
        if op.if_version is None:
            await related.follow()
    strict = bool(link.model.__definition__.settings.get("strictDelete"))
    result = await _send.one(self, link, op, missing_is_error=strict)
    if related is not None and op.if_version is not None:
        await related.follow()
    gone = True if result.status == "deleted" else result.existed
    return await _told(life, False if result.status == "missing" else gone)


async def _stood_for(self: Operations, life: Life, key: tuple[Any, ...]) -> bool:
    """Run ``before_delete``: whether a hook did what stands for the delete.

    A hook that set another query spares the row, unless that has it.
    """
    ctx = life.ctx
    wanted = dict(zip(life.model.__definition__.ids, key, strict=True))
    ctx.query = query = Query.of(life.model, {"where": wanted}, unscoped=True)
    await life.fire("before_delete")
    if not ctx.done and ctx.query is not query and not await there(self, ctx.query.where(wanted)):
        ctx.done, ctx.result = True, False
    return ctx.done


def _stood(life: Life) -> bool | None:
    answer: bool | None = life.ctx.result
    return True if answer is None else bool(answer)


async def _told(life: Life | None, answer: bool | None) -> bool | None:
    """The answer of a delete, after its last hook."""
    if life is not None:
        life.ctx.result = answer
        await life.fire("after_delete")
    return answer
