"""Models from an existing database: tables, views, columns, keys, foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import DiscoveredModel, Discovery, ForeignKey
from juggler.spec import FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values.types import TypeKind as K
from juggler.values.types import simple
from juggler_sqlite._rows import COLUMN, quoted
from juggler_sqlite._schema import read

if TYPE_CHECKING:
    import sqlite3

    from juggler.connector import DiscoverRequest
    from juggler.spec import RelationInfo

OWNER = "main"
#: The columns that this connector makes, and the words of other people's tables.
_KINDS: dict[str, K] = {
    **{text: kind for kind, text in reversed(COLUMN.items())},
    "TEXT": K.STRING,
    "INTEGER": K.INTEGER,
    "JSON_TEXT": K.ANY,
    "INT": K.INTEGER,
    "BIGINT": K.INTEGER,
    "SMALLINT": K.INTEGER,
    "BOOLEAN": K.BOOLEAN,
    "REAL": K.NUMBER,
    "FLOAT": K.NUMBER,
    "DOUBLE": K.NUMBER,
    "NUMERIC": K.NUMBER,
    "": K.ANY,
}


def discover(db: sqlite3.Connection, request: DiscoverRequest) -> Discovery:
    """The tables (and views) asked for, and every foreign key among them."""
    if request.owner not in {None, OWNER}:
        return Discovery()
    found = [
        info
        for name, info in sorted(read(db).relations.items())
        if (request.views or info.kind == "table")
        and (request.names is None or name in request.names)
    ]
    stop = None if request.limit is None else request.offset + request.limit
    chosen = found[request.offset : stop]
    keys = [key for info in read(db).relations.values() for key in _foreign_keys(db, info.name)]
    return Discovery([_model(info) for info in chosen], keys)


def _model(info: RelationInfo) -> DiscoveredModel:
    fields = tuple(
        FieldSpec(c.name, c.name, simple(_kind(c.native_type)), nullable=c.nullable)
        for c in info.columns
    )
    key = info.key or KeySpec(())
    indexes = tuple(IndexSpec(i.name, i.keys, i.unique) for i in info.indexes)
    spec = ModelSpec(info.name, info.name, fields, key, indexes, managed=info.kind == "table")
    return DiscoveredModel(spec, info, info.kind, OWNER, None, info.columns)


def _kind(native: str) -> K:
    word = native.upper().partition("(")[0].strip()
    if word.endswith(("CHAR", "CLOB")):
        return K.STRING
    return _KINDS.get(word, K.ANY)


def _foreign_keys(db: sqlite3.Connection, table: str) -> list[ForeignKey]:
    rows = db.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    out = []
    for number, seq, target, own, theirs, *_ in sorted(rows):
        ref = theirs or next(
            row[1]
            for row in db.execute(f"PRAGMA table_info({quoted(target)})")
            if row[5] == seq + 1
        )
        out.append(
            ForeignKey(f"{table}_fk{number}", table, own, target, ref, seq + 1, OWNER, OWNER)
        )
    return out
