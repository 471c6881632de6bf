"""Tables follow their models; nothing is lost unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.errors import DuplicateKeyError, JugglerError, UnsafeMigrationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

NOTE = {"id": {"type": "string", "id": True}, "text": "string"}


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("sqlite:") as source:
        yield source


def changed(db: DataSource, properties: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The steps from the table of ``NOTE`` to other properties."""
    db.define("Note", NOTE)
    db.autoupdate()
    db.define("Note", properties)
    return [(step.kind, step.target, step.safety) for step in db.plan("Note")]


def test_autoupdate_adds_a_column_and_an_index(db: DataSource) -> None:
    note = db.define("Note", NOTE)
    db.autoupdate()
    note.create({"id": "a", "text": "milk"})
    note = db.define(
        "Note", {**NOTE, "rank": {"type": "integer", "index": True}, "code": {"type": "string",
                                                                             "unique": True}}
    )  # fmt: skip
    assert not db.is_actual()
    db.autoupdate()
    assert db.is_actual()
    assert note.find_by_id("a").rank is None
    note.create({"id": "b", "rank": 2, "code": "x"})
    assert note.find({"where": {"rank": 2}}).pop().id == "b"
    with pytest.raises(DuplicateKeyError):
        note.create({"id": "c", "code": "x"})


def test_automigrate_loses_rows_only_on_demand(db: DataSource) -> None:
    note = db.define("Note", NOTE)
    db.autoupdate()
    note.create({"id": "a"})
    with pytest.raises(UnsafeMigrationError):
        db.automigrate()
    assert note.count() == 1
    db.automigrate(allow_data_loss=True)
    assert note.count() == 0


def test_what_is_missing_is_safe_to_add(db: DataSource) -> None:
    steps = changed(db, {**NOTE, "rank": {"type": "integer", "index": True}})
    assert [(kind, safety) for kind, _, safety in steps] == [
        ("add-column", "safe"),
        ("create-index", "online"),
    ]
    assert not db.check().is_actual


def test_a_column_that_is_not_used_stays(db: DataSource) -> None:
    steps = changed(db, {"id": NOTE["id"]})
    assert steps == [("drop-column", "Note.text", "info")]
    assert db.is_actual()


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({**NOTE, "text": "date"}, "change-type"),
        ({"id": "string", "text": {"type": "string", "id": True}}, "change-key"),
    ],
)
def test_what_cannot_be_done_is_refused_as_a_whole(
    db: DataSource, properties: dict[str, Any], kind: str
) -> None:
    steps = changed(db, {**properties, "rank": "integer"})
    assert (kind, "impossible") in [(step, safety) for step, _, safety in steps]
    with pytest.raises(JugglerError):
        db.autoupdate("Note")
    columns = [p["columnName"] for p in db.discover_model_properties("Note")]
    assert columns == ["id", "text"]
