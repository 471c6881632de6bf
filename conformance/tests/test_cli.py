"""The command: what it says of failures, and of wrong calls."""

from __future__ import annotations

import gzip
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from juggler.connector import Capabilities, full, hookimpl, registry
from juggler_conformance import profiles
from juggler_conformance.cli import main
from juggler_conformance.corpus import packaged, read_cases
from juggler_conformance.registry import properties
from juggler_conformance.runner import run_one
from juggler_conformance.session import Session, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

CASE = {
    "case": 7,
    "tags": ["gt"],
    "model": {"properties": {"n": {"type": "Number"}}},
    "rows": [{"id": 1, "n": 1}, {"id": 2, "n": 2}],
    "op": "find",
    "filter": {"where": {"n": {"gt": 1}}},
    "expected": [{"id": 2, "n": 2}],
}


def corpus(path: Path, *cases: Any) -> str:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return str(path)


def test_a_corpus_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = corpus(tmp_path / "right.jsonl", CASE, CASE)

    assert main(["corpus", right, "--on", "memory:"]) == 0
    assert "2 cases: 2 answered, 0 refused by claim, 0 failed" in capsys.readouterr().out


def test_a_failing_case_is_a_program_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = corpus(tmp_path / "wrong.jsonl", CASE, {**CASE, "expected": [{"id": 1, "n": 1}]})

    assert main(["corpus", wrong, "--on", "memory:?token_secret=hush"]) == 1

    out = capsys.readouterr().out
    assert "2 cases: 1 answered, 0 refused by claim, 1 failed" in out
    assert "hush" not in out
    printed: list[Any] = []
    exec(out.partition("\n2 cases")[0], {"print": printed.append})  # noqa: S102 - what is tested
    assert [[row.to_object() for row in rows] for rows in printed] == [CASE["expected"]]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1]",
        b"{}",
        b'"x"',
        b"\xff\xfe\x00",
        json.dumps({**CASE, "op": "drop"}).encode(),
        json.dumps({**CASE, "rows": 5}).encode(),
    ],
)
def test_a_file_that_is_no_corpus_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)

    assert main(["corpus", str(path)]) == 2
    assert "bad.jsonl" in capsys.readouterr().err


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = gzip.compress(json.dumps(CASE).encode() * 50)
    for name, content in (("cut.gz", whole[:40]), ("no.gz", b"no archive")):
        (tmp_path / name).write_bytes(content)
        assert main(["corpus", str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err
    assert main(["corpus", str(tmp_path / "gone.jsonl")]) == 2
    assert "gone.jsonl" in capsys.readouterr().err


def test_a_store_that_keeps_nothing_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "--on", "transient:"]) == 2
    assert "keeps no rows" in capsys.readouterr().err


def test_the_packaged_corpus_has_two_thousand_cases() -> None:
    assert sum(1 for _ in read_cases(packaged())) == 2000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--on", "memroy:"], "memory"),
        (["run", "--on", "memory:", "--profile", "quik"], "quick"),
        (["run", "--on", "memory:", "--only", "law_9"], "--list"),
        (["run", "--on", "memory:", "--tier", "cor"], "--list"),
        (["run", "--on", "memory:", "--set", "fsnyc=never"], "fsync"),
    ],
)
def test_wrong_calls_say_what_to_type(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


# ---------------------------------------------------------------- failures


QUICK = evolve(profiles.profile("quick"), shrink=False)
BROKEN = """
from juggler.connector import ConnectorInfo, SimpleConnector, hookimpl
from juggler_memory import MemoryConnector, MemorySettings

class Clumsy(SimpleConnector):
    def all(self, model):
        return []

    def create(self, model, key, record):
        return {}[key]  # the clumsy line

class Broken(MemoryConnector):
    @hookimpl
    def get(self, model, keys, fields, ctx):
        return self.lookup(keys)

    def lookup(self, keys):
        raise KeyError("oops")

@hookimpl
def juggler_connector_info():
    return ConnectorInfo("broken", Broken, MemorySettings, io="instant")
"""


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connector of that name, and a profile that does not make failures small."""
    (tmp_path / "broken_connector.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(profiles.PROFILES, "quick", QUICK)
    registry.register(importlib.import_module("broken_connector"))
    yield
    registry.unregister("broken")


RUN = ("run", "--on", "broken:", "--profile", "quick")
ONLY = ("--only", "writes_by_key", "--only", "saved_instances")


@pytest.mark.usefixtures("broken")
def test_a_failure_shows_where_in_the_connector(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, *ONLY[:2], "--set", "password=hush", "--set", "fsync=never"]) == 1

    out = capsys.readouterr().out
    assert "KeyError: 'oops'" in out
    assert "broken_connector.py" in out
    assert "return self.lookup(keys)" in out
    assert "raises nothing but JugglerErrors" in out
    assert "connect('broken:', {'password': '***', 'fsync': 'never'})" in out
    assert "hush" not in out


@pytest.mark.usefixtures("broken")
def test_a_mistake_below_a_base_class_is_shown_where_it_is() -> None:
    session = Session(Target(vars(importlib.import_module("broken_connector"))["Clumsy"]), QUICK)
    try:
        result = run_one(session, *properties(only=("create_then_read",)))
    finally:
        session.close()

    assert "create() failed with KeyError" in result.text
    assert "the connector's own code or its driver fails" in result.text
    shown = [line for line in result.text.splitlines() if line.startswith('  File "')]
    assert [Path(line.split('"')[1]).name for line in shown] == ["broken_connector.py"]
    assert "# the clumsy line" in result.text


@pytest.mark.usefixtures("broken")
def test_a_connector_that_does_not_even_open_is_told_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @hookimpl
    def capabilities(self: Any, model: Any) -> Any:
        return Capabilities(upsert=full())  # type: ignore[call-arg]

    connector = vars(importlib.import_module("broken_connector"))["Broken"]
    monkeypatch.setattr(connector, "capabilities", capabilities)

    assert main([*RUN, *ONLY]) == 2

    err = capsys.readouterr().err
    assert "the connector cannot be opened: TypeError: " in err
    assert "return Capabilities(upsert=full())" in err


@pytest.mark.usefixtures("broken")
def test_the_same_failure_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, *ONLY]) == 1

    out = capsys.readouterr().out
    assert "0 passed, 2 failed" in out
    assert out.count("# This program shows it:") == 1
    assert "as writes_by_key, see there" in out


@pytest.mark.usefixtures("broken")
def test_stop_ends_at_the_first_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, *ONLY, "--stop"]) == 1
    assert "0 passed, 1 failed" in capsys.readouterr().out


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "juggler_conformance.cli", "run", "--list"],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
