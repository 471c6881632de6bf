"""`juggler loopback`: what of a LoopBack project is honoured, and its models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from juggler.cli._output import print_json, print_table
from juggler.cli._state import State, output_options, pass_state

if TYPE_CHECKING:
    from juggler.loopback import Project
    from juggler.model.definition import ModelDefinition


@click.command()
@click.argument("path")
@click.option("--source", "sources", metavar="NAME=URL", multiple=True,
              help="Use another data source in place of NAME, or of all (*=URL).")  # fmt: skip
@click.option("--env", help="Whose variants are taken; NODE_ENV by default.")
@click.option("--python", is_flag=True, help="Print the models as typed classes instead.")
@output_options
@pass_state
def loopback(
    state: State, *, path: str, sources: tuple[str, ...], env: str | None, python: bool
) -> None:
    """Load a LoopBack project; print its models and problems.

    PATH is its folder. What Juggler cannot honour, methods in JavaScript for instance, is listed.

        juggler loopback ../shop --source '*=memory:'
    """
    from juggler.loopback import load  # noqa: PLC0415 - loads the whole core

    with load(path, dict(map(_source, sources)), env=env) as project:
        if python:
            _print_classes(state, project)
        elif state.json:
            print_json({"models": _cards(project), "report": project.report.to_list()})
        else:
            cards = _cards(project)
            print_table(_COLUMNS, [[_cell(card[key]) for key in _COLUMNS] for card in cards])
            click.echo(str(project.report))


_COLUMNS = ("model", "data source", "properties", "relations")


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""


def _source(text: str) -> tuple[str, str]:
    name, equals, target = text.partition("=")
    if not (name and equals and target):
        raise click.BadParameter(f"{text!r} is no NAME=URL", param_hint="--source")
    return name, target


def _print_classes(state: State, project: Project) -> None:
    from juggler.model.typed_source import python_source  # noqa: PLC0415 - only for writing

    source = python_source([_applied(model.__definition__) for model in project.models.values()])
    if state.json:
        print_json({"python": source, "report": project.report.to_list()})
    else:
        click.echo(source, nl=False)


def _applied(definition: ModelDefinition) -> ModelDefinition:
    """A definition without the mixins that it names: they are in it, or in the report."""
    settings = {word: value for word, value in definition.settings.items() if word != "mixins"}
    return definition.evolve(settings=settings)


def _cards(project: Project) -> list[dict[str, Any]]:
    names = {id(source): name for name, source in project.sources.items()}
    return [
        {
            "model": name,
            "data source": names.get(id(getattr(model.__link__, "source", None))),
            "properties": list(model.__definition__.properties),
            "relations": list(model.__definition__.relations),
        }
        for name, model in project.models.items()
    ]
