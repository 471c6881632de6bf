"""Rows in the file of LoopBack's memory connector."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_projects import model

SOURCES = {
    "server/datasources.json": {"db": {"name": "db", "connector": "memory", "file": "db.json"}}
}


def stored(**rows: Any) -> str:
    models = {
        name: {str(row.get("id")): json.dumps(row) for row in some} for name, some in rows.items()
    }
    return json.dumps(
        {"ids": {name: len(some) + 1 for name, some in rows.items()}, "models": models}
    )


@pytest.mark.parametrize("place", ["db.json", "server/db.json"])
def test_they_are_there_and_the_file_stays_as_it_is(
    load_project: Any, place: str, tmp_path: Any
) -> None:
    note = model(
        "Note",
        {
            "text": {"type": "string", "required": True}, "at": "date",
            "n": {"type": "number", "default": 5},
        },
        forceId=True,
        relations={"owner": {"type": "belongsTo", "model": "Owner"}},
    )  # fmt: skip
    rows = stored(
        Owner=[{"id": 1, "name": "Ann"}],
        Note=[
            {"id": 1, "text": "a", "at": "2017-03-14T23:05:18.779Z", "ownerId": 1, "more": [1]},
            {"id": 7, "text": ""},
        ],
    )
    project = load_project(
        {"note": note, "owner": model("Owner", {"name": "string"})},
        files={**SOURCES, place: rows},
    )
    notes = project["Note"].find({"order": "id", "include": "owner"})
    assert [(n.id, n.text, n.n, n["more"]) for n in notes] == [
        (1, "a", None, [1]),
        (7, "", None, None),
    ]
    assert notes[0].at.year == 2017
    assert notes[0].owner.loaded.name == "Ann"
    assert project["Note"].create(text="b").id == 8
    assert (tmp_path / place).read_text(encoding="utf-8") == rows
    assert f"3 rows of {place} are read" in str(project.report)


def test_what_cannot_be_read_is_named(load_project: Any) -> None:
    rows = {"models": {
        "Note": {"1": json.dumps({"id": 1, "n": "many"}), "2": "[1]", "3": "{", "4": 5,
                 "5": json.dumps({"n": 1}), "6": json.dumps({"id": 6, "n": 6})},
        "Gone": {"1": "{}"},
        "Odd": 3,
    }}  # fmt: skip
    note = model("Note", {"n": "number"})
    project = load_project({"note": note}, files={**SOURCES, "db.json": json.dumps(rows)})
    assert [one.n for one in project["Note"].find()] == [6]
    assert [f.place for f in project.report.lost] == [
        "Note '1'", "Note '2'", "Note '3'", "Note '4'", "Note '5'", "Gone '1'",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "{", '{"models": []}'])
def test_a_file_that_is_something_else_loses_nothing_but_itself(
    load_project: Any, text: str
) -> None:
    project = load_project({"note": model("Note")}, files={**SOURCES, "db.json": text})
    assert project["Note"].create({}).id == 1


def test_another_data_source_in_its_place_reads_no_file(load_project: Any) -> None:
    files = {**SOURCES, "db.json": stored(Note=[{"id": 1}])}
    project = load_project({"note": model("Note")}, files=files, sources={"db": "memory:"})
    assert project["Note"].count() == 0
    assert "db.json" not in str(project.report)
