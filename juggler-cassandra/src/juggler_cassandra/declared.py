"""What declarations would create, as the server would report it.

The facts of a :class:`~juggler.spec.StoreSchema` of Cassandra, whether it was read or declared:

``RelationInfo``
    ``key`` has column names.  ``facts`` of a table: ``options`` (``comment``,
    ``default_time_to_live``, ``gc_grace_seconds``, ``compaction``, …) and ``dropped`` (column →
    ``{"type", "kind"}``).  A view has ``base`` (the table's name) and the facts ``where`` (the text
    of its WHERE clause), ``all`` (whether it selects every column) and ``building``.
``ColumnInfo``
    ``native_type`` is the CQL type as ``system_schema`` writes it; ``facts["kind"]`` is
    ``partition_key``, ``clustering``, ``regular`` or ``static``.
``IndexInfo``
    ``kind`` is ``sai``, ``legacy``, ``sasi`` or ``custom``; ``keys`` has the one column; ``facts``:
    ``target`` (``values keys entries full`` or empty), ``options`` (without target and class) and
    ``building``.
``StoreSchema.profile``
    ``keyspace``, ``keyspace_exists``, ``replication``, ``version``, ``types`` (name → ``((field,
    type text), …)``), ``index_names`` (index → table, of the whole keyspace), ``relation_names``
    (every table and view of the keyspace), ``settings`` (``materialized_views_enabled``,
    ``sasi_indexes_enabled``: bool).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from juggler.spec import ColumnInfo, IndexInfo, KeySpec, RelationInfo, StoreSchema
from juggler_cassandra.types import column_type, embedded_models, is_static

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.spec import FieldSpec, IndexSpec, ModelSpec
    from juggler_cassandra.types import CqlType

KINDS: Final = frozenset({"sai", "legacy", "sasi"})
TARGETS: Final = frozenset({"values", "keys", "entries", "full"})
#: Options of the index's class that may stand beside ``kind`` and ``target``.
INDEX_OPTIONS: Final = ("case_sensitive", "normalize", "ascii", "similarity_function", "mode")
#: The hidden column of a model that demands versions and names none.
VERSION: Final = "_version"
_MAX_NAME: Final = 200


def version_column(model: ModelSpec) -> str | None:
    """The column that holds a row's version (bigint), None without versions."""
    said = model.options.get("version")
    return said if isinstance(said, str) else VERSION if model.versioned else None


def relation_of(model: ModelSpec) -> RelationInfo:
    """The table or view that a model declares, with its indexes."""
    names = {f.name: f.storage_name for f in model.fields}
    key = KeySpec(
        tuple(names[name] for name in model.key.partition),
        tuple((names[name], way) for name, way in model.key.clustering),
    )
    columns = [_column(model, f) for f in model.fields]
    version = version_column(model)
    if version is not None and version not in names.values():
        columns.append(ColumnInfo(version, "bigint", facts={"kind": "regular"}))
    if model.view is not None:
        facts: dict[str, Any] = {"where": view_where(key), "all": False}
        return RelationInfo(
            model.storage_name, "view", tuple(columns), key, base=model.view.of, facts=facts
        )
    indexes = tuple(index_of(model, spec) for spec in model.indexes if is_single(spec))
    return RelationInfo(
        model.storage_name,
        "table",
        tuple(columns),
        key,
        indexes,
        facts={"options": table_options(model), "dropped": {}},
    )


def declared(models: Iterable[ModelSpec]) -> StoreSchema:
    """The schema that the declarations of models would create."""
    relations: dict[str, RelationInfo] = {}
    types: dict[str, Any] = {}
    for model in models:
        for one in (model, *model.views):
            relations.setdefault(one.storage_name, relation_of(one))
        for inner in embedded_models(model):
            types[inner.storage_name] = type_fields(inner)
    return StoreSchema(relations, {"types": types}, declared=True)


def type_fields(model: ModelSpec) -> tuple[tuple[str, str], ...]:
    """The fields of the user-defined type of an embedded model: (name, type text)."""
    return tuple((f.storage_name, str(_frozen(column_type(model, f)))) for f in model.fields)


def _frozen(cql: CqlType) -> CqlType:
    """As a field of a user-defined type, which is frozen as a whole."""
    return evolve(cql, frozen=not cql.is_scalar and cql.name != "vector")


def _column(model: ModelSpec, field: FieldSpec) -> ColumnInfo:
    kind = "static" if is_static(field) else "regular"
    if field.name in model.key.partition:
        kind = "partition_key"
    elif field.name in model.key.names:
        kind = "clustering"
    return ColumnInfo(
        field.storage_name,
        str(column_type(model, field)),
        nullable=kind in {"regular", "static"},
        facts={"kind": kind},
    )


def view_where(key: KeySpec) -> str:
    """The WHERE clause of a view: its key's columns are there."""
    return " AND ".join(f"{_shown(name)} IS NOT NULL" for name in key.names)


def _shown(name: str) -> str:
    """A name as the server writes it: quoted only where it has to be."""
    return name if re.fullmatch(r"[a-z][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


#: Model options that are options of the table.
TABLE_OPTIONS: Final = frozenset(
    {
        "bloom_filter_fp_chance", "caching", "cdc", "comment", "compaction", "compression",
        "crc_check_chance", "default_time_to_live", "gc_grace_seconds", "memtable",
        "memtable_flush_period_in_ms", "min_index_interval", "max_index_interval",
        "speculative_retry", "additional_write_policy", "read_repair",
    }
)  # fmt: skip


def table_options(model: ModelSpec) -> dict[str, Any]:
    """The options of a table that a model declares."""
    return {name: value for name, value in model.options.items() if name in TABLE_OPTIONS}


# ---------------------------------------------------------------- indexes


def is_single(spec: IndexSpec) -> bool:
    """Whether an index is over one property, as every index of Cassandra is."""
    return len(spec.keys) == 1 and "." not in spec.keys[0][0]


def index_kind(spec: IndexSpec) -> str:
    """``sai``, ``legacy`` or ``sasi``: ``kind``, or ``type`` where it is one of these."""
    said = str(spec.options.get("kind") or spec.options.get("type") or "sai").lower()
    return said if said in KINDS or "kind" in spec.options else "sai"


def index_target(model: ModelSpec, spec: IndexSpec) -> str:
    """What of a collection is indexed; empty for a column as it is."""
    field = model.field[spec.keys[0][0]]
    cql = column_type(model, field)
    if not cql.is_collection:
        return ""
    said = spec.options.get("target")
    return str(said) if said else "full" if cql.frozen else "values"


def index_of(model: ModelSpec, spec: IndexSpec) -> IndexInfo:
    """A declared index as the server would report it."""
    column = model.field[spec.keys[0][0]].storage_name
    kind, target = index_kind(spec), index_target(model, spec)
    given = spec.options.get("options")
    options = {str(k): _option(v) for k, v in given.items()} if isinstance(given, dict) else {}
    for name in INDEX_OPTIONS:
        if name in spec.options:
            options[name] = _option(spec.options[name])
    return IndexInfo(
        index_name(model.storage_name, column, kind, target),
        ((column, "asc"),),
        kind,
        facts={"target": target, "options": options},
    )


def _option(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def index_name(table: str, column: str, kind: str, target: str = "") -> str:
    """The name of an index: unique in its keyspace, of letters, digits and ``_`` alone."""
    plain = "_".join(part for part in (table, column, target, kind) if part)
    name = re.sub(r"[^A-Za-z0-9_]", "_", plain)
    if name != plain or len(name) > _MAX_NAME:
        digest = hashlib.sha256(f"{table}\0{column}\0{target}\0{kind}".encode()).hexdigest()[:8]
        name = f"{name[:_MAX_NAME]}_{digest}"
    return f"{name}_jx"


def is_ours(name: str) -> bool:
    """Whether an index was made by a schema plan."""
    return name.endswith("_jx")
