from __future__ import annotations

import builtins
import importlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from juggler import cli
from juggler.cli import _output, _plugins, _report
from juggler.cli._state import State
from juggler.errors import JugglerError, UnsupportedModelError

if TYPE_CHECKING:
    from conftest import Run


def test_without_the_extra_the_error_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def no_rich(name: str, *args: Any, **kw: Any) -> Any:
        if name.partition(".")[0] == "rich":
            raise ModuleNotFoundError(f"No module named {name!r}", name="rich")
        return real(name, *args, **kw)

    for name in [n for n in sys.modules if n.startswith(("juggler.cli.", "rich"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", no_rich)
    assert cli.main(["plugins"]) == 2
    assert 'pip install "juggler-core[cli]"' in capsys.readouterr().err


def test_importing_the_command_line_imports_neither_click_nor_rich() -> None:
    program = (
        "import sys, juggler.cli; "
        "print([m for m in ('click', 'rich', 'juggler.datasource') if m in sys.modules])"
    )
    done = _python(program)
    assert done == "[]"


def _python(program: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_help_lists_every_command(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    for name in ("plugins", "ping", "models", "find", "count", "explain", "plan", "apply", "check",
                 "copy", "conformance", "ldl", "discover", "loopback"):  # fmt: skip
        assert f"\n  {name} " in answer.out
    assert "..." not in answer.out.replace("[ARGS]...", "")  # each line is a whole sentence


def test_no_command_shows_the_help(run: Run) -> None:
    answer = run()
    assert (answer.code, answer.out) == (0, run("--help").out)


@pytest.mark.parametrize("words", [("nope",), ("find",), ("find", "A", "--limit", "x")])
def test_wrong_usage_is_an_error_of_one_line(run: Run, words: tuple[str, ...]) -> None:
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error [usage] ")
    assert "--help" in answer.err


def test_plugins_are_listed_with_version_contract_and_distribution(run: Run) -> None:
    cards = {card["name"]: card for card in run("plugins", "--json").json}
    assert cards["memory"]["distribution"] == "juggler-memory"
    assert cards["memory"]["contract"] == "1.0"
    assert cards["memory"]["io"] == "instant"
    assert cards["memory"]["error"] is None
    table = run("plugins")
    assert table.code == 0
    assert "juggler-memory" in table.out


# ---------------------------------------------------------------- errors


def told(error: Exception, capsys: pytest.CaptureFixture[str], **state: bool) -> str:
    capsys.readouterr()
    assert _report.report(error, State(**state)) == 2
    return capsys.readouterr().err


def test_an_error_shows_code_message_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    error = JugglerError("it broke", code="broken", hint="mend it")
    assert told(error, capsys) == "error [broken] it broke\n  → mend it\n"


def test_an_error_shows_its_notes(capsys: pytest.CaptureFixture[str]) -> None:
    error = UnsupportedModelError("no", problems=["one", "two"])
    assert "  - one\n  - two\n" in told(error, capsys)


def test_an_unforeseen_error_is_one_line_too_and_debug_shows_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        int("x")
    except ValueError as error:
        plain, debug = told(error, capsys), told(error, capsys, debug=True)
    assert plain.startswith("error [internal] ValueError: ")
    assert "Traceback" not in plain
    assert "Traceback" in debug


def test_errors_are_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(told(JugglerError("m", code="c", hint="h"), capsys, json=True))
    assert shown == {"error": {"code": "c", "message": "m", "hint": "h", "notes": []}}


def test_secrets_in_strange_errors_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    error = RuntimeError("cannot reach https://joe:hunter2@host/?api_key=hunter2")
    for state in ({}, {"debug": True}, {"json": True}):
        assert "hunter2" not in told(error, capsys, **state)


# ---------------------------------------------------------------- output


def test_control_characters_cannot_steer_the_terminal() -> None:
    assert _output.cell("a\x1b[31mb\r\nc").plain == "a\\x1b[31mb\\r\nc"


def test_values_in_cells() -> None:
    assert _output.cell(None).plain == ""
    assert [_output.cell(value).plain for value in (True, False)] == ["yes", "no"]
    assert _output.cell(12345).plain == "12345"
    assert _output.cell(["a", None]).plain == '["a", null]'
    assert _output.cell("[bold]x").plain == "[bold]x"
    assert len(_output.cell("x" * 10_000).plain) == 200


# ---------------------------------------------------------------- commands of plugins


class Entry:
    """An entry point of a plugin that stands in this file."""

    def __init__(self, name: str, plugin: Any) -> None:
        self.name = name
        self.plugin = plugin

    def load(self) -> Any:
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    entries: list[Entry] = []

    def entry_points(*, group: str) -> list[Any]:
        return list(entries) if group == "juggler.plugins" else []

    monkeypatch.setattr(_plugins, "entry_points", entry_points)
    return entries


@click.command()
def hello() -> None:
    """Greet."""
    click.echo("hello")


class WithHook:
    @staticmethod
    def juggler_commands(group: click.Group) -> None:
        group.add_command(hello)


class WithList:
    juggler_commands = [hello]  # noqa: RUF012 - what a plugin's author would write


@pytest.mark.parametrize("plugin", [WithHook, WithList])
def test_a_plugin_adds_commands(run: Run, installed: list[Entry], plugin: Any) -> None:
    installed.append(Entry("greeter", plugin))
    assert run("hello").out == "hello\n"
    assert "Greet." in run("--help").out


def test_a_broken_plugin_is_reported_and_stops_nobody(run: Run, installed: list[Entry]) -> None:
    installed.append(Entry("bad", ImportError("no module named gone")))
    installed.append(Entry("greeter", WithHook))
    answer = run("hello")
    assert (answer.code, answer.out) == (0, "hello\n")
    assert "warning [plugin-import] plugin 'bad'" in answer.err


def test_plugins_can_be_limited(
    run: Run, installed: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.append(Entry("greeter", WithHook))
    monkeypatch.setenv("JUGGLER_PLUGINS", "memory,other")
    assert run("hello").code == 2
    monkeypatch.setenv("JUGGLER_PLUGINS", "memory,greeter")
    assert run("hello").code == 0


def test_a_plugin_cannot_replace_a_command(run: Run, installed: list[Entry]) -> None:
    other = click.Command("find", callback=lambda: click.echo("mine"))
    installed.append(Entry("thief", type("Thief", (), {"juggler_commands": [other]})))
    answer = run("--help")
    assert "plugin-command" in answer.err
    assert "Print the rows of MODEL" in answer.out


def test_a_plugin_without_commands_is_none_of_our_business(
    run: Run, installed: list[Entry]
) -> None:
    installed.append(Entry("tracer", object()))
    assert run("--help").err == ""


# ---------------------------------------------------------------- conformance


def test_conformance_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "juggler_conformance", None)
    monkeypatch.setitem(sys.modules, "juggler_conformance.cli", None)
    answer = run("conformance", "run", "--on", "memory:")
    assert answer.code == 2
    assert "pip install juggler-conformance" in answer.err


def test_conformance_hands_everything_to_the_suite(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    class Suite:
        @staticmethod
        def main(arguments: list[str]) -> int:
            seen.append(arguments)
            return 1

    monkeypatch.setattr(importlib, "import_module", lambda name: Suite)
    assert run("conformance", "run", "--on", "memory:", "--help").code == 1
    assert seen == [["run", "--on", "memory:", "--help"]]
