"""Consistency levels: one that the connector does not have is refused before any I/O."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.errors import CapabilityError

if TYPE_CHECKING:
    from juggler import DataSource
    from juggler.connector.port import Recorder

NOTE = {"id": {"type": "string", "id": True}, "text": "string"}
CALLS = {
    "find": lambda note, level: note.find({"where": {"text": "a"}}, consistency=level),
    "find_by_id": lambda note, level: note.find_by_id("a", consistency=level),
    "find_by_ids": lambda note, level: note.find_by_ids(["a"], consistency=level),
    "count": lambda note, level: note.count({"text": "a"}, consistency=level),
    "page": lambda note, level: note.where({}).using(consistency=level).page(3),
    "update_all": lambda note, level: note.update_all(
        {"id": "a"}, {"text": "b"}, consistency=level
    ),
    "upsert": lambda note, level: note.upsert({"id": "a", "text": "b"}, consistency=level),
}


@pytest.mark.parametrize("level", ["strongest", "QUORUM", "default "])
@pytest.mark.parametrize("operation", sorted(CALLS))
def test_an_unknown_level_is_refused(
    db: DataSource, calls: Recorder, operation: str, level: str
) -> None:
    note = db.define("Note", NOTE)
    with pytest.raises(CapabilityError) as caught:
        CALLS[operation](note, level)
    assert caught.value.feature == "consistency"
    assert "eventual" in caught.value.hint
    assert [hook for hook in calls.hooks if hook != "open"] == []


def test_a_block_of_calls_is_held_to_it_too(db: DataSource, calls: Recorder) -> None:
    note = db.define("Note", NOTE)
    with db.options(consistency="never"):
        for call in (note.find, lambda: note.create({"id": "a"}), lambda: note.exists("a")):
            with pytest.raises(CapabilityError):
                call()
    assert calls.hooks == []
    with db.options(consistency="session"):
        note.create({"id": "a"})
        assert note.exists("a")


def test_in_the_asynchronous_colour(db: DataSource, calls: Recorder) -> None:
    note = db.define("Note", NOTE)

    async def main() -> None:
        for call in (note.aio.find({}, consistency="x"), note.aio.find_by_id(1, consistency="x")):
            with pytest.raises(CapabilityError):
                await call

    asyncio.run(main())
    assert calls.hooks == []


def test_a_setting_that_the_store_cannot_keep_is_refused_by_the_first_call(shelf: Any) -> None:
    note = connect(shelf, {"consistency": "strong"}).define("Note", NOTE)
    for call in (note.find, lambda: note.create({"id": "a"})):
        with pytest.raises(CapabilityError, match="'strong'"):
            call()
