"""What stands on the other side: pipes that end, narrow and old terminals, the keyboard, shells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from click.shell_completion import ShellComplete

from juggler import connect
from juggler.cli import _output
from juggler.cli._app import build
from juggler.cli._state import State

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

#: SIGINT as a terminal's shell leaves it: a background job, which tests may be, ignores it.
CODE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from juggler.cli import main
sys.exit(main())
"""
JUGGLER = (sys.executable, "-c", CODE)


def process(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    return subprocess.run(  # noqa: S603 - our own command
        [*JUGGLER, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **variables},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_characters_that_a_terminal_does_not_have_are_escaped(users: Path) -> None:
    user: Any = vars(import_module(next(users.glob("models_*.py")).stem))["User"]
    with connect("juggler.toml") as db:
        db.attach(user)
        user.create({"id": 5, "name": "Üwe ☃ 😀"})
    words = ("find", "User", '{"where": {"id": 5}}')

    table = process(users, *words, PYTHONIOENCODING="ascii")
    assert (table.returncode, table.stderr) == (0, b"")
    assert b"\\u2603" in table.stdout
    rows = process(users, *words, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(rows.stdout.decode("ascii"))[0]["name"] == "Üwe ☃ 😀"
    refused = process(users, "find", "Usr", PYTHONIOENCODING="ascii")
    assert b"\n  -> did you mean 'User'?" in refused.stderr


@pytest.mark.parametrize("words", [("find", "User"), ("find", "User", "--json")])
def test_a_reader_that_leaves_is_no_error(users: Path, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        left = subprocess.run(  # noqa: S603 - our own command
            [*JUGGLER, *words],
            cwd=users,
            env={**os.environ, "PYTHONPATH": str(users)},
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    assert (left.returncode, left.stderr) == (141, b"")


def test_the_keyboard_stops_it(project: Path) -> None:
    (project / "slow.py").write_text(
        "import time\nprint('begun', flush=True)\ntime.sleep(60)\n", encoding="utf-8"
    )
    with subprocess.Popen(  # noqa: S603 - our own command
        [*JUGGLER, "models", "--models", "slow"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"begun\n"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, b"\nerror [interrupted] stopped by the keyboard\n")


def test_a_table_that_is_too_wide_for_the_terminal_is_printed_row_by_row(
    users: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_output, "PIPED_WIDTH", 30)
    told = run("find", "User", "--order", "id").out
    lines = [line.rstrip() for line in told.splitlines()]
    assert lines[:5] == ["note", "id    1", "name  Ann", "age   41", ""]
    assert lines[-1] == "4 rows"
    assert "┃" not in told


def test_a_shell_is_given_words(project: Path) -> None:
    shell = {"_JUGGLER_COMPLETE": "bash_complete", "COMP_WORDS": "juggler fi", "COMP_CWORD": "1"}
    answer = process(project, **shell)
    assert (answer.stdout, answer.stderr) == (b"plain,find\n", b"")


@pytest.mark.parametrize(
    ("words", "typed", "offered"),
    [
        ("find", "", ["Pet", "User"]),
        ("plan Pet --on memory:", "U", ["User"]),
        ("find --on nothing:", "", []),
        ("find --models nowhere", "", []),
    ],
)
def test_models_are_completed(project: Path, words: str, typed: str, offered: list[str]) -> None:
    completing = ShellComplete(build(), {"obj": State()}, "juggler", "_JUGGLER_COMPLETE")
    found = completing.get_completions(words.split(), typed)
    assert [item.value for item in found] == offered
