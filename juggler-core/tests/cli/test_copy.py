"""`juggler copy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]

THERE = "memory:?file=there.jsonl"


def test_all_models_are_copied_once(run: Run, users: Path) -> None:
    first = run("copy", "--to", THERE, "--json")
    assert first.code == 0
    assert [(m["model"], m["read"], m["written"], m["ok"]) for m in first.json] == [
        ("User", 4, 4, True),
        ("Pet", 0, 0, True),
    ]
    again = run("copy", "User", "--to", THERE)
    assert again.code == 0
    assert "there already" in again.out
    assert "4/4" in again.err


def test_rows_that_differ_are_an_exit_code_until_they_are_replaced(run: Run, users: Path) -> None:
    run("copy", "--to", THERE)
    with connect(THERE) as db:
        user = db.define("User", {"id": {"type": "integer", "id": True}, "age": "integer"})
        user.find_by_id(2).patch({"age": 3})
    found = run("copy", "User", "--to", THERE)
    assert found.code == 1
    assert "another age" in found.out
    assert "--replace" in found.out
    listed = run("copy", "User", "--to", THERE, "--json")
    assert listed.code == 1
    assert [problem["key"] for problem in listed.json[0]["different"]] == [2]
    assert run("copy", "User", "--to", THERE, "--replace").code == 0
    assert run("copy", "User", "--to", THERE).code == 0


def test_a_condition_and_a_name_of_the_project(run: Run, users: Path) -> None:
    words = ("copy", "User", "--to", "other", "--where", '{"age": {"gt": 30}}', "--json")
    assert run(*words).json[0]["written"] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("Usr", "--to", THERE), "unknown-model"),
        (("--to", "default"), "copy-target"),
        (("--to", "nowhere"), "unknown-connector"),
        (("--to", THERE, "--where", "{}"), "copy-where"),
        (("User", "--to", THERE, "--where", "{"), "filter-json"),
        (("User",), "usage"),
        (("User", "--to", THERE, "--batch", "0"), "usage"),
    ],
)
def test_mistakes(run: Run, users: Path, words: tuple[str, ...], code: str) -> None:
    answer = run("copy", "--json", *words)
    assert (answer.code, answer.error["code"]) == (2, code)
    assert not (users / "there.jsonl").exists()
