"""Materialized views: made, compared, made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler_cassandra.cql import ddl
from juggler_cassandra.declared import relation_of
from juggler_cassandra.planning.relations import is_partial
from juggler_cassandra.schema_plan._step import Waits, impossible, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from juggler.connector import SchemaStep
    from juggler.spec import ModelSpec, RelationInfo
    from juggler_cassandra.schema_plan._step import Target


def create_view(model: ModelSpec, base: str, target: Target) -> Iterator[SchemaStep]:
    """The view; its rows come in the background."""
    switches: Mapping[str, Any] = target.schema.profile.get("settings") or {}
    if not switches.get("materialized_views_enabled", True):
        reason = "materialized views are disabled on the server (materialized_views_enabled)"
        yield impossible("create-view", model, model.storage_name, reason)
        return
    text = ddl.create_view(relation_of(model), base, target.keyspace)
    waits = Waits("view", model.storage_name, base)
    yield step("create-view", model, "online", text, waits=waits)


def view_steps(
    model: ModelSpec, there: RelationInfo, base: str, target: Target
) -> Iterator[SchemaStep]:
    """From the view that is there to the one that is declared."""
    if there.kind != "view":
        reason = f"{model.storage_name} is a table: give the view another table name"
        yield impossible("create-view", model, model.storage_name, reason)
        return
    differences = list(_differences(model, there, base))
    if differences:
        text = ddl.drop("MATERIALIZED VIEW", model.storage_name, target.keyspace)
        reason = (
            f"{'; '.join(differences)}: it is made anew, and until it is built rows are missing"
        )
        yield step("drop-view", model, "rewrite", text, reason=reason)
        yield from create_view(model, base, target)
    elif there.facts.get("building"):
        waits = Waits("view", model.storage_name, base)
        yield step("build-view", model, "online", reason="it is being built", waits=waits)


def _differences(model: ModelSpec, there: RelationInfo, base: str) -> Iterator[str]:
    wanted = relation_of(model)
    if there.base != base:
        yield f"it is of {there.base}, not of {base}"
    if there.key is not None and wanted.key is not None:
        if there.key.partition != wanted.key.partition:
            yield f"its partition key is ({', '.join(there.key.partition)})"
        if there.key.clustering != wanted.key.clustering:
            shown = ", ".join(f"{name} {way}" for name, way in there.key.clustering)
            yield f"its clustering is ({shown})"
    missing = {c.name for c in wanted.columns} - {c.name for c in there.columns}
    if missing:
        yield f"it lacks {', '.join(sorted(missing))}"
    if is_partial(str(there.facts.get("where", ""))):
        yield f"it leaves rows out: {there.facts['where']}"
