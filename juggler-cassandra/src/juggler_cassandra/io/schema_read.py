"""What the keyspace holds, as ``system_schema`` tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.connector import ServerInfo
from juggler.errors import JugglerError
from juggler.spec import ColumnInfo, KeySpec, RelationInfo, StoreSchema
from juggler_cassandra.cql import quoted, table_name
from juggler_cassandra.declared import TABLE_OPTIONS
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.indexes import index_info
from juggler_cassandra.io.session import bind, time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from juggler.connector import OpContext
    from juggler.spec import ModelSpec
    from juggler_cassandra.io.session import Session


_SWITCHES: Final = (
    "materialized_views_enabled", "sasi_indexes_enabled", "secondary_indexes_enabled",
    "allow_filtering_enabled", "drop_truncate_table_enabled",
)  # fmt: skip
#: Rows of a page: most keyspaces have fewer columns.
_ALL: Final = 5000
_OF_KEYSPACE: Final = "WHERE keyspace_name = ?"
_TABLES: Final = {
    "keyspaces": "system_schema.keyspaces",
    "tables": "system_schema.tables",
    "views": "system_schema.views",
    "columns": "system_schema.columns",
    "dropped": "system_schema.dropped_columns",
    "indexes": "system_schema.indexes",
    "types": "system_schema.types",
    "built_views": "system.built_views",
}
_QUERIES: Final = {
    **{name: f"SELECT * FROM {table} {_OF_KEYSPACE}" for name, table in _TABLES.items()},  # noqa: S608 - ours
    "built_indexes": 'SELECT index_name FROM system."IndexInfo" WHERE table_name = ?',
}
_SETTINGS: Final = "SELECT name, value FROM system_views.settings WHERE name IN ?"


async def ping(session: Session, ctx: OpContext) -> ServerInfo:
    """Version, switches and where the node is."""
    (local,) = await rows(
        session, "SELECT release_version, cql_version, data_center FROM system.local", (), ctx
    )
    switches = await _switches(session, ctx)
    features = {"sai"} if _major(local["release_version"]) >= 5 else set()  # noqa: PLR2004 - SAI
    features |= {name.removesuffix("_enabled") for name, on in switches.items() if on}
    return ServerInfo(
        "Cassandra",
        local["release_version"],
        frozenset(features),
        {"data_center": local["data_center"], "cql": local["cql_version"]},
    )


def _major(version: str) -> int:
    head = version.partition(".")[0]
    return int(head) if head.isdigit() else 0


async def rows(
    session: Session, text: str, values: Sequence[Any], ctx: OpContext
) -> list[dict[str, Any]]:
    """All rows of a read of the node that answers, by column name."""
    prepared = await session.prepare(text, ctx)
    ctx.note(text, values)
    found: list[dict[str, Any]] = []
    state = None
    while True:
        bound = bind(prepared, values, errors.reading)
        answer = await ctx.wait(session.request(bound, level("ONE"), ctx, size=_ALL, state=state))
        names = answer.names
        found += [dict(zip(names, row, strict=True)) for row in answer.rows]
        state = answer.more
        if state is None:
            return found


async def _switches(session: Session, ctx: OpContext) -> dict[str, bool]:
    try:
        found = await rows(session, _SETTINGS, (list(_SWITCHES),), ctx)
    except JugglerError:  # older servers have no such table, and some users may not read it
        return {}
    return {row["name"]: str(row["value"]).lower() == "true" for row in found}


async def read_schema(
    session: Session, models: Sequence[ModelSpec] | None, ctx: OpContext
) -> StoreSchema:
    """Tables with their views, for some models or (None) all of the keyspace."""
    raw = await keyspace_rows(session, session.keyspace, ctx)
    relations = relations_of(raw)
    profile = {
        "product": "Cassandra",
        "keyspace": session.keyspace,
        "keyspace_exists": bool(raw["keyspaces"]),
        "replication": dict(raw["keyspaces"][0]["replication"]) if raw["keyspaces"] else {},
        "types": {
            row["type_name"]: tuple(zip(row["field_names"], row["field_types"], strict=True))
            for row in raw["types"]
        },
        "index_names": {row["index_name"]: row["table_name"] for row in raw["indexes"]},
        "relation_names": tuple(sorted(relations)),
        "settings": await _switches(session, ctx),
    }
    if models is not None:
        names = {name for model in models for name in _names(model)}
        relations = {
            name: info
            for name, info in relations.items()
            if name in names or (info.base is not None and info.base in names)
        }
        for model in models:
            info = relations.get(model.storage_name)
            if info is not None and info.kind == "table":
                info.facts["empty"] = await _is_empty(session, info, ctx)  # type: ignore[index]
    return StoreSchema(relations, profile)


def _names(model: ModelSpec) -> Iterable[str]:
    yield model.storage_name
    for view in model.views:
        yield view.storage_name


async def _is_empty(session: Session, info: RelationInfo, ctx: OpContext) -> bool:
    key = info.key.names[0] if info.key else info.columns[0].name
    table = table_name(info.name, session.keyspace)
    try:
        answer = await session.read(
            f"SELECT {quoted(key)} FROM {table} LIMIT 1",  # noqa: S608 - quoted names
            (),
            session.settings.read_level("default"),
            ctx,
        )
    except JugglerError:  # a table that cannot be read is not known to be empty
        return False
    return not answer.rows


# ---------------------------------------------------------------- one keyspace


async def keyspace_rows(
    session: Session, keyspace: str, ctx: OpContext
) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``system_schema`` about a keyspace."""
    prepared = [await session.prepare(text, ctx) for text in _QUERIES.values()]
    ctx.note("system_schema: keyspace, tables, views, columns, indexes, types", (keyspace,))
    seconds, one = time_of(ctx), level("ONE")
    window = session.window(
        lambda i: session.send(prepared[i].bind((keyspace,)), one, seconds, size=_ALL),
        len(prepared),
        errors.reading,
        len(prepared),
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for (name, text), answer in zip(_QUERIES.items(), await ctx.wait(window), strict=True):
        if isinstance(answer, BaseException):
            raise answer
        if answer.more is not None:
            found[name] = await rows(session, text, (keyspace,), ctx)
        else:
            names = answer.names
            found[name] = [dict(zip(names, row, strict=True)) for row in answer.rows]
    return found


def relations_of(raw: Mapping[str, list[dict[str, Any]]]) -> dict[str, RelationInfo]:
    """The tables and views of a keyspace by name."""
    found: dict[str, RelationInfo] = {}
    built_views = {row["view_name"] for row in raw["built_views"]}
    for row in raw["tables"]:
        name = row["table_name"]
        options = {k: v for k, v in row.items() if k in TABLE_OPTIONS}
        facts: dict[str, Any] = {"options": options, "dropped": _dropped(raw, name)}
        found[name] = _relation(raw, name, None, facts)
    for row in raw["views"]:
        name = row["view_name"]
        facts = {"where": row["where_clause"], "all": row["include_all_columns"]}
        if name not in built_views:
            facts["building"] = True
        found[name] = _relation(raw, name, row["base_table_name"], facts)
    return found


def _relation(
    raw: Mapping[str, list[dict[str, Any]]], name: str, base: str | None, facts: dict[str, Any]
) -> RelationInfo:
    columns = [row for row in raw["columns"] if row["table_name"] == name]
    partition = _sorted(columns, "partition_key")
    clustering = _sorted(columns, "clustering")
    key = KeySpec(
        tuple(row["column_name"] for row in partition),
        tuple((row["column_name"], row["clustering_order"]) for row in clustering),
    )
    others = [row for row in columns if row["kind"] not in {"partition_key", "clustering"}]
    others.sort(key=lambda row: row["column_name"])
    built = {row["index_name"] for row in raw["built_indexes"]}
    indexes = tuple(
        index_info(
            row["index_name"],
            row["kind"],
            row["options"] or {},
            building=row["index_name"] not in built,
        )
        for row in raw["indexes"]
        if row["table_name"] == name
    )
    infos = tuple(
        ColumnInfo(
            row["column_name"],
            row["type"],
            nullable=row["kind"] in {"regular", "static"},
            facts={"kind": row["kind"]},
        )
        for row in (*partition, *clustering, *others)
    )
    kind: Any = "table" if base is None else "view"
    return RelationInfo(name, kind, infos, key, indexes, base=base, facts=facts)


def _sorted(columns: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found = [row for row in columns if row["kind"] == kind]
    return sorted(found, key=lambda row: row["position"])


def _dropped(raw: Mapping[str, list[dict[str, Any]]], name: str) -> dict[str, Any]:
    return {
        row["column_name"]: {"type": row["type"], "kind": row["kind"]}
        for row in raw["dropped"]
        if row["table_name"] == name
    }
