"""Memory as an application sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.errors import (
    ConfigurationError,
    ConflictError,
    CostGuardError,
    DuplicateKeyError,
    UnavailableError,
    UnsafeMigrationError,
)

if TYPE_CHECKING:
    from pathlib import Path

USER = {
    "name": {"type": "string", "index": True},
    "mail": {"type": "string", "unique": True},
    "age": "number",
}


def test_the_index_is_in_explain_and_rows_come_in_key_order() -> None:
    with connect("memory:") as db:
        user = db.define("User", USER)
        user.create_all([{"id": i, "name": f"n{i % 2}", "mail": f"{i}"} for i in (10, 9, 2)])
        assert [u.id for u in user.find()] == [2, 9, 10]
        plan = str(user.where({"name": "n0"}).explain())
        assert "index name_index" in plan
        assert "path  index" in plan
        with pytest.raises(DuplicateKeyError):
            user.create(mail="9")
        assert user.create(mail="x").id == 11


def test_a_stale_instance_is_a_conflict() -> None:
    with connect("memory:") as db:
        user = db.define("User", USER)
        one = user.create(name="a")
        other = user.find_by_id(one.id)
        other.patch({"name": "b"})
        one.name = "c"
        with pytest.raises(ConflictError) as caught:
            one.save()
        assert caught.value.current.name == "b"
        one.save(if_unchanged=False)
        assert user.find_by_id(one.id).name == "c"


def test_tasks_share_a_store() -> None:
    async def run() -> None:
        async with connect("memory:") as db:
            user = db.define("User", USER)

            async def one(i: int) -> Any:
                created = await user.aio.create(name=f"{i}", mail=f"{i % 10}")
                return created.id

            done = await asyncio.gather(*map(one, range(20)), return_exceptions=True)
            assert sum(isinstance(result, DuplicateKeyError) for result in done) == 10
            assert await user.aio.count() == 10

    asyncio.run(run())


def test_a_guard_refuses_what_a_server_would() -> None:
    with connect("memory:?guard=true&max_sort=5") as db:
        user = db.define("User", USER)
        user.create_all([{"name": "a"}] * 10)
        assert len(user.find({"where": {"name": "a"}})) == 10
        with pytest.raises(CostGuardError) as caught:
            user.find({"where": {"age": 3}})
        assert caught.value.suggestions == ("age: index=True",)
        assert user.find({"where": {"age": 3}}, allow_scan=True) == []
    with connect("memory:") as db:
        assert db.define("User", USER).find({"where": {"age": 3}}, order="age") == []


def test_the_seeds_way_of_migrating() -> None:
    with connect("memory:") as db:
        user = db.define("User", USER)
        assert db.is_actual()
        db.automigrate("User")
        user.create(name="a", mail="m")
        user = db.define("User", {**USER, "age": "integer", "city": {"type": "string"}})
        assert not db.is_actual("User")
        db.autoupdate("User")
        assert db.is_actual("User")
        assert [u.name for u in user.find()] == ["a"]
        with pytest.raises(UnsafeMigrationError):
            db.automigrate("User")
        db.automigrate("User", allow_data_loss=True)
        assert user.count() == 0


def test_a_file_is_kept_and_told_of(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    with connect({"connector": "memory", "file": str(path)}) as db:
        db.define("User", USER).create(name="a", mail="m")
        with (
            pytest.raises(UnavailableError, match="another data source"),
            connect(f"memory:?file={path}") as other,
        ):
            other.define("User", USER).find()
    with path.open("ab") as file:
        file.write(b"torn")
    with connect(f"memory:?file={path}&fsync=never") as db:
        user = db.define("User", USER)
        assert [(u.id, u.name) for u in user.find()] == [(1, "a")]
        assert "dropped 4 bytes" in db.ping().limits["recovery"]
        with pytest.raises(DuplicateKeyError):
            user.create(mail="m")


@pytest.mark.parametrize(
    "setting", ["fsync=sometimes", "compact_at=0", "fsync_interval=0", "flie=x", "repair=perhaps"]
)
def test_settings_that_make_no_sense_are_refused(setting: str) -> None:
    with pytest.raises(ConfigurationError):
        connect(f"memory:?{setting}")


def test_a_path_is_no_file_by_itself() -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect("memory:data/notes.jsonl")
    assert caught.value.hint == "memory:?file=data/notes.jsonl"
    assert connect("memory", {"database": "shop"}).settings["file"] is None


def test_transactions_join_what_is_called_inside() -> None:
    with connect("memory:") as db:
        user = db.define("User", USER)
        user.create(name="a", mail="m")

        def both() -> None:
            with db.transaction():
                user.create(name="b")
                assert user.count() == 2
                user.create(name="c", mail="m")

        with pytest.raises(DuplicateKeyError):
            both()
        assert user.count() == 1
        with db.transaction():
            user.create(name="b")
        assert user.count() == 2
