"""Soft delete out of a default scope and one hook: deleted rows stay, and nobody sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import Model, Prop, connect, now, prop


async def soften(ctx: Any) -> None:
    """Mark the rows instead of deleting them, in the caller's colour."""
    ctx.result = await ctx.ops.update_all(ctx.query, {"deleted": now()})
    ctx.done = True


@pytest.fixture
def document() -> Any:
    db = connect("memory:")
    model = db.define(
        "Document",
        {"name": str, "deleted": "date"},
        {"scope": {"where": {"deleted": None}}},
    )
    model.before_delete(soften)
    model.create_all({"name": name} for name in "abcde")
    return model


def names(rows: Any) -> list[str]:
    return [row.name for row in rows]


def test_every_delete_becomes_a_mark(document: Any) -> None:
    assert document.find_one({"where": {"name": "a"}}).delete() is True
    assert document.delete_by_id(2) is True
    assert document.delete_by_id(2) is False
    assert document.delete_all({"name": {"inq": ["b", "c"]}}).changed == 1
    assert names(document.find()) == ["d", "e"]
    assert document.count() == 2
    assert names(document.find(fields=["name"])) == ["d", "e"]
    assert names(document.unscoped()) == ["a", "b", "c", "d", "e"]
    gone = document.find_by_id(1, unscoped=True)
    gone.patch({"deleted": None})
    assert names(document.find()) == ["a", "d", "e"]


def test_in_the_other_colour(document: Any) -> None:
    async def main() -> None:
        assert await document.aio.delete_by_id(1) is True
        assert (await document.aio.delete_all({"name": "b"})).changed == 1
        one = await document.aio.find_by_id(3)
        assert await one.aio.delete() is True
        assert names(await document.aio.find()) == ["d", "e"]

    asyncio.run(main())
    assert document.count(unscoped=True) == 5


def test_as_a_mixin_of_typed_classes() -> None:
    class SoftDelete(Model, abstract=True):
        deleted: Prop[bool] = prop(default=False)

    @SoftDelete.before_delete
    async def _(ctx: Any) -> None:
        ctx.result = await ctx.ops.update_all(ctx.query, {"deleted": True})
        ctx.done = True

    class Note(Model, mixins=[SoftDelete], scope={"where": {"deleted": False}}):
        id: Prop[int] = prop(id=True)

    with connect("memory:") as db:
        db.attach(Note)
        note = Note.create({"id": 1})
        note.delete()
        assert (Note.count(), Note.unscoped().count()) == (0, 1)
