"""On a real server: the changes of a model."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, pet

from juggler_cloudant import changes

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server


def test_changes_go_on_where_they_stopped(db: DataSource) -> None:
    model = pet(db)
    other = db.define("Other", {"id": {"type": "string", "id": True}})
    db.autoupdate("Other")
    model.create_all([{"id": f"p{i}", "age": i} for i in range(30)])
    other.create({"id": "o"})
    first = list(changes(model))
    assert sorted(change.key for change in first) == sorted(f"p{i}" for i in range(30))
    assert {change.kind for change in first} == {"put"}
    assert list(changes(model, first[-1].token)) == []
    model.update_all({"id": "p3"}, {"name": "new"})
    model.delete_by_id("p4")

    async def more() -> list[Any]:
        return [change async for change in changes(model, first[-1].token)]

    later = {change.key: change for change in asyncio.run(more())}
    assert {key: change.kind for key, change in later.items()} == {"p3": "put", "p4": "delete"}
    assert (later["p3"].instance["name"], later["p4"].instance) == ("new", None)
    later["p3"].instance["name"] = "newer"
    later["p3"].instance.save()  # it has the version
    rest = [change.key for change in changes(model, first[9].token)]
    assert set(rest) >= {"p3", "p4"}


def test_a_document_that_is_no_row_does_not_end_the_changes(db: DataSource) -> None:
    model = pet(db)
    docs = [{"_id": "a", "loopback__model__name": "Pet", "age": "seven"}]
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    model.create({"id": "b"})
    seen = {change.key: change.instance for change in changes(model)}
    assert seen["a"] is None
    assert seen["b"]["id"] == "b"


def test_changes_are_followed(db: DataSource) -> None:
    model = pet(db)
    model.create({"id": "old"})
    rest = iter(changes(model, "now", follow=True))
    writer = threading.Timer(0.3, lambda: model.create({"id": "new", "age": 3}))
    writer.start()
    first = next(rest)
    assert (first.kind, first.key, first.instance["age"]) == ("put", "new", 3)
    writer.join()

    async def one() -> Any:
        return await anext(aiter(changes(model, first.token, follow=True)))

    async def both() -> Any:
        waiting = asyncio.create_task(one())
        await asyncio.sleep(0.1)
        await model.aio.delete_by_id("old")
        return await waiting

    last = asyncio.run(both())
    assert (last.kind, last.key) == ("delete", "old")
