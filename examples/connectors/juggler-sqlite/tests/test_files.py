"""A database in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from juggler import connect
from juggler.errors import JugglerError

if TYPE_CHECKING:
    from pathlib import Path

NOTE = {"id": {"type": "string", "id": True}, "text": "string"}


def test_an_absolute_path_keeps_its_slash_and_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    for _ in range(2):
        with connect(f"sqlite://{path}") as db:
            note = db.define("Note", NOTE)
            db.autoupdate()
            note.upsert({"id": "a", "text": "milk"})
            assert note.count() == 1
    assert path.is_file()


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with connect("sqlite:shop.db") as db:
        db.ping()
    assert (tmp_path / "shop.db").is_file()


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with (
        pytest.raises(JugglerError, match="cannot open") as caught,
        connect(f"sqlite://{tmp_path}/missing/shop.db") as db,
    ):
        db.ping()
    assert caught.value.hint
    (tmp_path / "text").write_text("this is no database" * 100)
    with pytest.raises(JugglerError), connect(f"sqlite://{tmp_path}/text") as db:
        db.execute("SELECT * FROM sqlite_master")
