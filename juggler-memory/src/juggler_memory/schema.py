"""Schema plans: tables, columns, indexes, uniqueness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import SchemaStep, SchemaSteps, StepResult
from juggler.errors import MigrationError, SchemaError
from juggler.spec import StoreSchema
from juggler_memory.adopting import bind
from juggler_memory.definition import collection_of, definition_of
from juggler_memory.drift import Change, differences, relation_of
from juggler_memory.steps import APPLY
from juggler_memory.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from juggler.connector.schema import Mode
    from juggler.spec import ModelSpec
    from juggler_memory.store import Store


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
                APPLY[step.kind](table, change)
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
