"""`juggler conformance`: the suite, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

import click

from juggler.cli._state import State, pass_state
from juggler.errors import ConfigurationError

_SUITE = "juggler_conformance.cli"


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@pass_state
def conformance(state: State, arguments: tuple[str, ...]) -> int:
    """Run the conformance suite on a connector.

    For instance `juggler conformance run memory:`. Everything after the name goes to
    `juggler-conformance`.
    """
    state.debug = state.debug or "--debug" in arguments
    try:
        suite: Any = importlib.import_module(_SUITE)
    except ModuleNotFoundError as missing:
        if not _SUITE.startswith(missing.name or "-"):
            raise
        raise ConfigurationError(
            "the conformance suite is not installed",
            code="conformance-extra",
            hint="pip install juggler-conformance",
        ) from missing
    return int(suite.main(list(arguments)) or 0)
