"""On a real CouchDB, beside the rows: changes, attachments, conflicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from server_support import database, http, pet

from juggler import connect
from juggler.errors import BackendError, ConfigurationError, ConflictError, InvalidValueError
from juggler_cloudant import attachments, changes, conflicts

if TYPE_CHECKING:
    from pathlib import Path

    from juggler import DataSource

pytestmark = pytest.mark.server


def test_attachments_larger_than_memory_should_hold(db: DataSource, tmp_path: Path) -> None:
    model = pet(db)
    row = model.create({"id": "a"})
    some = attachments(row)
    content = bytes(range(256)) * 20_000
    file = tmp_path / "content"
    file.write_bytes(content)
    with file.open("rb") as opened:
        opened.seek(256)
        some.put("file", opened)
    pieces = list(some.stream("file"))
    assert b"".join(pieces) == content[256:]
    assert len(pieces) > 10
    some.put("pieces.txt", (b"line\n" for _ in range(50_000)), "text/plain")
    assert some.get("pieces.txt") == b"line\n" * 50_000

    async def streamed() -> bytes:
        with file.open("rb") as again:
            await some.aio.put("again", again, "image/png")
        found = [piece async for piece in some.aio.stream("again")]
        return b"".join(found)

    assert asyncio.run(streamed()) == content
    for wrong in ("text", 7, [b"a", "b"]):
        with pytest.raises(InvalidValueError):
            some.put("wrong", wrong)  # type: ignore[arg-type]
    assert [one.name for one in some.list()] == ["again", "file", "pieces.txt"]
    with pytest.raises(BackendError):
        next(some.stream("none"))
    next(some.stream("file"))
    assert row.reload()["id"] == "a"


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


def test_conflicts_of_open_models_have_what_nobody_declared(db: DataSource) -> None:
    model = db.define("Guest", {"id": {"type": "string", "id": True}, "name": "string"})
    db.autoupdate("Guest")
    row = model.create({"id": "a", "name": "x", "size": 3})
    other = {"_id": "a", "_rev": f"1-{9:032x}", "loopback__model__name": "Guest", "shoe": 4}
    here = database(db)
    http(db, "POST", f"{here}/_bulk_docs", {"docs": [other], "new_edits": False})
    (lost,) = conflicts(row.reload()).list()
    assert lost.values in (
        {"id": "a", "name": "x", "size": 3},
        {"id": "a", "name": None, "shoe": 4},
    )


def test_other_data_sources_have_none_of_it() -> None:
    with connect("memory:") as memory:
        model = memory.define("Thing", {"id": {"type": "string", "id": True}})
        with pytest.raises(ConfigurationError, match="not attached to a Cloudant"):
            changes(model)
