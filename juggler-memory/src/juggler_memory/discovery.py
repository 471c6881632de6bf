"""Models out of the tables that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import DiscoveredModel, Discovery
from juggler.spec import EXTRA, FieldSpec, IndexSpec, ModelSpec
from juggler_memory.drift import relation_of

if TYPE_CHECKING:
    from juggler.connector import DiscoverRequest
    from juggler_memory.store import Store
    from juggler_memory.table import Table


def discover(store: Store, request: DiscoverRequest) -> Discovery:
    """The tables as models, by name; memory has no owners, views or foreign keys."""
    with store.lock:
        names = sorted(store.tables)
        if request.names is not None:
            names = [name for name in names if name in request.names]
        end = None if request.limit is None else request.offset + request.limit
        return Discovery([_model(store.tables[name]) for name in names[request.offset : end]])


def _model(table: Table) -> DiscoveredModel:
    definition = table.definition
    unique = {i.paths[0] for i in definition.indexes if i.unique and len(i.paths) == 1}
    key = definition.key.names
    # The properties whose uniqueness says it all; other indexes are listed as they are.
    implied = {f"{name}_unique" for name in unique}
    columns = [name for name in definition.columns if name != EXTRA]
    if EXTRA in definition.columns:
        columns.append(EXTRA)
    fields = tuple(
        FieldSpec(
            name,
            name,
            definition.columns[name],
            nullable=name not in key,
            unique=name in unique,
            generated=key == (name,),
        )
        for name in columns
    )
    indexes = tuple(
        IndexSpec(i.name, i.keys, i.unique) for i in definition.indexes if i.name not in implied
    )
    spec = ModelSpec(
        definition.model,
        definition.name,
        fields,
        definition.key,
        indexes,
        open=EXTRA in definition.columns,
    )
    relation = relation_of(table)
    return DiscoveredModel(spec, relation, columns=relation.columns)
