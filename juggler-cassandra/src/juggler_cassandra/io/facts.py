"""What the driver knows of the keyspace's tables and views, without a request."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, field, frozen

from juggler.spec import ColumnInfo, IndexInfo, KeySpec, RelationInfo, StoreSchema
from juggler_cassandra.declared import relation_of
from juggler_cassandra.io.indexes import index_info
from juggler_cassandra.types import ModelCodec
from juggler_cassandra.types.codec import actual_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.spec import ModelSpec

T = TypeVar("T")


@frozen(eq=False)
class Facts:
    """A model over the table or view that is really there.

    Attributes:
        model: the model.
        source: the driver's metadata that this was made of, None when it knows nothing.
        info: the table or view; None when the driver knows nothing.
        codec: the conversions by the columns that are there.
        drifted: whether plans that were made of the declarations do not fit what is there.
        schema: the table with its views, as a plan takes it.
        memo: what was derived of all this.
    """

    model: ModelSpec
    source: Any
    info: RelationInfo | None
    codec: ModelCodec
    drifted: bool
    schema: StoreSchema | None = None
    memo: dict[Any, Any] = field(factory=dict, repr=False)

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once for this model over this table."""
        found: T | None = self.memo.get(key)
        if found is None:
            found = self.memo[key] = make()
        return found

    @property
    def is_view(self) -> bool:
        """Whether rows can only be read."""
        if self.info is not None:
            return self.info.kind == "view"
        return self.model.view is not None

    @cached_property
    def key_fits(self) -> bool:
        """Whether the key that is declared is the one that is there."""
        return (
            self.info is None
            or self.info.key is None
            or (
                self.info.key.names
                == tuple(self.model.field[n].storage_name for n in _key(self.model))
            )
        )


def _key(model: ModelSpec) -> tuple[str, ...]:
    return model.key.names


def facts_of(model: ModelSpec, source: Any, views: dict[str, Any]) -> Facts:
    """The facts of a model.

    Args:
        model: the model.
        source: the driver's metadata of its table or view, None when there is none.
        views: the driver's metadata of the views of that table.
    """
    if source is None:
        return Facts(model, None, None, ModelCodec(model), drifted=False)
    info = relation_info(source)
    related = {info.name: info, **{view.name: view for view in _views(model, views)}}
    return Facts(
        model,
        source,
        info,
        ModelCodec(model, info),
        _drifted(model, info, views),
        StoreSchema(related),
    )


def _views(model: ModelSpec, views: dict[str, Any]) -> Iterator[RelationInfo]:
    """The views of a table; whether one that nobody declares is complete is not known here."""
    declared = {view.storage_name for view in model.views}
    for name, source in views.items():
        info = relation_info(source)
        yield info if name in declared else evolve(info, facts={**info.facts, "building": True})


def relation_info(source: Any) -> RelationInfo:
    """A table or view of the driver's metadata."""
    key = KeySpec(
        tuple(column.name for column in source.partition_key),
        tuple((c.name, "desc" if c.is_reversed else "asc") for c in source.clustering_key),
    )
    clustering = {name for name, _ in key.clustering}
    base = getattr(source, "base_table_name", None)
    facts = {} if base is None else {"where": str(source.where_clause or "")}
    return RelationInfo(
        source.name,
        "table" if base is None else "view",
        tuple(_column(column, key.partition, clustering) for column in source.columns.values()),
        key,
        tuple(_indexes(source)),
        base=base,
        facts=facts,
    )


def _column(column: Any, partition: tuple[str, ...], clustering: set[str]) -> ColumnInfo:
    kind = "static" if column.is_static else "regular"
    if column.name in partition:
        kind = "partition_key"
    elif column.name in clustering:
        kind = "clustering"
    return ColumnInfo(column.name, column.cql_type, facts={"kind": kind})


def _indexes(source: Any) -> list[IndexInfo]:
    found = getattr(source, "indexes", None) or {}
    return [index_info(i.name, i.kind, dict(i.index_options)) for i in found.values()]


def _drifted(model: ModelSpec, info: RelationInfo, views: dict[str, Any]) -> bool:
    wanted = relation_of(model)
    if wanted.key is None or info.key is None or wanted.kind != info.kind:
        return True
    if (wanted.key.partition, wanted.key.clustering) != (info.key.partition, info.key.clustering):
        return True
    if actual_types(model, info) != actual_types(model, None):
        return True
    declared_views = {view.storage_name for view in model.views}
    return _index_set(wanted) != _index_set(info) or (
        info.kind == "table" and not declared_views <= set(views)
    )


def _index_set(info: RelationInfo) -> set[tuple[Any, ...]]:
    return {
        (i.name, i.keys, i.kind, i.facts.get("target"), tuple(sorted(i.facts["options"].items())))
        for i in info.indexes
    }
