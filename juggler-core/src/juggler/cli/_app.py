"""The group of commands, and how one is run."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from juggler.cli import _output, _plugins, _report
from juggler.cli._state import State
from juggler.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


#: Exit code of a command in a pipe whose reader has left, as shells give it (128 + SIGPIPE).
READER_LEFT = 141
INTERRUPTED = 130


class JugglerGroup(click.Group):
    """Built-in commands load at once, those of plugins when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, built in or from a plugin."""
        _plugins.extend(self)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            _plugins.extend(self)
            found = super().get_command(ctx, cmd_name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; click itself would make an exit code 1 of a reader that has left."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            ctx.exit(READER_LEFT)
        return answer


def _discard_output() -> None:
    """What is left in the buffer has no reader: Python would complain of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def build() -> JugglerGroup:
    """The `juggler` command with the built-in sub-commands."""

    @click.group(
        cls=JugglerGroup,
        context_settings={"help_option_names": ["-h", "--help"]},
        invoke_without_command=True,
    )
    @click.version_option(package_name="juggler-core", prog_name="juggler")
    @click.pass_context
    def juggler(context: click.Context) -> None:
        """One model and query API over several data stores."""
        if context.invoked_subcommand is None:
            click.echo(context.get_help())

    group: JugglerGroup = juggler
    for command in COMMANDS:
        group.add_command(command)
    return group


def run(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit code; errors are printed, not raised."""
    state = State()
    _output.tolerate_any_text()
    try:
        answer: Any = build().main(
            None if arguments is None else list(arguments),
            prog_name="juggler",
            standalone_mode=False,
            obj=state,
        )
    except click.Abort:
        _report.show(code="interrupted", message="stopped by the keyboard", as_json=state.json)
        return INTERRUPTED
    except click.ClickException as error:
        _show_usage(error, state)
        return _report.REFUSED
    except Exception as error:  # noqa: BLE001 - a person sees one line, never a traceback
        return _report.report(error, state)
    return answer if isinstance(answer, int) else 0


def _show_usage(error: click.ClickException, state: State) -> None:
    context = getattr(error, "ctx", None)
    if state.json or context is None:
        _report.show(code="usage", message=error.format_message(), as_json=state.json)
        return
    hint = f"{context.command_path} --help"
    _report.show(code="usage", message=error.format_message(), hint=hint)
