"""CREATE, ALTER and DROP texts of keyspaces, types, tables, indexes and views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from juggler_cassandra.cql._names import literal, quoted, table_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from juggler.spec import ColumnInfo, IndexInfo, KeySpec, RelationInfo

_CLASSES: Final = {"sai": "sai", "sasi": "org.apache.cassandra.index.sasi.SASIIndex"}


def create_keyspace(name: str, replication: Mapping[str, Any]) -> str:
    """``CREATE KEYSPACE … WITH replication = {…}``."""
    return f"CREATE KEYSPACE IF NOT EXISTS {quoted(name)} WITH replication = {_value(replication)}"


def create_type(name: str, fields: Iterable[tuple[str, str]], keyspace: str | None) -> str:
    """``CREATE TYPE … (field type, …)``."""
    inside = ", ".join(f"{quoted(field)} {text}" for field, text in fields)
    return f"CREATE TYPE {table_name(name, keyspace)} ({inside})"


def add_field(name: str, field: str, text: str, keyspace: str | None) -> str:
    """``ALTER TYPE … ADD field type``."""
    return f"ALTER TYPE {table_name(name, keyspace)} ADD {quoted(field)} {text}"


def create_table(info: RelationInfo, keyspace: str | None) -> str:
    """``CREATE TABLE …`` with its key, clustering order and options."""
    key = info.key
    columns = [_column(column) for column in info.columns]
    primary = _primary_key(key) if key else ""
    options = [*_clustering(key), *_options(info.facts.get("options") or {})]
    tail = f" WITH {' AND '.join(options)}" if options else ""
    inside = ", ".join([*columns, f"PRIMARY KEY {primary}"])
    return f"CREATE TABLE {table_name(info.name, keyspace)} ({inside}){tail}"


def create_view(info: RelationInfo, base: str, keyspace: str | None) -> str:
    """``CREATE MATERIALIZED VIEW … AS SELECT … FROM … WHERE … IS NOT NULL PRIMARY KEY …``."""
    key = info.key
    names = key.names if key else ()
    columns = ", ".join(quoted(column.name) for column in info.columns)
    there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    options = _clustering(key, always=True)  # a view inherits its base's directions otherwise
    tail = f" WITH {' AND '.join(options)}" if options else ""
    select = f"SELECT {columns} FROM {table_name(base, keyspace)} WHERE {there}"  # noqa: S608 - quoted
    primary = _primary_key(key) if key else ""
    name = table_name(info.name, keyspace)
    return f"CREATE MATERIALIZED VIEW {name} AS {select} PRIMARY KEY {primary}{tail}"


def create_index(info: IndexInfo, table: str, keyspace: str | None) -> str:
    """``CREATE [CUSTOM] INDEX … ON … (…) USING … WITH OPTIONS = {…}``."""
    column = quoted(info.keys[0][0])
    target = info.facts.get("target")
    place = f"{target}({column})" if target else column
    name, on = quoted(info.name), table_name(table, keyspace)
    options = dict(info.facts.get("options") or {})
    using = _CLASSES.get(info.kind)
    word = "CREATE CUSTOM INDEX" if info.kind == "sasi" else "CREATE INDEX"
    text = f"{word} {name} ON {on} ({place})"
    text += f" USING {literal(using)}" if using else " USING 'legacy_local_table'"
    return text + (f" WITH OPTIONS = {_value(options)}" if options else "")


def add_column(table: str, column: ColumnInfo, keyspace: str | None) -> str:
    """``ALTER TABLE … ADD column type [STATIC]``."""
    return f"ALTER TABLE {table_name(table, keyspace)} ADD {_column(column)}"


def drop_column(table: str, column: str, keyspace: str | None) -> str:
    """``ALTER TABLE … DROP column``."""
    return f"ALTER TABLE {table_name(table, keyspace)} DROP {quoted(column)}"


def rename_column(table: str, old: str, new: str, keyspace: str | None) -> str:
    """``ALTER TABLE … RENAME old TO new``, of key columns alone."""
    return f"ALTER TABLE {table_name(table, keyspace)} RENAME {quoted(old)} TO {quoted(new)}"


def alter_table(table: str, options: Mapping[str, Any], keyspace: str | None) -> str:
    """``ALTER TABLE … WITH option = value AND …``."""
    return f"ALTER TABLE {table_name(table, keyspace)} WITH {' AND '.join(_options(options))}"


def drop(what: str, name: str, keyspace: str | None) -> str:
    """``DROP TABLE | INDEX | MATERIALIZED VIEW | TYPE …``."""
    return f"DROP {what} {table_name(name, keyspace)}"


def _column(column: ColumnInfo) -> str:
    static = " STATIC" if column.facts.get("kind") == "static" else ""
    return f"{quoted(column.name)} {column.native_type}{static}"


def _primary_key(key: KeySpec) -> str:
    partition = ", ".join(map(quoted, key.partition))
    return f"({', '.join([f'({partition})', *(quoted(name) for name, _ in key.clustering)])})"


def _clustering(key: KeySpec | None, *, always: bool = False) -> list[str]:
    if key is None or not key.clustering:
        return []
    if not always and all(way == "asc" for _, way in key.clustering):
        return []
    ways = ", ".join(f"{quoted(name)} {way.upper()}" for name, way in key.clustering)
    return [f"CLUSTERING ORDER BY ({ways})"]


def _options(options: Mapping[str, Any]) -> Sequence[str]:
    return [f"{name} = {_value(value)}" for name, value in sorted(options.items())]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{literal(str(k))}: {_map_value(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    return literal(str(value))


def _map_value(value: Any) -> str:
    return literal(str(value).lower() if isinstance(value, bool) else str(value))
