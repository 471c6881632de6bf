"""Schema plans: what leads from what the server has to what the models declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import SchemaSteps
from juggler_cassandra.cql import ddl
from juggler_cassandra.schema_plan._step import Target, step
from juggler_cassandra.schema_plan._tables import create_table, drop_all, table_steps
from juggler_cassandra.schema_plan._types import type_steps
from juggler_cassandra.schema_plan._views import create_view, view_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from juggler.connector import SchemaStep
    from juggler.connector.schema import Mode
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_cassandra.settings import CassandraSettings

__all__ = ["plan"]

#: Steps of these kinds come in this order; what is not named keeps its place in the middle.
_ORDER = (
    "create-keyspace", "alter-keyspace", "create-type", "add-field", "drop-view", "drop-table",
    "create-table", "rename-column", "add-column", "alter-table", "drop-index", "drop-column",
    "create-index", "build-index", "create-view", "build-view",
)  # fmt: skip


def plan(
    desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode, settings: CassandraSettings
) -> SchemaSteps:
    """The steps of a mode.

    ``create`` makes what is missing and looks at nothing else; ``update`` and ``check`` compare
    everything; ``recreate`` drops the models' tables and views and makes them anew.
    """
    target = Target(actual, settings.database or actual.profile.get("keyspace"))
    models = [model for model in desired if model.managed]
    steps = [*_keyspace(target, settings), *type_steps(models, target)]
    tables = [model for model in models if model.view is None]
    views = [model for model in models if model.view is not None]
    if mode == "recreate":
        steps += _recreated(tables, views, target)
    else:
        for model in tables:
            steps += _table(model, target, mode)
        for model in views:
            steps += _view(model, models, target, mode)
    return SchemaSteps(tuple(_sorted(steps)), actual.fingerprint)


def _table(model: ModelSpec, target: Target, mode: Mode) -> Iterator[SchemaStep]:
    there = target.schema.relation(model.storage_name)
    if there is None:
        yield from create_table(model, target)
    elif mode != "create":
        yield from table_steps(model, there, target)


def _view(
    model: ModelSpec, models: Iterable[ModelSpec], target: Target, mode: Mode
) -> Iterator[SchemaStep]:
    there = target.schema.relation(model.storage_name)
    base = _base_name(model, models)
    if there is None:
        yield from create_view(model, base, target)
    elif mode != "create":
        yield from view_steps(model, there, base, target)


def _recreated(
    tables: Sequence[ModelSpec], views: Sequence[ModelSpec], target: Target
) -> list[SchemaStep]:
    steps: list[SchemaStep] = []
    dropped: set[str] = set()
    for model in tables:
        steps += drop_all(model, target, dropped)
    for model in views:
        there = target.schema.relation(model.storage_name)
        if there is not None and model.storage_name not in dropped:
            dropped.add(model.storage_name)
            text = ddl.drop("MATERIALIZED VIEW", model.storage_name, target.keyspace)
            reason = "it is made anew; its rows come back from its base"
            steps.append(
                step("drop-view", model, "online", text, target=model.storage_name, reason=reason)
            )
    for model in tables:
        steps += create_table(model, target)
    again = {view.storage_name: view for model in tables for view in model.views}
    again = {name: view for name, view in again.items() if name in dropped}
    for model in {**again, **{view.storage_name: view for view in views}}.values():
        steps += create_view(model, _base_name(model, tables), target)
    return steps


def _base_name(view: ModelSpec, models: Iterable[ModelSpec]) -> str:
    """The base's table: of its model where that is among the models, else the model's name."""
    name = view.view.of if view.view is not None else ""
    return next((model.storage_name for model in models if model.name == name), name)


def _keyspace(target: Target, settings: CassandraSettings) -> Iterator[SchemaStep]:
    """The keyspace, when it is not there; its replication is never changed."""
    profile = target.schema.profile
    name = target.keyspace
    if name is None:
        return
    if profile.get("keyspace_exists", True):
        wanted, there = settings.replication, profile.get("replication")
        if there and settings.create_keyspace and _replication(wanted) != _replication(there):
            reason = f"its replication is {dict(there)}; it is changed by hand, and repaired then"
            yield step("alter-keyspace", None, "info", target=name, reason=reason)
        return
    if settings.create_keyspace:
        text = ddl.create_keyspace(name, settings.replication)
        yield step("create-keyspace", None, "safe", text, target=name)
        return
    reason = (
        "it does not exist; create_keyspace=true in the URL or the settings lets a plan make it"
    )
    yield step("create-keyspace", None, "impossible", target=name, reason=reason)


def _replication(value: Any) -> dict[str, str]:
    return {str(k): str(v).rpartition(".")[2] if k == "class" else str(v) for k, v in value.items()}


def _sorted(steps: list[SchemaStep]) -> list[SchemaStep]:
    place = {kind: at for at, kind in enumerate(_ORDER)}
    middle = place["add-column"]
    return sorted(steps, key=lambda found: place.get(found.kind, middle))
