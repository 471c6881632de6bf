"""A new connector: its files are a plugin that works, before the author has written a line."""

from __future__ import annotations

import importlib
import tomllib
from typing import TYPE_CHECKING

import pytest

from juggler import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_the_files_are_a_connector(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run("new-connector", "my-shelf", "--into", str(tmp_path))
    folder = tmp_path / "juggler-my-shelf"
    assert answer.code == 0
    assert f"next: cd {folder} && pip install" in answer.out
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"] == {
        "juggler.connectors": {"my-shelf": "juggler_my_shelf:plugin"}
    }
    assert all("{{" not in file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())

    monkeypatch.syspath_prepend(str(folder / "src"))
    with connect(importlib.import_module("juggler_my_shelf")) as db:
        assert db.name == "my-shelf"
        note = db.define("Note", {"id": {"type": "string", "id": True}, "n": "integer"})
        note.create_all([{"id": "a", "n": 1}, {"id": "b", "n": 2}])
        note.upsert({"id": "a", "n": 3})
        note.delete_by_id("b")
        assert [one.n for one in note.find({"where": {"n": {"gt": 1}}})] == [3]


@pytest.mark.parametrize("name", ["Redis", "my shelf", "-x", "../x", ""])
def test_what_is_no_name_writes_nothing(run: Run, tmp_path: Path, name: str) -> None:
    answer = run("new-connector", "--into", str(tmp_path), "--json", "--", name)
    assert (answer.code, answer.error["code"]) == (2, "connector-name")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "juggler-redis").mkdir()
    answer = run("new-connector", "redis", "--into", str(tmp_path), "--json")
    assert (answer.code, answer.error["code"]) == (2, "file-exists")
    assert list((tmp_path / "juggler-redis").iterdir()) == []
