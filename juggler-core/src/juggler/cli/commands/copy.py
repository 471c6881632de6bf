"""`juggler copy`: rows of models from one data source to another."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import click

from juggler.cli import _filters
from juggler.cli._completion import model_names
from juggler.cli._models import chosen
from juggler.cli._output import console, print_json, print_table
from juggler.cli._state import State, models_option, output_options, pass_state, source_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from juggler.datasource import CopyResult

#: Exit code when a row is not in the target as it is in the source.
INCOMPLETE = 1
#: Problems that a person is shown; `--json` has them all.
_SHOWN = 20


@click.command()
@click.argument("names", metavar="[MODEL]...", nargs=-1, shell_complete=model_names)
@click.option("--to", metavar="URL|FILE#NAME", required=True, help="The data source to copy to.")
@click.option("--where", metavar="JSON", help="Only rows that fulfil this; with one MODEL.")
@click.option("--replace", is_flag=True, help="Replace rows there that differ.")
@click.option("--create", is_flag=True, help="Take the safe schema steps there first.")
@click.option(
    "--batch", type=click.IntRange(min=1), default=500, show_default=True, help="Rows per request."
)
@source_option
@models_option
@output_options
@pass_state
def copy(
    state: State,
    /,
    names: tuple[str, ...],
    *,
    to: str,
    where: str | None,
    **options: Any,
) -> int:
    """Copy rows to another data source.

    Without MODELs, those of all models are copied. Rows that are there already are left alone:
    after an interruption, run it again. Exits with 1 when a row failed, or differs from the one
    there.

        juggler copy User Post --on cassandra://node1/shop --to 'memory:?file=shop.jsonl'
    """
    condition = None if where is None else _filters.read(where, "condition")
    target = State(on=to).source(models=False)
    with state.source() as db, target as other, _bars(state) as progress:
        models = chosen(db, names) or ()
        results = db.copy_to(other, *models, where=condition, progress=progress, **options)
    if state.json:
        print_json([{**attrs.asdict(result), "ok": result.ok} for result in results])
    else:
        _show(results)
    return 0 if all(result.ok for result in results) else INCOMPLETE


@contextmanager
def _bars(state: State) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """A progress bar per model on standard error; none for programs."""
    if state.json:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress  # noqa: PLC0415 - only here

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), "rows")
    bars = Progress(*columns, console=console(err=True))
    tasks: dict[str, Any] = {}

    def show(model: str, rows: int, total: int | None) -> None:
        if not tasks:
            bars.start()
        if model not in tasks:
            tasks[model] = bars.add_task(model, total=total)
        bars.update(tasks[model], completed=rows)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()


def _show(results: Sequence[CopyResult]) -> None:
    print_table(
        ("model", "read", "written", "there already", "different", "failed"),
        [
            (r.model, r.read, r.written, r.present, len(r.different), len(r.failed))
            for r in results
            if not r.left_out
        ],
    )
    for result in results:
        if result.left_out:
            click.echo(f"{result.model} is left out: {result.left_out}")
    problems = [(r.model, problem) for r in results for problem in (*r.different, *r.failed)]
    if problems:
        print_table(
            ("model", "key", "code", "reason"),
            [(model, p.key, p.code, p.reason) for model, p in problems[:_SHOWN]],
        )
        if len(problems) > _SHOWN:
            click.echo(f"{len(problems) - _SHOWN:,} more: --json has them all")
        if any(result.different for result in results):
            click.echo("--replace writes over the rows that differ")
