"""Names and literals in CQL text."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name in double quotes: case and every character are kept."""
    return '"' + name.replace('"', '""') + '"'


def table_name(relation: str, keyspace: str | None = None) -> str:
    """A table's or view's name, with its keyspace where one is given."""
    return f"{quoted(keyspace)}.{quoted(relation)}" if keyspace else quoted(relation)


def literal(text: str) -> str:
    """A text constant, for the options of statements that take no markers."""
    return "'" + text.replace("'", "''") + "'"
