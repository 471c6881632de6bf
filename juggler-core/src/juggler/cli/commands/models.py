"""`juggler models` and `juggler ldl`: what is defined, and as what it can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from juggler.cli._completion import model_names
from juggler.cli._models import named
from juggler.cli._output import print_json, print_table
from juggler.cli._state import State, models_option, output_options, pass_state, source_option
from juggler.spec import EXTRA

if TYPE_CHECKING:
    from juggler.spec import ModelSpec


@click.command()
@source_option
@models_option
@output_options
@pass_state
def models(state: State) -> None:
    """List the models: name, table, key, indexes, properties."""
    with state.source() as db:
        cards = [_card(model.__link__.spec) for _, model in sorted(db.models.items())]
    if state.json:
        print_json(cards)
        return
    print_table(
        ("model", "table", "key", "indexes", "properties"),
        [
            (
                card["name"],
                card["table"],
                ", ".join(card["key"]["partition"] + card["key"]["clustering"]),
                ", ".join(index["name"] for index in card["indexes"]),
                ", ".join(f"{p['name']}: {p['type']}" for p in card["properties"]),
            )
            for card in cards
        ],
    )


def _card(spec: ModelSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "table": spec.storage_name,
        "open": spec.open,
        "managed": spec.managed,
        "view of": spec.view.of if spec.view else None,
        "key": {
            "partition": list(spec.key.partition),
            "clustering": [_directed(name, way) for name, way in spec.key.clustering],
        },
        "indexes": [
            {
                "name": index.name,
                "keys": [_directed(name, way) for name, way in index.keys],
                "unique": index.unique,
            }
            for index in spec.indexes
        ],
        "properties": [
            {
                "name": field.name,
                "type": str(field.type),
                "column": field.storage_name,
                "nullable": field.nullable,
                "unique": field.unique,
            }
            for field in spec.fields
            if field.name != EXTRA
        ],
    }


def _directed(name: str, way: str) -> str:
    return f"-{name}" if way == "desc" else name


@click.command()
@click.argument("model", shell_complete=model_names)
@click.option("--python", is_flag=True, help="A typed class instead of the JSON document.")
@source_option
@models_option
@output_options
@pass_state
def ldl(state: State, model: str, *, python: bool) -> None:
    """Print MODEL as a JSON document, or as a typed class.

    The document is in LoopBack's definition language.
    """
    from juggler.model.typed_source import python_source  # noqa: PLC0415 - only for writing

    with state.source() as db:
        found = named(db, model)
        document = found.ldl()
    if python:
        source = python_source([found.__definition__])
        if state.json:
            print_json({"model": model, "python": source})
        else:
            click.echo(source, nl=False)
    else:
        print_json(document)
