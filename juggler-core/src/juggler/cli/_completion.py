"""Names of models for a shell that completes words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.cli._state import State

if TYPE_CHECKING:
    import click


def model_names(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The models that ``--on`` and ``--models`` lead to and that begin as typed.

    The store is not asked. Where they lead to nothing there are no names: a shell that waits for
    words is no place for an error.
    """
    try:
        with (context.find_object(State) or State()).source() as db:
            return sorted(name for name in db.models if name.startswith(typed))
    except Exception:  # noqa: BLE001 - modules of an application are imported: anything may happen
        return []
