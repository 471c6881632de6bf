"""Binding models to tables, and schema plans: tables, columns, indexes, uniqueness.

A table that nobody planned takes over what models declare when they are first used, as long as its
rows allow that.  Once a plan was applied to it, or once it has rows in a file, a changed model is
drift: it shows in ``check``, is applied by ``autoupdate``, and until then new indexes are not used,
new columns are null, and writes that a new unique index ought to guard are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import SchemaStep, SchemaSteps, StepResult
from juggler.errors import JugglerError, MigrationError, SchemaDriftError, SchemaError
from juggler.spec import EXTRA, StoreSchema
from juggler.values import coercer
from juggler_memory.binding import Binding
from juggler_memory.definition import collection_of, definition_of
from juggler_memory.drift import Change, conversion, differences, duplicates, relation_of
from juggler_memory.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from juggler.connector.results import Key, Row
    from juggler.connector.schema import Mode
    from juggler.spec import ModelSpec
    from juggler_memory.store import Store


# ---------------------------------------------------------------- binding


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
                _recreate(table, steps[0].opaque)
            elif all(step.safety != "impossible" for step in steps):
                for step in steps:
                    _APPLY[step.kind](table, step.opaque)
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


# ---------------------------------------------------------------- hooks


def read(store: Store, models: Sequence[ModelSpec] | None) -> StoreSchema:
    """What exists; for the models given, tables that nobody planned are made or adapted first."""
    with store.lock:
        for model in models or ():
            bind(store, model)
        by_collection: dict[str, list[ModelSpec]] = {}
        for model in models or ():
            by_collection.setdefault(collection_of(model), []).append(model)
        names = store.tables if models is None else by_collection
        return StoreSchema(
            {
                name: relation_of(store.tables[name], tuple(by_collection.get(name, ())))
                for name in names
            }
        )


def plan(desired: Iterable[ModelSpec], actual: StoreSchema, mode: Mode) -> SchemaSteps:
    """The steps from what is there to what is declared."""
    steps: list[SchemaStep] = []
    for model in desired:
        if model.managed:
            steps += _plan_one(model, actual, mode)
    return SchemaSteps(tuple(steps), actual.fingerprint)


def _plan_one(model: ModelSpec, actual: StoreSchema, mode: Mode) -> Iterable[SchemaStep]:
    declared = definition_of(model)
    relation = actual.relation(declared.name)
    change = Change(model, declared)
    if relation is None:
        return [SchemaStep("create-table", declared.name, "safe", model=model.name, opaque=change)]
    if mode == "create":
        return []
    if mode == "recreate":
        empty = relation.facts.get("empty", False)
        reason = "it has no rows" if empty else "its rows are lost"
        return [
            SchemaStep(
                "recreate-table",
                declared.name,
                "safe" if empty else "destructive",
                reason=reason,
                model=model.name,
                reversible=bool(empty),
                opaque=change,
            )
        ]
    return differences(model, relation)


def apply(store: Store, step: SchemaStep) -> StepResult:
    """Apply one step; the table is planned from then on.

    Raises:
        MigrationError: stored rows stand against it; nothing was changed.
    """
    change: Change = step.opaque
    with store.lock:
        table = store.tables.get(change.declared.name)
        if table is None:
            table = store.tables[change.declared.name] = Table(change.declared)
        elif step.kind != "create-table":
            try:
                _APPLY[step.kind](table, change)
            except SchemaError as error:
                raise MigrationError(
                    f"{step.kind} {step.target}: {error.message}", step=step, hint=error.hint
                ) from error
        table.planned, table.saved = True, False
        store.forget_bindings()
        if step.kind == "change-type":
            store.rewrite()
        else:
            store.save_definition(table, emptied=step.kind == "recreate-table")
    return StepResult(step)


# ---------------------------------------------------------------- steps on a table


def _recreate(table: Table, change: Change) -> None:
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


_APPLY: dict[str, Callable[[Table, Any], None]] = {
    "recreate-table": _recreate,
    "add-column": _add_column,
    "change-type": _change_type,
    "add-index": _set_index,
    "change-index": _set_index,
    "drop-index": _drop_index,
    "surplus-column": _nothing,
}
