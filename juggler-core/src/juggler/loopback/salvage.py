"""Keeping of a mapping what is accepted, and naming what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import JugglerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Refused = list[tuple[str, JugglerError]]


def salvage(
    given: Mapping[str, Any],
    accept: Callable[[dict[str, Any]], object],
    start: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], Refused]:
    """The entries of a mapping that are accepted together, and the errors of the others.

    Args:
        given: the mapping.
        accept: raises a JugglerError for a mapping that is not accepted.
        start: entries that are there before.
    """
    kept = dict(start or {})
    whole = {**kept, **given}
    try:
        accept(whole)
    except JugglerError:
        pass
    else:
        return whole, []
    refused: Refused = []
    for name, value in given.items():
        try:
            accept({**kept, name: value})
        except JugglerError as error:
            refused.append((name, error))
        else:
            kept[name] = value
    return kept, refused


def because(error: JugglerError) -> str:
    """Why, without the hint."""
    return f"{error.message} ({error.code})"
