"""Bulk errors, refused scans and explanations, through the public API."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import connect
from juggler.connector import SimpleConnector
from juggler.errors import BulkError, CapabilityError, CostGuardError, DuplicateKeyError
from juggler.model.query import Query

NOTE = {"id": {"type": "string", "id": True}, "rank": "integer"}


class Shelf(SimpleConnector):
    """Rows in a dictionary, as if reading all of them were dear."""

    scan = "refuse"

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.rows: dict[Any, dict[str, Any]] = {}

    def all(self, model: Any) -> Any:
        del model
        return list(self.rows.values())

    def create(self, model: Any, key: Any, record: Any) -> Any:
        del model
        self.rows[key] = record

    save = create

    def destroy(self, model: Any, key: Any) -> Any:
        del model
        del self.rows[key]


@pytest.fixture
def note() -> Any:
    return connect(Shelf).define("Note", NOTE)


def test_a_bad_row_sends_nothing(note: Any) -> None:
    with pytest.raises(BulkError):
        note.create_all([{"id": "a"}, {"id": "b", "rank": "x"}])
    assert note.find() == []


def test_collect_writes_the_good_rows(note: Any) -> None:
    result = note.create_all(
        [{"id": "a"}, {"id": "b", "rank": "x"}, {"id": "c"}], on_error="collect"
    )
    assert (result.created, len(result.failed)) == (2, 1)
    assert [row.id for row in note.find()] == ["a", "c"]


def test_a_key_twice_in_one_call_is_a_duplicate(note: Any) -> None:
    result = note.create_all([{"id": "a", "rank": 1}, {"id": "a", "rank": 2}], on_error="collect")
    ((_, error),) = result.failed
    assert isinstance(error, DuplicateKeyError)
    assert note.find_by_id("a").rank == 1


def test_rows_that_are_there_are_replaced_when_that_is_asked_for(note: Any) -> None:
    note.create_all([{"id": "a", "rank": 1}, {"id": "b", "rank": 2}])
    rows = [{"id": "b"}, {"id": "c", "rank": 3}, {"id": "c", "rank": 4}]
    result = note.create_all(rows, replace=True)
    assert (result.created, result.replaced, result.ok) == (1, 2, True)
    assert result.keys == ["b", "c", "c"]
    assert repr(result) == "BulkResult(created=1, replaced=2, failed=0)"
    assert {row.id: row.rank for row in note.find()} == {"a": 1, "b": None, "c": 4}
    asyncio.run(note.aio.create_all([{"id": "a", "rank": 9}], replace=True))
    assert note.find_by_id("a").rank == 9


def test_hooks_of_a_bulk_that_replaces_do_not_say_that_rows_are_new(note: Any) -> None:
    told: list[tuple[str, Any]] = []
    for hook in ("before_save", "before_create", "after_create", "after_save"):
        note.observe(hook, lambda ctx: told.append((ctx.hook, ctx.is_new)))
    note.create_all([{"id": "a"}], replace=True)
    assert told == [("before_save", None), ("after_save", None)]


def test_a_scoped_model_is_not_replaced_in_bulk() -> None:
    scoped = connect(Shelf).define("Note", NOTE, {"scope": {"where": {"rank": 1}}})
    with pytest.raises(CapabilityError, match="default scope"):
        scoped.create_all([{"id": "a"}], replace=True)


def test_a_scan_is_refused_with_a_way_out(note: Any) -> None:
    with pytest.raises(CostGuardError) as caught:
        note.find({"where": {"rank": 1}})
    assert "allow_scan=True" in (caught.value.hint or "")
    assert note.find({"where": {"rank": 1}}, allow_scan=True) == []
    assert note.find({"where": {"id": "a"}}) == []


@pytest.mark.parametrize("order", ["id", "rank", "rank DESC"])
def test_a_token_survives_the_deletion_of_its_row(note: Any, order: str) -> None:
    note.create_all([{"id": f"{i}", "rank": i // 2} for i in range(7)])
    query = Query.of(note, {"order": order}, allow_scan=True)
    whole = [row.id for row in query.all()]
    first, token = query.page(3)
    note.delete_by_id(first[-1].id)
    rest = []
    while token:
        rows, token = query.page(3, token)
        rest += [row.id for row in rows]
    assert [row.id for row in first] + rest == whole
