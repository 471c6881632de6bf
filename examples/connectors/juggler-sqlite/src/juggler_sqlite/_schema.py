"""Tables, columns and indexes: what is there, what is wanted, and the steps between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from juggler.connector import SchemaStep, SchemaSteps
from juggler.spec import ColumnInfo, IndexInfo, KeySpec, RelationInfo, StoreSchema
from juggler.values.types import TypeKind
from juggler_sqlite._rows import COLUMN, column, quoted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from juggler.spec import FieldSpec, IndexSpec, ModelSpec

_OURS = "jx_"


def read(db: sqlite3.Connection, names: Sequence[str] | None = None) -> StoreSchema:
    """Every table and view of the database, or some."""
    found = db.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
    ).fetchall()
    return StoreSchema(
        {
            name: _relation(db, name, kind)
            for name, kind in found
            if not name.startswith("sqlite_") and (names is None or name in names)
        }
    )


def _relation(db: sqlite3.Connection, name: str, kind: Any) -> RelationInfo:
    columns = db.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    key = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
    indexes = []
    for _, index, unique, origin, *_rest in db.execute(f"PRAGMA index_list({quoted(name)})"):
        if origin != "c":
            continue
        parts = db.execute(f"PRAGMA index_xinfo({quoted(index)})").fetchall()
        keys: tuple[tuple[str, Literal["asc", "desc"]], ...] = tuple(
            (p[2], "desc" if p[3] else "asc") for p in parts if p[5] and p[2]
        )
        indexes.append(IndexInfo(index, keys, "btree", bool(unique), index.startswith(_OURS)))
    return RelationInfo(
        name,
        kind,
        tuple(ColumnInfo(c[1], c[2], not c[3], {"default": c[4], "pk": c[5]}) for c in columns),
        KeySpec(tuple(key)) if key else None,
        tuple(indexes),
    )


def plan(desired: Sequence[ModelSpec], actual: StoreSchema, mode: str) -> SchemaSteps:
    """The steps that make the database hold the models."""
    steps: list[SchemaStep] = []
    for model in desired:
        relation = actual.relation(model.storage_name)
        if mode == "recreate" and relation is not None:
            steps.append(
                _step(
                    "drop-table",
                    model,
                    "destructive",
                    f"DROP TABLE {quoted(model.storage_name)}",
                    reversible=False,
                )
            )
            relation = None
        if relation is None:
            steps.append(_step("create-table", model, "safe", create_table(model)))
            steps += [_index(model, index) for index in wanted_indexes(model)]
        else:
            steps += _columns(model, relation)
            steps += _indexes(model, relation)
    return SchemaSteps(tuple(steps), actual.fingerprint)


def _columns(model: ModelSpec, relation: RelationInfo) -> Iterator[SchemaStep]:
    table = quoted(model.storage_name)
    there = {c.name: c for c in relation.columns}
    key = tuple(model.field[name].storage_name for name in model.key.names)
    if relation.key is not None and relation.key.partition != key:
        yield _step(
            "change-key",
            model,
            "impossible",
            reason=(
                f"the key of {model.storage_name!r} is {relation.key.partition}; give the model "
                "another table name and copy the rows"
            ),
        )
    for field in model.fields:
        info = there.get(field.storage_name)
        if info is None:
            yield _step(
                "add-column",
                model,
                "safe",
                f"ALTER TABLE {table} ADD COLUMN {column(field)} {_type(field)}",
                target=f"{model.storage_name}.{field.storage_name}",
            )
        elif info.native_type.upper() != _type(field) and "_" in _type(field) + info.native_type:
            yield _step(
                "change-type",
                model,
                "impossible",
                target=f"{model.storage_name}.{field.storage_name}",
                reason=f"{info.native_type} cannot become {_type(field)}; use another column",
            )
    wanted = {field.storage_name for field in model.fields}
    for name in there:
        if name not in wanted:
            yield _step(
                "drop-column",
                model,
                "info",
                target=f"{model.storage_name}.{name}",
                reason="no property uses this column",
            )


def _indexes(model: ModelSpec, relation: RelationInfo) -> Iterator[SchemaStep]:
    wanted = {index_name(model, index): index for index in wanted_indexes(model)}
    there = {index.name: index for index in relation.indexes if index.ours}
    for name, index in there.items():
        new = wanted.get(name)
        if new is None or _stored(model, new) != (index.keys, index.unique):
            yield _step("drop-index", model, "online", f"DROP INDEX {quoted(name)}", target=name)
    for name, new in wanted.items():
        old = there.get(name)
        if old is None or _stored(model, new) != (old.keys, old.unique):
            yield _index(model, new)


def _stored(model: ModelSpec, index: IndexSpec) -> Any:
    return tuple((model.field[n].storage_name, way) for n, way in index.keys), index.unique


def wanted_indexes(model: ModelSpec) -> list[IndexSpec]:
    """Declared indexes and one for each unique property."""
    from juggler.spec import IndexSpec  # noqa: PLC0415 - a type above, a class here

    covered = {index.keys for index in model.indexes if index.unique}
    unique = [
        IndexSpec(f"{f.name}_unique", ((f.name, "asc"),), unique=True)
        for f in model.fields
        if f.unique and ((f.name, "asc"),) not in covered
    ]
    return [*model.indexes, *unique]


def index_name(model: ModelSpec, index: IndexSpec) -> str:
    """Indexes are named in one space per database: the table's name is part of it."""
    return f"{_OURS}{model.storage_name}_{index.name}"


def _index(model: ModelSpec, index: IndexSpec) -> SchemaStep:
    keys = ", ".join(f"{column(model.field[n])} {way.upper()}" for n, way in index.keys)
    name = index_name(model, index)
    unique = "UNIQUE " if index.unique else ""
    text = f"CREATE {unique}INDEX {quoted(name)} ON {quoted(model.storage_name)} ({keys})"
    return _step("create-index", model, "online", text, target=name)


def create_table(model: ModelSpec) -> str:
    """The statement that makes a model's table."""
    names = model.key.names
    columns = []
    for field in model.fields:
        text = f"{column(field)} {_type(field)}"
        if names == (field.name,) and _type(field) == "INTEGER":
            text += " PRIMARY KEY AUTOINCREMENT"
        columns.append(text)
    if not any("PRIMARY KEY" in text for text in columns) and names:
        columns.append(f"PRIMARY KEY ({', '.join(column(model.field[n]) for n in names)})")
    return f"CREATE TABLE {quoted(model.storage_name)} ({', '.join(columns)})"


def _type(field: FieldSpec) -> str:
    if field.generated and field.type.kind is TypeKind.NUMBER:
        return "INTEGER"
    own = field.hints.get("sqlite", {}).get("dataType")
    return str(own).upper() if own else COLUMN[field.type.kind]


def _step(
    kind: str,
    model: ModelSpec,
    safety: Any,
    *native: str,
    target: str = "",
    reason: str = "",
    reversible: bool = True,
) -> SchemaStep:
    return SchemaStep(
        kind, target or model.storage_name, safety, native, reason, model.name, reversible
    )
