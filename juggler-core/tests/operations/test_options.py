"""Values of options that cannot be meant: refused before any request, never taken for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler.errors import BulkError, ConfigurationError, InvalidQueryError, InvalidValueError

if TYPE_CHECKING:
    from juggler import DataSource
    from juggler.connector.port import Recorder

NOTE = {"id": {"type": "string", "id": True}, "rank": "integer"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("timeout", ["x", -1, True]),
        ("page_size", ["x", 0, -1, 1.5, True]),
        ("max_scanned", ["x", -1]),
        ("max_sort", ["x", -1]),
        ("consistency", [5, {}]),
        ("allow_scan", ["no", 1]),
        ("index", [5, ["a"]]),
        ("view", [5]),
    ],
)
def test_a_value_that_an_option_cannot_have(
    db: DataSource, calls: Recorder, name: str, wrong: list[Any]
) -> None:
    note: Any = db.define("Note", NOTE)
    for value in wrong:
        with pytest.raises(ConfigurationError) as caught:
            note.find({"where": {"rank": 1}}, **{name: value})
        assert (caught.value.code, caught.value.hint != "") == ("bad-option", True)
        if name not in {"index", "view"}:
            with pytest.raises(ConfigurationError, match="bad-option"), db.options(**{name: value}):
                pass
    assert not calls.hooks


@pytest.mark.parametrize("size", [0, -1, "x", 1.5, True])
def test_a_page_has_a_whole_number_of_rows(db: DataSource, size: Any) -> None:
    note: Any = db.define("Note", NOTE)
    with pytest.raises(InvalidQueryError, match="page-size"):
        note.where().page(size)
    with pytest.raises((InvalidQueryError, ConfigurationError)):
        list(note.stream(page_size=size))


@pytest.mark.parametrize("rows", [5, None, "ab", {"id": "a"}])
def test_create_all_takes_a_list_of_rows(db: DataSource, calls: Recorder, rows: Any) -> None:
    note: Any = db.define("Note", NOTE)
    with pytest.raises(InvalidValueError, match="is no list of rows"):
        note.create_all(rows)
    assert not calls.hooks


def test_what_is_no_row_is_one_that_failed(db: DataSource) -> None:
    note: Any = db.define("Note", NOTE)
    with pytest.raises(BulkError, match="1 row of 'Note' failed"):
        note.create_all([{"id": "a"}, 5])
    result = note.create_all([{"id": "a"}, 5, None, ["x"]], on_error="collect")
    assert (result.created, [given for given, _ in result.failed]) == (1, [5, None, ["x"]])


def test_create_of_a_list_names_create_all(db: DataSource) -> None:
    note: Any = db.define("Note", NOTE)
    with pytest.raises(InvalidValueError) as caught:
        note.create([{"id": "a"}])
    assert "Note.create_all(" in caught.value.hint
