"""`juggler find`, `count` and `explain`: questions to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from juggler.cli import _filters
from juggler.cli._completion import model_names
from juggler.cli._models import named
from juggler.cli._output import print_json, print_pairs, print_table
from juggler.cli._state import State, models_option, output_options, pass_state, source_option

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def _query(command: F) -> F:
    """Add what `find` and `explain` share: model, filter and its parts as options."""
    for add in (
        output_options,
        models_option,
        source_option,
        click.option("--allow-scan", is_flag=True, help="Accept reading every row."),
        click.option("--skip", "--offset", type=int, help="Leave out so many rows first."),
        click.option("--limit", type=int, help="At most so many rows."),
        click.option("--fields", metavar="a,b", help="Only these properties."),
        click.option("--order", metavar="'name DESC'", multiple=True, help="May be repeated."),
        click.option("--where", metavar="JSON", help="A condition, added to the filter's."),
        click.argument("filter_", metavar="[FILTER]", required=False),
        click.argument("model", shell_complete=model_names),
    ):
        command = add(command)
    return command


@click.command()
@click.option("--page", metavar="SIZE", type=click.IntRange(min=1), help="One page of that size.")
@click.option("--token", help="Go on after the page that gave this token; with --page.")
@_query
@pass_state
def find(
    state: State,
    /,
    model: str,
    filter_: str | None,
    *,
    page: int | None,
    token: str | None,
    allow_scan: bool,
    **parts: Any,
) -> None:
    """Print the rows of MODEL that fulfil FILTER.

    FILTER is a filter in LoopBack's spelling, as JSON, @FILE or - for standard input:

        juggler find User '{"where": {"age": {"gte": 18}}, "order": "name"}'
    """
    if token is not None and page is None:
        raise click.UsageError("--token needs --page SIZE")
    filter_data = _filters.merged(filter_, **parts)
    with state.source() as db:
        query = _query_of(named(db, model), filter_data, allow_scan=allow_scan)
        found, following = (query.all(), None) if page is None else query.page(page, token)
        rows = [one.to_json() for one in found]  # without what the model hides
    if state.json:
        print_json(rows if page is None else {"rows": rows, "next": following})
        return
    if not rows:
        click.echo("no rows")
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    told = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    print_table(columns, [[row.get(name) for name in columns] for row in rows], caption=told)
    if following is not None:
        click.echo(f"next page: --page {page} --token {following}")


@click.command()
@click.argument("model", shell_complete=model_names)
@click.argument("where_", metavar="[WHERE]", required=False)
@click.option("--where", metavar="JSON", help="The same; with WHERE, both have to hold.")
@click.option("--allow-scan", is_flag=True, help="Accept reading every row.")
@source_option
@models_option
@output_options
@pass_state
def count(
    state: State, model: str, where_: str | None, *, where: str | None, allow_scan: bool
) -> None:
    """Count the rows of MODEL.

    WHERE is a condition in LoopBack's spelling, as JSON, @FILE or - for standard input:

        juggler count User '{"age": {"gte": 18}}'
    """
    condition = _filters.condition(where_, where)
    with state.source() as db:
        number = named(db, model).count(condition, allow_scan=allow_scan or None)
    if state.json:
        print_json({"model": model, "count": number})
    else:
        click.echo(number)


@click.command()
@click.option("--analyze", is_flag=True, help="Run it and say what it did.")
@_query
@pass_state
def explain(
    state: State,
    /,
    model: str,
    filter_: str | None,
    *,
    analyze: bool,
    allow_scan: bool,
    **parts: Any,
) -> None:
    """Say how a query would be answered, and at what cost.

    The store is not asked: the plan says what it would do, and what would be left for Python.

        juggler explain User --where '{"name": {"like": "A%"}}' --order age
    """
    filter_data = _filters.merged(filter_, **parts)
    with state.source() as db:
        query = _query_of(named(db, model), filter_data, allow_scan=allow_scan)
        told = query.explain(analyze=analyze)
    if state.json:
        print_json(told.to_dict())
    else:
        print_pairs_of(told)


def print_pairs_of(explanation: Any) -> None:
    """The lines of an explanation; a label may come more than once."""
    pairs: dict[str, str] = {}
    for label, told in explanation.lines():
        text = told.replace("allow_scan=True", "--allow-scan") if label == "refused" else told
        pairs[label] = f"{pairs[label]}\n{text}" if label in pairs else text
    print_pairs(pairs)


def _query_of(model: Any, data: dict[str, Any], *, allow_scan: bool) -> Any:
    from juggler.model import Query  # noqa: PLC0415 - loads the model layer

    query: Any = Query.of(model, data)
    return query.using(allow_scan=True) if allow_scan else query
