"""User-defined types of embedded models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler_cassandra.cql import ddl
from juggler_cassandra.declared import type_fields
from juggler_cassandra.schema_plan._step import impossible, step
from juggler_cassandra.types import embedded_models, fits, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from juggler.connector import SchemaStep
    from juggler.spec import ModelSpec
    from juggler_cassandra.schema_plan._step import Target


def type_steps(models: Sequence[ModelSpec], target: Target) -> Iterator[SchemaStep]:
    """The types that the models need, those that others use first; types are never dropped."""
    there: Mapping[str, Sequence[tuple[str, str]]] = target.schema.profile.get("types") or {}
    seen: set[str] = set()
    for model in models:
        for inner in embedded_models(model):
            name = inner.storage_name
            if name in seen or model.view is not None:
                continue
            seen.add(name)
            fields = there.get(name)
            if fields is None:
                text = ddl.create_type(name, type_fields(inner), target.keyspace)
                yield step("create-type", model, "safe", text, target=name)
            else:
                yield from _compared(model, inner, dict(fields), target)


def _compared(
    model: ModelSpec, inner: ModelSpec, there: Mapping[str, str], target: Target
) -> Iterator[SchemaStep]:
    name = inner.storage_name
    specs = {field.storage_name: field.type for field in inner.fields}
    for field, text in type_fields(inner):
        place = f"{name}.{field}"
        if field not in there:
            added = ddl.add_field(name, field, text, target.keyspace)
            yield step("add-field", model, "safe", added, target=place, reversible=False)
        elif not fits(specs[field], parse(there[field])):
            reason = f"{there[field]} cannot become {text}: give the property another columnName"
            yield impossible("change-field", model, place, reason)
    for field in there:
        if field not in specs:
            reason = "no property uses it, and a type's field cannot be dropped; it is null in rows"
            yield step(
                "surplus-field", model, "info", target=f"{name}.{field}",
                reason=f"{reason} that are written",
            )  # fmt: skip
