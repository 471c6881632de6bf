"""On a real CouchDB, beside the rows: changes, attachments, conflicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, pet

from juggler import connect
from juggler.errors import BackendError, ConfigurationError, ConflictError
from juggler_cloudant import attachments, changes, conflicts

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
    assert sorted(change.key[0] for change in first) == sorted(f"p{i}" for i in range(30))
    assert {change.kind for change in first} == {"put"}
    assert list(changes(model, first[-1].token)) == []
    model.update_all({"id": "p3"}, {"name": "new"})
    model.delete_by_id("p4")

    async def more() -> list[Any]:
        return [change async for change in changes(model, first[-1].token)]

    later = {change.key[0]: change for change in asyncio.run(more())}
    assert {key: change.kind for key, change in later.items()} == {"p3": "put", "p4": "delete"}
    assert "new" in later["p3"].row
    assert later["p4"].row is None
    rest = [change.key[0] for change in changes(model, first[9].token)]
    assert set(rest) >= {"p3", "p4"}


def test_attachments(db: DataSource) -> None:
    model = pet(db)
    row = model.create({"id": "a/b", "name": "x"})
    some = attachments(row)
    assert some.list() == []
    some.put("one é.txt", b"hello", "text/plain")
    some.put("two", bytes(range(256)) * 4000)
    assert [(a.name, a.content_type, a.length) for a in some.list()] == [
        ("one é.txt", "text/plain", 5), ("two", "application/octet-stream", 1_024_000),
    ]  # fmt: skip
    assert some.get("one é.txt") == b"hello"
    assert some.get("two") == bytes(range(256)) * 4000
    row["name"] = "y"
    row.save()
    assert len(some.list()) == 2
    model.replace_by_id("a/b", {"name": "z"})
    with pytest.raises(ConflictError):
        some.put("three", b"")
    row.reload()
    some.put("three", b"")

    async def rest() -> None:
        assert await some.aio.get("three") == b""
        await some.aio.delete("two")
        with pytest.raises(BackendError) as caught:
            await some.aio.get("two")
        assert caught.value.code == "not-found"

    asyncio.run(rest())
    assert [a.name for a in some.list()] == ["one é.txt", "three"]
    with pytest.raises(ConfigurationError):
        some.get("..")


def test_conflicts_are_seen_and_resolved(db: DataSource) -> None:
    model = pet(db)
    here = database(db)

    def replicate(*names: str) -> None:
        doc = http(db, "GET", f"{here}/a")
        number, _, digest = doc["_rev"].partition("-")
        docs = [
            {**doc, "name": name, "_rev": f"{int(number) + 1}-{i:032x}",
             "_revisions": {"start": int(number) + 1, "ids": [f"{i:032x}", digest]}}
            for i, name in enumerate(names, 1)
        ]  # fmt: skip
        http(db, "POST", f"{here}/_bulk_docs", {"docs": docs, "new_edits": False})

    model.create({"id": "a", "name": "first"})
    assert conflicts(model.find_by_id("a")).list() == []
    replicate("left", "right", "middle")
    row = model.find_by_id("a")
    assert row["name"] == "middle"
    found = conflicts(row).list()
    assert sorted(one.values["name"] for one in found) == ["left", "right"]
    left = next(one for one in found if one.values["name"] == "left")
    conflicts(row).resolve(left.version)
    row.reload()
    assert row["name"] == "left"
    assert conflicts(row).list() == []
    replicate("p", "q")
    row.reload()

    async def resolve() -> None:
        assert len(await conflicts(row).aio.list()) == 1
        await conflicts(row).aio.resolve()
        assert await conflicts(row).aio.list() == []

    asyncio.run(resolve())
    assert model.find_by_id("a")["name"] == "q"
    with pytest.raises(ConflictError):
        conflicts(row).resolve("9-nothing")


def test_other_data_sources_have_none_of_it() -> None:
    with connect("memory:") as memory:
        model = memory.define("Thing", {"id": {"type": "string", "id": True}})
        with pytest.raises(ConfigurationError, match="not attached to a Cloudant"):
            changes(model)
