"""The built-in sub-commands."""

from __future__ import annotations

from juggler.cli.commands.conformance import conformance
from juggler.cli.commands.copy import copy
from juggler.cli.commands.discover import discover
from juggler.cli.commands.loopback import loopback
from juggler.cli.commands.models import ldl, models
from juggler.cli.commands.queries import count, explain, find
from juggler.cli.commands.scaffold import new_connector
from juggler.cli.commands.schema import apply, check, plan
from juggler.cli.commands.sources import ping, plugins

__all__ = ["COMMANDS"]

COMMANDS = (
    plugins,
    ping,
    models,
    find,
    count,
    explain,
    plan,
    apply,
    check,
    copy,
    conformance,
    ldl,
    discover,
    loopback,
    new_connector,
)
