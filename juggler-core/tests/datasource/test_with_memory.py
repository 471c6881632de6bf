"""What a data source does before and around its operations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.datasource import DataSource
from juggler.errors import ConfigurationError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

NOTE = {"id": {"type": "integer", "id": True, "generated": True}, "text": "string"}


def late(db: DataSource, shelf: Any) -> list[Any]:
    """A server that refuses the first tries to connect."""
    shelf.open_errors = [UnavailableError("not yet"), OSError(111, "Connection refused")]
    heard: list[Any] = []
    db.on("connected", lambda: heard.append("connected"))
    db.on("error", heard.append)
    return heard


def test_lazy_connect_false_connects_at_once(shelf: Any) -> None:
    assert DataSource(shelf, {"lazyConnect": False}).connected
    assert shelf.calls == ["open"]
    shelf.open_errors = [UnavailableError("away")] * 10_000
    with pytest.raises(UnavailableError, match="away"):
        DataSource(shelf, {"lazy_connect": False, "connect_timeout": 0.01})


def test_operations_wait_for_a_server_that_is_late(db: DataSource, shelf: Any) -> None:
    heard = late(db, shelf)
    note = db.define("Note", NOTE)
    assert note.create({"text": "a"}).id == 1
    assert shelf.calls == ["open", "open", "open", "write"]
    assert heard == ["connected"]


def test_tasks_wait_for_a_server_that_is_late(db: DataSource, shelf: Any) -> None:
    heard = late(db, shelf)
    note = db.define("Note", NOTE)

    async def main() -> None:
        await asyncio.gather(*(note.aio.find() for _ in range(5)))

    asyncio.run(main())
    assert shelf.calls == ["open"] * 3 + ["fetch"] * 5
    assert heard == ["connected"]


def test_an_operation_waits_no_longer_than_its_own_time(db: DataSource, shelf: Any) -> None:
    shelf.open_errors = [UnavailableError("away")] * 10_000
    note = db.define("Note", NOTE)
    with pytest.raises(UnavailableError), db.options(timeout=0.01):
        note.find()
    shelf.open_errors = []
    assert note.find() == []


def test_disconnect_is_close(db: DataSource, shelf: Any) -> None:
    note = db.define("Note", NOTE)
    note.find()
    db.disconnect()
    assert not db.connected
    assert shelf.calls[-1] == "close"
    assert note.find() == []
    assert db.connected


def test_ping_says_who_answers(db: DataSource) -> None:
    answer = db.ping()
    assert (answer.product, answer.version) == ("Shelf", "7")
    assert connect("memory:").ping().product == "juggler-memory"


def test_a_relational_store_says_so(shelf_class: Any) -> None:
    class Tables(shelf_class):
        relational = True

    db = DataSource(Tables())
    assert db.is_relational()
    strict = db.define("Note", NOTE)
    assert not db.spec_of(strict).open
    assert connect("memory:").is_relational() is False


def test_schema_calls_connect_and_name_unknown_models(db: DataSource, shelf: Any) -> None:
    db.define("Note", NOTE)
    for call in (db.automigrate, db.autoupdate, db.is_actual):
        with pytest.raises(ConfigurationError, match="no model 'Nota'") as caught:
            call("Nota")
        assert caught.value.hint == "did you mean 'Note'?"
    assert shelf.calls == []
    assert not db.is_actual("Note")
    db.autoupdate("Note")
    assert db.is_actual()
    assert shelf.calls[0] == "open"


def test_memory_builds_models_from_what_it_holds(tmp_path: Path) -> None:
    url = f"memory:?file={tmp_path / 'rows.jsonl'}"
    with connect(url) as db:
        product = db.define(
            "Product", {"id": {"type": "integer", "id": True}, "name": "string"}, {"strict": True}
        )
        db.autoupdate()
        product.create({"id": 1, "name": "Ball"})
    with connect(url) as db:
        assert [t["name"] for t in db.discover_model_definitions()] == ["Product"]
        assert db.discover_primary_keys("Product")[0]["columnName"] == "id"
        assert db.discover_foreign_keys("Product") == []
        found = db.discover_and_build_models("Product")
        assert found["Product"].find_by_id(1).name == "Ball"
