"""Binding models to tables.

A table that nobody planned takes over what models declare when they are first used, as long as its
rows allow that.  Once a plan was applied to it, or once it has rows in a file, a changed model is
drift: it shows in ``check``, is applied by ``autoupdate``, and until then new indexes are not used,
new columns are null, and writes that a new unique index ought to guard are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.errors import JugglerError, SchemaDriftError
from juggler.spec import EXTRA
from juggler.values import coercer
from juggler_memory.binding import Binding
from juggler_memory.definition import collection_of, definition_of
from juggler_memory.drift import differences, relation_of
from juggler_memory.steps import APPLY, recreate
from juggler_memory.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Key, Row, SchemaStep
    from juggler.spec import ModelSpec
    from juggler_memory.drift import Change
    from juggler_memory.store import Store


def bind(store: Store, model: ModelSpec) -> Binding:
    """The model over its table, which is made or adapted where that needs no plan."""
    with store.lock:
        table = store.tables.get(collection_of(model))
        if table is None:
            table = Table(definition_of(model))
            store.tables[table.name] = table
            return Binding(model, table)
        steps = _open_steps(model, table)
        if steps and not _pinned(store, table):
            if not table.rows and any(step.kind == "change-key" for step in steps):
                recreate(table, steps[0].opaque)
            elif all(step.safety != "impossible" for step in steps):
                for step in steps:
                    APPLY[step.kind](table, step.opaque)
                table.saved = False
            steps = _open_steps(model, table)
        return _bound(model, table, steps)


def _open_steps(model: ModelSpec, table: Table) -> list[SchemaStep]:
    steps = list(differences(model, relation_of(table)))
    if not steps:
        return []
    exact = differences(model, relation_of(table, (model,)))
    return [step for step in exact if step.safety != "info"]


def _pinned(store: Store, table: Table) -> bool:
    return table.planned or (store.journal is not None and bool(table.rows))


def _bound(model: ModelSpec, table: Table, steps: list[SchemaStep]) -> Binding:
    declared = definition_of(model)
    if not table.arranged or not set(declared.columns) <= set(table.columns):
        table.arrange(tuple(declared.columns))
        table.arranged = True
    blocking = [step for step in steps if step.kind in {"change-key", "change-type"}]
    if blocking:
        return Binding(model, table, _drift(model, blocking))
    problem = _lift(model, table)
    guards = [
        step
        for step in steps
        if step.kind in {"add-index", "change-index"} and _is_unique(step.opaque)
    ]
    return Binding(model, table, problem, _drift(model, guards) if guards else None)


def _is_unique(change: Change) -> bool:
    index = change.declared.index(change.name)
    return index is not None and index.unique


def _drift(model: ModelSpec, steps: Sequence[SchemaStep]) -> SchemaDriftError:
    what = "; ".join(f"{step.kind} {step.target} ({step.reason})" for step in steps)
    hint = f"db.autoupdate({model.name!r}) changes the store"
    if any(step.safety == "impossible" for step in steps):
        hint = f"correct the rows, then db.autoupdate({model.name!r})"
    return SchemaDriftError(
        f"the stored {model.name} is not what the model declares: {what}",
        connector="memory",
        model=model.name,
        hint=hint,
    )


def _lift(model: ModelSpec, table: Table) -> SchemaDriftError | None:
    """Move values that were undeclared into the columns of properties that are declared now."""
    if EXTRA not in table.columns:
        return None
    at = table.columns.index(EXTRA)
    declared = {
        f.name: (table.columns.index(f.storage_name), coercer(f.type))
        for f in model.fields
        if f.name != EXTRA
    }
    lifted: dict[Key, Row] = {}
    for key, row in table.rows.items():
        extra = row[at]
        if not extra or extra.keys().isdisjoint(declared):
            continue
        new = list(row)
        new[at] = {name: value for name, value in extra.items() if name not in declared} or None
        for name in extra.keys() & declared.keys():
            position, coerce = declared[name]
            try:
                new[position] = coerce(extra[name])
            except JugglerError as error:
                return _unfit(model, key, name, error)
        lifted[key] = tuple(new)
    if lifted:
        table.reshape(table.columns, {**table.rows, **lifted})
    return None


def _unfit(model: ModelSpec, key: Key, name: str, error: JugglerError) -> SchemaDriftError:
    return SchemaDriftError(
        f"row {key[0] if len(key) == 1 else key!r} of {model.name} holds a {name} from before it "
        f"was declared, which does not fit: {error.message}",
        model=model.name,
        hint="correct it through the old definition, or declare another type",
    )
