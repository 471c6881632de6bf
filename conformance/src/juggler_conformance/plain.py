"""Instances and tuples as plain rows, to hold against the reference model's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.spec import EXTRA

if TYPE_CHECKING:
    from collections.abc import Sequence


def plain_row(instance: Any, fields: Sequence[str] | None = None) -> dict[str, Any]:
    """An instance as a dictionary of neutral values, with only ``fields`` where they are given."""
    row = {name: plain_value(instance[name]) for name in _names(instance, fields)}
    extra = getattr(instance, "extra", None) if fields is None else None
    return {**row, **{name: plain_value(value) for name, value in (extra or {}).items()}}


def _names(instance: Any, fields: Sequence[str] | None) -> list[str]:
    names = [n for n in type(instance).__definition__.properties if n != EXTRA]
    return [name for name in names if fields is None or name in fields]


def plain_value(value: Any) -> Any:
    """A value whose embedded instances are dictionaries."""
    if hasattr(value, "__definition__") and not isinstance(value, type):
        return plain_row(value)
    if isinstance(value, Mapping):
        return {name: plain_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain_value(inner) for inner in value]
    return value


def row_of_tuple(fields: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """A row tuple of the contract as a dictionary, undeclared properties among the others."""
    named = dict(zip(fields, row, strict=True))
    return {**{n: v for n, v in named.items() if n != EXTRA}, **(named.get(EXTRA) or {})}
