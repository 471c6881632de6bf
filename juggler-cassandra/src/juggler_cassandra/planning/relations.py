"""Tables and views as the planner sees them: keys in columns, types, indexes that can be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler_cassandra.declared import relation_of
from juggler_cassandra.planning.access import Clustered
from juggler_cassandra.types import CqlType, ModelCodec, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.spec import IndexInfo, ModelSpec, RelationInfo, StoreSchema

#: Types of which an SAI index finds ranges.
_SAI_RANGES = frozenset(
    {
        "tinyint", "smallint", "int", "bigint", "varint", "decimal", "float", "double", "timestamp",
        "date", "time",
    }
)  # fmt: skip
#: Types whose equal values may have different bytes: an index that looks up bytes may miss some.
_BYTES_DIFFER = frozenset({"decimal", "float", "double"})
_NOT_NULL = re.compile(r'("(?:[^"]|"")*"|\w+)\s+IS\s+NOT\s+NULL|\bAND\b|\s', flags=re.IGNORECASE)
_ANALYSED = {"case_sensitive": "false", "normalize": "true", "ascii": "true"}


@frozen
class Index:
    """An index that can be read.

    Attributes:
        name: its name.
        column: the column.
        kind: ``sai``, ``legacy`` or ``sasi``.
        target: ``values``, ``keys``, ``entries``, ``full`` or empty.
        equal: whether it finds equal values.
        ranges: whether it finds ranges.
        prefix: whether it finds prefixes (LIKE).
        superset: whether ``=`` on its column finds more than equal values (it folds case).
    """

    name: str
    column: str
    kind: str
    target: str = ""
    equal: bool = True
    ranges: bool = False
    prefix: bool = False
    superset: bool = False


@frozen(eq=False)
class Relation:
    """A table or view.

    Attributes:
        name: its name.
        keys: partition columns.
        clustering: clustering columns with the table's directions.
        columns: every column that it has.
        indexes: those that can be read.
        is_view: whether it is a view.
        partial: whether it is a view that leaves rows out by more than null keys.
        base: the table that it is a view of (of a declared view the model's name).
        added: key columns of a view that are no key columns of its base.
        ghost: a clustering column whose null marks a partition of static columns only.
    """

    name: str
    keys: tuple[str, ...]
    clustering: tuple[Clustered, ...]
    columns: frozenset[str]
    indexes: tuple[Index, ...] = ()
    is_view: bool = False
    partial: bool = False
    base: str | None = None
    added: frozenset[str] = frozenset()
    ghost: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """All key columns, in order."""
        return self.keys + tuple(c.column for c in self.clustering)


@frozen(eq=False)
class Known:
    """What is known for the queries of one model.

    Attributes:
        codec: of the model over its own table or view.
        base: the table or view that the model is of.
        views: views of it that a query may be answered by.
    """

    model: ModelSpec
    codec: ModelCodec
    base: Relation
    views: tuple[Relation, ...] = ()


def known(model: ModelSpec, schema: StoreSchema) -> Known:
    """The table of a model and its views: as the server has them, else as they are declared."""
    info = None if schema.declared else schema.relation(model.storage_name)
    own = info or relation_of(model)
    codec = ModelCodec(model, info)
    types = {column.name: column.type for column in codec.columns.values()}
    base = _relation(own, types)
    if own.kind == "view":
        return Known(model, codec, base)
    views = [_relation(view, types, base) for view in _views(model, schema) if _usable(view)]
    return Known(model, codec, base, tuple(views))


def _views(model: ModelSpec, schema: StoreSchema) -> list[RelationInfo]:
    if schema.declared:
        return [relation_of(view) for view in model.views]
    there = [
        info
        for info in schema.relations.values()
        if info.kind == "view" and info.base == model.storage_name
    ]
    return sorted(there, key=lambda info: info.name)


def _usable(info: RelationInfo) -> bool:
    return info.key is not None and not info.facts.get("building")


def _relation(
    info: RelationInfo, types: Mapping[str, CqlType], base: Relation | None = None
) -> Relation:
    key = info.key
    partition = key.partition if key else ()
    clustering = tuple(
        Clustered(name, way == "desc", types.get(name) or _native(info, name))
        for name, way in (key.clustering if key else ())
    )
    static = any(column.facts.get("kind") == "static" for column in info.columns)
    names = {*partition, *(c.column for c in clustering)}
    return Relation(
        name=info.name,
        keys=partition,
        clustering=clustering,
        columns=frozenset(column.name for column in info.columns),
        indexes=tuple(found for index in info.indexes if (found := _index(index, info, types))),
        is_view=info.kind == "view",
        partial=info.kind == "view" and is_partial(str(info.facts.get("where", ""))),
        base=info.base,
        added=frozenset(names - set(base.key)) if base else frozenset(),
        ghost=clustering[0].column if static and clustering else None,
    )


def _native(info: RelationInfo, name: str) -> CqlType:
    return parse(next((c.native_type for c in info.columns if c.name == name), "blob"))


def is_partial(where: str) -> bool:
    """Whether a view's WHERE clause says more than ``IS NOT NULL``."""
    return bool(_NOT_NULL.sub("", where))


def _index(info: IndexInfo, relation: RelationInfo, types: Mapping[str, CqlType]) -> Index | None:
    """The index as far as it can be read; None for one of an unknown class or being built."""
    if info.facts.get("building") or info.kind not in {"sai", "legacy", "sasi"} or not info.keys:
        return None
    column = info.keys[0][0]
    cql = types.get(column) or _native(relation, column)
    target = str(info.facts.get("target") or "")
    options: Mapping[str, Any] = info.facts.get("options") or {}
    if info.kind == "sai":
        return Index(
            info.name,
            column,
            "sai",
            target,
            equal=cql.name != "vector",
            ranges=cql.is_scalar and cql.name in _SAI_RANGES,
            superset=_folds(options),
        )
    if info.kind == "legacy":
        return Index(info.name, column, "legacy", target, equal=not _inexact(cql))
    plain = options.get("mode", "PREFIX") == "PREFIX" and "analyzer_class" not in options
    return Index(
        info.name,
        column,
        "sasi",
        equal=plain and not _inexact(cql),
        ranges=plain and cql.name in _SAI_RANGES and not _inexact(cql),
        prefix=plain and cql.name in {"text", "ascii"},
        superset=not plain,
    )


def _folds(options: Mapping[str, Any]) -> bool:
    return any(
        str(options.get(name, "")).lower() == value for name, value in _ANALYSED.items()
    ) or any("analyzer" in str(name) for name in options)


def _inexact(cql: CqlType) -> bool:
    return any(inner.name in _BYTES_DIFFER for inner in (cql, *cql.args))
