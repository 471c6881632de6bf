"""Tables and views that are there, as models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from juggler.connector import DiscoveredModel, Discovery
from juggler.spec import FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values.types import TypeKind, TypeSpec
from juggler_cassandra.io.schema_read import keyspace_rows, relations_of, rows
from juggler_cassandra.types import neutral_of, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import DiscoverRequest, OpContext
    from juggler.spec import ColumnInfo, RelationInfo
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.types import CqlType

Types = "Mapping[str, Sequence[tuple[str, str]]]"
_SYSTEM: Final = ("system", "system_")


async def discover(session: Session, request: DiscoverRequest, ctx: OpContext) -> Discovery:
    """The tables, and with ``views`` the views, of a keyspace; the owner is the keyspace."""
    owners = [request.owner or session.keyspace]
    if request.all_owners:
        found = await rows(session, "SELECT keyspace_name FROM system_schema.keyspaces", (), ctx)
        names = sorted(row["keyspace_name"] for row in found)
        owners = [name for name in names if not name.startswith(_SYSTEM)]
    models: list[DiscoveredModel] = []
    for owner in owners:
        raw = await keyspace_rows(session, owner, ctx)
        types = {
            row["type_name"]: tuple(zip(row["field_names"], row["field_types"], strict=True))
            for row in raw["types"]
        }
        for name, info in sorted(relations_of(raw).items()):
            wanted = request.names is None or name in request.names
            if wanted and (request.views or info.kind == "table"):
                models.append(_model(info, owner, types))
    stop = None if request.limit is None else request.offset + request.limit
    return Discovery(models[request.offset : stop])


def _model(
    info: RelationInfo, owner: str, types: Mapping[str, Sequence[tuple[str, str]]]
) -> DiscoveredModel:
    key = info.key or KeySpec(())
    fields = tuple(_field(column, types) for column in info.columns)
    indexes = tuple(
        IndexSpec(
            i.name,
            i.keys,
            options={"kind": i.kind, "target": i.facts.get("target") or None},
        )
        for i in info.indexes
    )
    spec = ModelSpec(info.name, info.name, fields, key, indexes, managed=info.kind == "table")
    return DiscoveredModel(spec, info, info.kind, owner, info.base, info.columns)


def _field(column: ColumnInfo, types: Mapping[str, Sequence[tuple[str, str]]]) -> FieldSpec:
    cql = parse(column.native_type)
    hints: dict[str, Any] = {}
    if column.facts.get("kind") == "static":
        hints["static"] = True
    if cql.multicell:
        hints["frozen"] = False
    return FieldSpec(
        column.name,
        column.name,
        _neutral(cql, types),
        nullable=column.nullable,
        hints={"cassandra": hints} if hints else {},
    )


def _neutral(cql: CqlType, types: Mapping[str, Sequence[tuple[str, str]]]) -> TypeSpec:
    """The neutral type of a column; a user-defined type is an embedded model."""
    if cql.user and cql.name in types:
        inner = tuple(
            FieldSpec(name, name, _neutral(parse(text), types)) for name, text in types[cql.name]
        )
        model = ModelSpec(cql.name, cql.name, inner, KeySpec(()))
        return TypeSpec(TypeKind.EMBEDDED, model=model)
    spec = neutral_of(cql)
    if cql.name in {"list", "set"} and cql.args[0].user:
        return evolve(spec, of=_neutral(cql.args[0], types))
    if cql.name == "map" and cql.args[1].user:
        return evolve(spec, of=_neutral(cql.args[1], types))
    if cql.name == "tuple":
        return evolve(spec, items=tuple(_neutral(arg, types) for arg in cql.args))
    return spec
