"""Sub-commands of plugins: group ``juggler.plugins``, hook ``juggler_commands(group)``."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from juggler.cli import _report
from juggler.connector.registry import LIMIT, PLUGINS, short_name

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import click

HOOK = "juggler_commands"


def extend(group: click.Group) -> None:
    """Let every plugin add its commands, once.

    A plugin is an object (or a module) with a function ``juggler_commands(group)``, which calls
    ``group.add_command``; it may also be a list of click commands.  A command that is there already
    is kept.  A plugin that fails is reported and left out: the other commands go on working.
    """
    if getattr(group, "_extended", False):
        return
    group._extended = True  # type: ignore[attr-defined]  # noqa: SLF001 - our own mark
    kept = dict(group.commands)
    for entry in _allowed():
        _add(group, entry)
    for name in kept.keys() & group.commands.keys():
        if group.commands[name] is not kept[name]:
            told = f"a plugin's command {name!r} is left out: the name is taken"
            _report.warn("plugin-command", told)
            group.commands[name] = kept[name]


def _allowed() -> list[EntryPoint]:
    """The entry points of plugins, as far as ``JUGGLER_PLUGINS`` names them."""
    found = list(entry_points(group=PLUGINS))
    limit = os.environ.get(LIMIT)
    if limit is None:
        return found
    allowed = {short_name(part) for part in limit.split(",")}
    return [entry for entry in found if entry.name in allowed]


def _add(group: click.Group, entry: EntryPoint) -> None:
    try:
        hook = getattr(entry.load(), HOOK, None)
        if callable(hook):
            hook(group)
        else:
            for command in hook or ():
                group.add_command(command)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code: anything may happen
        _report.warn(
            "plugin-import",
            f"plugin {entry.name!r} gives no commands: {type(error).__name__}: {error}",
            "juggler plugins lists what is installed",
        )
