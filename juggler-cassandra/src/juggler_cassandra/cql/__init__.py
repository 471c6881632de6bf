"""CQL text: names always quoted, values always bind markers (``?``); pure, no driver."""

from __future__ import annotations

from juggler_cassandra.cql import _ddl as ddl
from juggler_cassandra.cql._names import literal, quoted, table_name
from juggler_cassandra.cql._select import Cql, Read, Tokens, count, select
from juggler_cassandra.cql._write import (
    Assign,
    If,
    batch,
    delete,
    delete_slice,
    insert,
    update,
)

__all__ = [
    "Assign",
    "Cql",
    "If",
    "Read",
    "Tokens",
    "batch",
    "count",
    "ddl",
    "delete",
    "delete_slice",
    "insert",
    "literal",
    "quoted",
    "select",
    "table_name",
    "update",
]
