"""`juggler discover`: models out of what a store holds."""

from __future__ import annotations

from pathlib import Path

import click

from juggler.cli._output import print_json
from juggler.cli._report import warn
from juggler.cli._state import State, output_options, pass_state, source_option
from juggler.errors import ConfigurationError


@click.command()
@click.option("--owner", help="The keyspace, schema or database to look into.")
@click.option("--views/--no-views", default=True, show_default=True, help="Views, too.")
@click.option("--relations/--no-relations", default=True, show_default=True,
              help="Relations along the foreign keys.")  # fmt: skip
@click.option("--python", is_flag=True, help="Print typed classes instead of documents.")
@click.option("--write", metavar="FILE", help="Write FILE.py (typed classes) or FILE.json.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@source_option
@output_options
@pass_state
def discover(
    state: State, *, owner: str | None, views: bool, relations: bool, python: bool,
    write: str | None, force: bool,
) -> None:  # fmt: skip
    """Print what a store holds as models.

    As documents of LoopBack's definition language, or as typed classes.

        juggler discover --on cassandra://node1/shop --write models.py
    """
    if write is not None and Path(write).exists() and not force:
        raise ConfigurationError(
            f"{write} exists", code="file-exists", hint="--force overwrites it"
        )
    with state.source(models=False) as db:
        found = db.discover(owner, views=views, relations=relations)
    for note in found.notes:
        warn("discovery", note)
    if write is not None:
        path = found.write(write)
        if state.json:
            print_json({"written": str(path), "models": list(found.models)})
        else:
            click.echo(f"{len(found)} models written to {path}")
    elif python and state.json:
        print_json({"python": found.python()})
    elif python:
        click.echo(found.python(), nl=False)
    else:
        print_json(list(found.documents(relations=relations).values()))
