"""What each step of a schema plan does to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import SchemaError
from juggler_memory.drift import conversion, duplicates

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_memory.drift import Change
    from juggler_memory.table import Table


def recreate(table: Table, change: Change) -> None:
    """Empty the table and give it another definition."""
    table.reset(change.declared)


def _add_column(table: Table, change: Change) -> None:
    spec = change.declared.columns[change.name]
    columns = {**table.definition.columns, change.name: spec}
    ordered = {name: columns.pop(name) for name in change.declared.columns if name in columns}
    table.redefine(table.definition.evolve(columns={**ordered, **columns}))


def _change_type(table: Table, change: Change) -> None:
    spec = change.declared.columns[change.name]
    misfits, changed = conversion(table, change.name, spec)
    if misfits:
        raise SchemaError(f"{change.name} is no {spec} in {len(misfits)} rows", hint="correct them")
    at = table.columns.index(change.name)
    rows = {
        key: (*row[:at], changed[key], *row[at + 1 :]) if key in changed else row
        for key, row in table.rows.items()
    }
    table.definition = table.definition.evolve(
        columns={**table.definition.columns, change.name: spec}
    )
    table.reshape(table.columns, rows)


def _set_index(table: Table, change: Change) -> None:
    index = change.declared.index(change.name)
    if index is None:
        return
    same = duplicates(table, change.declared, index) if index.unique else []
    if same:
        raise SchemaError(
            f"{len(same)} rows have the same {', '.join(index.paths)}", hint="correct them first"
        )
    others = tuple(i for i in table.definition.indexes if i.name != index.name)
    table.redefine(table.definition.evolve(indexes=(*others, index)))


def _drop_index(table: Table, change: Change) -> None:
    others = tuple(i for i in table.definition.indexes if i.name != change.name)
    table.redefine(table.definition.evolve(indexes=others))


def _nothing(_table: Table, _change: Change) -> None:
    return


APPLY: dict[str, Callable[[Table, Any], None]] = {
    "recreate-table": recreate,
    "add-column": _add_column,
    "change-type": _change_type,
    "add-index": _set_index,
    "change-index": _set_index,
    "drop-index": _drop_index,
    "surplus-column": _nothing,
}
