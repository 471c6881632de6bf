from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from juggler import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ADULTS = '{"where": {"age": {"gte": 18}}, "order": "age DESC"}'


def ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["id"] for row in rows]


def test_find_takes_a_filter_as_json(run: Run, users: Path) -> None:
    assert ids(run("find", "User", ADULTS, "--json").json) == [1, 3]


def test_find_takes_the_parts_as_options(run: Run, users: Path) -> None:
    words = ("--where", '{"age": {"gt": 0}}', "--order", "age DESC", "--skip", "1", "--limit", "1")
    assert ids(run("find", "User", *words, "--json").json) == [3]
    found = run("find", "User", "--fields", "id,name", "--limit", "1", "--json").json
    assert found == [{"id": 1, "name": "Ann"}]


def test_find_prints_a_table(run: Run, users: Path) -> None:
    answer = run("find", "User", "--order", "id")
    assert answer.code == 0
    assert "Ann" in answer.out
    assert "4 rows" in answer.out
    assert "[bold]" in answer.out  # as it is, not as a style
    assert "\x1b" not in answer.out
    assert "\n1 row " in run("find", "User", '{"where": {"id": 1}}').out


def test_pages_go_on_with_a_token(run: Run, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUGGLER_TOKEN_SECRET", "s3cret")
    words = ("find", "User", "--order", "name", "--page", "3")
    first = run(*words, "--json").json
    second = run(*words, "--json", "--token", first["next"]).json
    assert ids(first["rows"]) + ids(second["rows"]) == [1, 2, 3, 4]
    assert second["next"] is None
    assert f"--page 3 --token {first['next']}" in run(*words).out
    assert run("find", "User", "--token", "x").code == 2
    forged = run(*words, "--json", "--token", "x")
    assert (forged.code, forged.error["code"]) == (2, "page-token")


def test_a_token_is_good_for_the_next_command(run: Run, users: Path) -> None:
    program = "import sys; from juggler.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ("find", "User", "--order", "name", "--page", "3", "--json")
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )
    following = json.loads(done.stdout)["next"]
    assert ids(run(*words, "--token", following).json["rows"]) == [4]


def test_what_a_model_hides_is_not_printed(run: Run, project: Path) -> None:
    document = {
        "name": "Account",
        "properties": {"id": {"type": "number", "id": True}, "name": "string", "pin": "string"},
        "options": {"hidden": ["pin"]},
    }
    (project / "account.json").write_text(json.dumps(document), encoding="utf-8")
    with connect("juggler.toml") as db:
        db.from_ldl(document).create({"id": 1, "name": "Ann", "pin": "s3same"})
    for words in ((), ("--json",), ("--page", "9"), ("--page", "9", "--json")):
        answer = run("find", "Account", "--models", "account.json", *words)
        assert "Ann" in answer.out
        assert "s3same" not in answer.out


def test_no_row_is_said(run: Run, users: Path) -> None:
    assert run("find", "User", '{"where": {"id": 9}}').out == "no rows\n"
    assert run("find", "User", '{"where": {"id": 9}}', "--json").json == []


def test_count(run: Run, users: Path) -> None:
    assert run("count", "User", '{"age": {"gte": 18}}').out == "2\n"
    assert run("count", "User", "--json").json == {"model": "User", "count": 4}
    assert run("count", "User", "--where", '{"age": {"gte": 18}}').out == "2\n"
    both = run("count", "User", '{"age": {"gte": 18}}', "--where", '{"name": "Ann"}')
    assert both.out == "1\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("find", "User", '{"where": {"agee": 1}}'), "unknown-property"),
        (("find", "User", '{"where": {"age": {"gte": "x"}}}'), "not-an-integer"),
        (("find", "User", "{"), "filter-json"),
        (("find", "User", '{"were": {}}'), "unknown-filter-key"),
        (("count", "User", '{"where": {"age": 1}}'), "filter-for-where"),
        (("explain", "User", "--order", "agee"), "unknown-property"),
    ],
)
def test_a_mistake_is_an_error_with_code_2(
    run: Run, users: Path, words: tuple[str, ...], code: str
) -> None:
    answer = run(*words, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.error["code"] == code
    assert answer.error["hint"]


def test_explain_shows_the_path(run: Run, users: Path) -> None:
    told = run("explain", "User", '{"where": {"age": 41}}', "--analyze", "--json").json
    assert told["path"] == "index"
    assert told["did"]["returned"] == 1
    text = run("explain", "User", ADULTS).out
    assert "path" in text
    assert "index" in text


def test_the_guard_holds_until_a_scan_is_allowed(run: Run, project: Path) -> None:
    words = ("find", "User", '{"where": {"name": "Ann"}}', "--on", "memory:?guard=true", "--json")
    refused = run(*words)
    assert (refused.code, refused.error["code"]) == (2, "cost-guard")
    ways = refused.error["hint"].splitlines()
    assert ways[-1] == "--allow-scan accepts the cost"
    assert len(ways) > 1
    assert "--allow-scan accepts it" in run("explain", *words[1:-1]).out
    assert run(*words, "--allow-scan").json == []
