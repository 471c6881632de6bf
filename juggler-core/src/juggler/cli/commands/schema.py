"""`juggler plan`, `apply` and `check`: the store's schema against the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from juggler.cli._completion import model_names
from juggler.cli._models import chosen
from juggler.cli._output import console, print_json, print_table
from juggler.cli._state import State, models_option, output_options, pass_state, source_option
from juggler.errors import UnsafeMigrationError

if TYPE_CHECKING:
    from juggler.connector.schema import SchemaStep
    from juggler.datasource import DataSource, SchemaPlan

_ALLOWED = ("destructive", "rewrite", "drop")
_NAMES = click.argument("names", metavar="[MODEL]...", nargs=-1, shell_complete=model_names)
#: Exit code of a check that found something.
DRIFT = 1


@click.command()
@_NAMES
@click.option("--recreate", is_flag=True, help="The steps that create everything anew.")
@source_option
@models_option
@output_options
@pass_state
def plan(state: State, names: tuple[str, ...], *, recreate: bool) -> None:
    """Show the steps from the store to the models.

    Nothing is changed; `juggler apply` takes the steps.

        juggler plan User --on cassandra://node1/shop --models shop.models
    """
    with state.source() as db:
        _show(_planned(db, names, "recreate" if recreate else "update"), state)


@click.command()
@_NAMES
@click.option("--recreate", is_flag=True, help="Create everything anew; needs --allow destructive.")
@click.option(
    "--allow", multiple=True, type=click.Choice(_ALLOWED),
    help="Steps beyond the safe ones; `destructive` loses data. May be repeated.",
)  # fmt: skip
@click.option("--timeout", type=float, default=300.0, show_default=True, help="Seconds in all.")
@source_option
@models_option
@output_options
@pass_state
def apply(
    state: State, names: tuple[str, ...], *, recreate: bool, allow: tuple[str, ...], timeout: float
) -> None:
    """Bring the store up to the models.

    The whole plan is refused when one of its steps is not allowed.

        juggler apply --on cassandra://node1/shop --models shop.models
    """
    with state.source() as db:
        todo = _planned(db, names, "recreate" if recreate else "update")
        try:
            done = todo.apply(allow=allow, timeout=timeout, progress=None if state.json else _tell)
        except UnsafeMigrationError as error:
            error.hint = _allowing(error, allow) or error.hint
            raise
    if state.json:
        applied = [{"kind": r.step.kind, "target": r.step.target, **r.facts} for r in done]
        print_json({"applied": applied, "plan": todo.to_dict()})
    else:
        click.echo(f"{_steps(len(done))} applied" if done else "nothing to do")


@click.command()
@_NAMES
@source_option
@models_option
@output_options
@pass_state
def check(state: State, names: tuple[str, ...]) -> int:
    """Exit with 1 when the store is not as the models declare.

    The steps that would bring it there are printed, and not taken.
    """
    with state.source() as db:
        found = _planned(db, names, "check")
    _show(found, state)
    return 0 if found.is_actual else DRIFT


def _allowing(error: UnsafeMigrationError, allowed: tuple[str, ...]) -> str:
    """The options that would let the refused steps pass; empty when none would."""
    wanted = dict.fromkeys([*allowed, *(step.safety for step in error.steps)])
    if not set(wanted) <= set(_ALLOWED):
        return ""
    return "juggler apply " + " ".join(f"--allow {word}" for word in wanted)


def _planned(db: DataSource, names: tuple[str, ...], mode: Any) -> SchemaPlan:
    return db.plan(chosen(db, names), mode=mode)


def _show(found: SchemaPlan, state: State) -> None:
    if state.json:
        print_json(found.to_dict())
        return
    if not found.steps:
        click.echo(f"nothing to do: {found.connector} has what the models declare")
        return
    print_table(
        ("step", "target", "safety", "why", "statements"),
        [(s.kind, s.target, s.safety, s.reason, "\n".join(s.native)) for s in found.steps],
        caption="nothing to do" if found.is_actual else f"{_steps(len(found.pending))} to do",
    )


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _tell(number: int, total: int, step: SchemaStep) -> None:
    console(err=True).print(f"{number}/{total} {step.kind} {step.target}", markup=False)
