"""`juggler new-connector`: a connector's distribution to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from juggler.cli import _scaffold
from juggler.cli._output import print_json
from juggler.cli._state import State, output_options, pass_state


@click.command()
@click.argument("name")
@click.option(
    "--into", metavar="FOLDER", default=".", show_default="here", help="Where juggler-NAME goes."
)
@output_options
@pass_state
def new_connector(state: State, name: str, into: str) -> None:
    """Write the files of a new connector.

    A distribution juggler-NAME with its entry point, five functions over a dictionary that the
    store replaces, and the conformance suite as its test.
    """
    files = _scaffold.write(name, Path(into))
    folder = Path(into) / f"juggler-{name}"
    if state.json:
        print_json({"folder": str(folder), "files": [str(file) for file in files]})
        return
    for file in files:
        click.echo(f"  {file}")
    click.echo(f"next: cd {folder} && pip install -e . juggler-conformance pytest && pytest")
