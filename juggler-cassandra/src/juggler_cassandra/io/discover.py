"""Tables and views that are there, as models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from juggler.connector import DiscoveredModel, Discovery
from juggler.errors import SchemaMissingError, did_you_mean
from juggler.spec import FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values.types import TypeKind, TypeSpec
from juggler_cassandra.bind_types import type_problems
from juggler_cassandra.declared import INDEX_OPTIONS, KINDS
from juggler_cassandra.io.errors import NAME
from juggler_cassandra.io.schema_read import keyspace_rows, relations_of, rows
from juggler_cassandra.types import neutral_of, parse, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from juggler.connector import DiscoverRequest, OpContext
    from juggler.spec import IndexInfo, RelationInfo
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.types import CqlType

    #: Fields of the user-defined types, (name, CQL type), by the types' names.
    Types = Mapping[str, Sequence[tuple[str, str]]]

_SYSTEM: Final = ("system", "system_")
#: Options of a table that a model repeats, and what they are when nobody said anything.
_USUAL: Final = {"comment": "", "default_time_to_live": 0, "gc_grace_seconds": 864_000}
#: The same of how its files are merged: (entry, value).
_USUALLY_MERGED: Final = frozenset({
    ("class", "SizeTieredCompactionStrategy"), ("min_threshold", "4"), ("max_threshold", "32"),
})  # fmt: skip


async def discover(session: Session, request: DiscoverRequest, ctx: OpContext) -> Discovery:
    """The tables, and with ``views`` the views, of a keyspace; the owner is the keyspace."""
    owners = [request.owner or session.keyspace]
    if request.all_owners:
        owners = [name for name in await _keyspaces(session, ctx) if not name.startswith(_SYSTEM)]
    models: list[DiscoveredModel] = []
    for owner in owners:
        raw = await keyspace_rows(session, owner, ctx)
        if not raw["keyspaces"]:
            raise SchemaMissingError(
                f"there is no keyspace {owner!r}",
                hint=did_you_mean(owner, await _keyspaces(session, ctx)),
                connector=NAME,
            )
        types = {
            row["type_name"]: tuple(zip(row["field_names"], row["field_types"], strict=True))
            for row in raw["types"]
        }
        for name, info in sorted(relations_of(raw).items()):
            wanted = request.names is None or name in request.names
            if wanted and (request.views or info.kind == "table"):
                models.append(_model(info, owner, types))
    stop = None if request.limit is None else request.offset + request.limit
    page = models[request.offset : stop]
    return Discovery(page, notes=tuple(note for model in page for note in _notes(model)))


async def _keyspaces(session: Session, ctx: OpContext) -> list[str]:
    found = await rows(session, "SELECT keyspace_name FROM system_schema.keyspaces", (), ctx)
    return sorted(row["keyspace_name"] for row in found)


def _notes(found: DiscoveredModel) -> Iterator[str]:
    """What a model leaves out."""
    name = found.relation.name
    for column in found.columns:
        if column.name not in found.spec.field:
            yield f"{name}.{column.name} is left out: no property is {column.native_type}"
    for index in found.relation.indexes:
        if index.kind not in KINDS:
            yield f"index {index.name} of {name} is left out: it is of a class of its own"


def _model(info: RelationInfo, owner: str, types: Types) -> DiscoveredModel:
    key = info.key or KeySpec(())
    fields = tuple(
        _field(
            column.name,
            column.native_type,
            types,
            # A part of a key may be an empty text, which `required` would refuse.
            nullable=column.nullable or len(key.names) > 1,
            static=column.facts.get("kind") == "static",
        )
        for column in info.columns
        if column.name in key.names or _sayable(parse(column.native_type))
    )
    fields = tuple(f for f in fields if f.name in key.names or not _problems(f))
    indexes = tuple(_index(index) for index in info.indexes if index.kind in KINDS)
    spec = ModelSpec(
        info.name,
        info.name,
        fields,
        key,
        indexes,
        managed=info.kind == "table",
        options=_options(info),
    )
    return DiscoveredModel(spec, info, info.kind, owner, info.base, info.columns)


def _options(info: RelationInfo) -> dict[str, Any]:
    """Options of the table that are not what every table has."""
    actual: Mapping[str, Any] = info.facts.get("options") or {}
    if info.kind != "table":
        return {}
    found = {
        name: actual[name] for name, usual in _USUAL.items() if actual.get(name, usual) != usual
    }
    merged = {
        name: str(value).removeprefix("org.apache.cassandra.db.compaction.")
        for name, value in (actual.get("compaction") or {}).items()
    }
    return found | ({"compaction": merged} if merged.items() - _USUALLY_MERGED else {})


def _problems(field: FieldSpec) -> list[str]:
    """Why no model can have a property, such as a type whose fields have odd names."""
    return list(type_problems(ModelSpec("", "", (field,), KeySpec(()))))


def _index(index: IndexInfo) -> IndexSpec:
    options: dict[str, Any] = {"kind": index.kind}
    if index.facts.get("target"):
        options["target"] = index.facts["target"]
    given: Mapping[str, str] = index.facts.get("options") or {}
    options |= {name: value for name, value in given.items() if name in INDEX_OPTIONS}
    others = {name: value for name, value in given.items() if name not in INDEX_OPTIONS}
    if others:
        options["options"] = others
    return IndexSpec(index.name, index.keys, options=options)


def _field(
    name: str, text: str, types: Types, *, nullable: bool = True, static: bool = False
) -> FieldSpec:
    """A column, or a field of a user-defined type; options make it the same column again."""
    cql = parse(text)
    spec = _neutral(cql, types)
    made = type_of(spec)
    hints: dict[str, Any] = {}
    if static:
        hints["static"] = True
    if cql.multicell and evolve(made, frozen=False) == cql:
        hints["frozen"] = False
    elif made != cql:
        hints["dataType"] = str(cql)
    return FieldSpec(
        name, name, spec, nullable=nullable, hints={"cassandra": hints} if hints else {}
    )


def _neutral(cql: CqlType, types: Types) -> TypeSpec:
    """The neutral type of a column; a user-defined type is an embedded model."""
    if cql.user and cql.name in types:
        inner = tuple(_field(name, text, types) for name, text in types[cql.name])
        return TypeSpec(TypeKind.EMBEDDED, model=ModelSpec(cql.name, cql.name, inner, KeySpec(())))
    if cql.name in {"list", "map"} and cql.args[-1].has_user:
        return evolve(neutral_of(cql), of=_neutral(cql.args[-1], types))
    return neutral_of(cql)


def _sayable(cql: CqlType) -> bool:
    """Whether a model has such a type: lists and maps hold embedded models, sets and tuples not."""
    if cql.user or not cql.has_user:
        return True
    inside = cql.name in {"list", "map"} and not any(arg.has_user for arg in cql.args[:-1])
    return inside and _sayable(cql.args[-1])
