"""Rows of a view: those of its base, under another key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import Rows
from juggler_memory import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Key, Row
    from juggler_memory.binding import Binding


def get(binding: Binding, keys: Sequence[Key], fields: tuple[str, ...]) -> Rows:
    """Rows by the view's key, which holds the base's.

    Args:
        binding: the view's model over the base's table.
        keys: complete keys of the view.
        fields: properties of the rows asked for.
    """
    table, model = binding.table, binding.model
    storage = [model.field[name].storage_name for name in model.key.names]
    places = [storage.index(column) for column in table.definition.key.names]
    found: list[Row | None] = []
    versions: list[str | None] = []
    for key in keys:
        base_key = tuple(key[at] for at in places)
        row = table.rows.get(base_key)
        there = row is not None and binding.model_key_of(row) == key
        found.append(row if there else None)
        versions.append(table.versions.get(base_key) if there else None)
    out = reader.projected(binding, [row for row in found if row is not None], fields)
    rows = iter(out)
    return Rows([None if row is None else next(rows) for row in found], versions)
