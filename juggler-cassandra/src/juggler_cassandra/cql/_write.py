"""INSERT, UPDATE, DELETE and BATCH texts; the order of their markers is in each docstring."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from juggler_cassandra.cql._names import quoted, table_name

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How an assignment changes its column.
How: TypeAlias = Literal["set", "add", "remove", "prepend", "entry"]


@frozen
class If:
    """The condition of a light-weight transaction.

    ``If()`` is IF EXISTS; ``If("v")`` is IF "v" = ?, where the value must not be null (that is true
    for a row that is not there).
    """

    column: str | None = None

    def text(self) -> str:
        """The clause with its marker."""
        return "IF EXISTS" if self.column is None else f"IF {quoted(self.column)} = ?"


@frozen
class Assign:
    """An assignment of UPDATE.

    ``set`` is ``c = ?``; ``add`` is ``c = c + ?`` (elements, entries, a counter's step); ``remove``
    is ``c = c - ?``; ``prepend`` is ``c = ? + c``; ``entry`` is ``c[?] = ?``.
    """

    column: str
    how: How = "set"

    def text(self) -> str:
        """The assignment with its markers."""
        name = quoted(self.column)
        match self.how:
            case "add":
                return f"{name} = {name} + ?"
            case "remove":
                return f"{name} = {name} - ?"
            case "prepend":
                return f"{name} = ? + {name}"
            case "entry":
                return f"{name}[?] = ?"
            case _:
                return f"{name} = ?"


@lru_cache(maxsize=1024)
def insert(
    table: str,
    columns: tuple[str, ...],
    *,
    absent: bool = False,
    ttl: bool = False,
    timestamp: bool = False,
    keyspace: str | None = None,
) -> str:
    """``INSERT … VALUES (…) IF NOT EXISTS USING TTL ? AND TIMESTAMP ?``.

    Markers: the columns in their order, time to live, timestamp.  UNSET may be bound for a column
    that is not to be touched (no tombstone).
    """
    names = ", ".join(map(quoted, columns))
    marks = ", ".join("?" * len(columns))
    into = table_name(table, keyspace)
    text = f"INSERT INTO {into} ({names}) VALUES ({marks})"  # noqa: S608 - quoted, markers
    return text + (" IF NOT EXISTS" if absent else "") + _using(ttl=ttl, timestamp=timestamp)


@lru_cache(maxsize=1024)
def update(
    table: str,
    assigns: tuple[Assign, ...],
    keys: tuple[str, ...],
    *,
    condition: If | None = None,
    ttl: bool = False,
    timestamp: bool = False,
    keyspace: str | None = None,
) -> str:
    """``UPDATE … USING TTL ? AND TIMESTAMP ? SET … WHERE … IF …``.

    Markers: time to live, timestamp, the assignments' values, the key's, the condition's.
    """
    sets = ", ".join(assign.text() for assign in assigns)
    using = _using(ttl=ttl, timestamp=timestamp)
    into = table_name(table, keyspace)
    text = f"UPDATE {into}{using} SET {sets} WHERE {_place(keys)}"  # noqa: S608 - as insert
    return text + _if(condition)


@lru_cache(maxsize=1024)
def delete(
    table: str,
    keys: tuple[str, ...],
    *,
    columns: tuple[str, ...] = (),
    condition: If | None = None,
    timestamp: bool = False,
    keyspace: str | None = None,
) -> str:
    """``DELETE … FROM … USING TIMESTAMP ? WHERE … IF …``.

    Without ``columns`` the whole row.  Markers: timestamp, the key's values, the condition's.
    """
    names = ", ".join(map(quoted, columns))
    what = f"DELETE {names} FROM" if names else "DELETE FROM"
    using = _using(ttl=False, timestamp=timestamp)
    text = f"{what} {table_name(table, keyspace)}{using} WHERE {_place(keys)}"
    return text + _if(condition)


@lru_cache(maxsize=1024)
def delete_slice(
    table: str,
    restrictions: tuple[tuple[str, str], ...],
    *,
    timestamp: bool = False,
    keyspace: str | None = None,
) -> str:
    """``DELETE FROM … USING TIMESTAMP ? WHERE "p" = ? AND "c" > ?``: a partition or a part of it.

    ``restrictions`` are (column, operator) pairs: every partition column with ``=``, then a prefix
    of the clustering with ``=`` and at most one range.  Markers: timestamp, then their values.
    """
    place = " AND ".join(f"{quoted(column)} {operator} ?" for column, operator in restrictions)
    using = _using(ttl=False, timestamp=timestamp)
    return f"DELETE FROM {table_name(table, keyspace)}{using} WHERE {place}"  # noqa: S608 - as insert


def batch(
    texts: Iterable[str], *, kind: Literal["UNLOGGED", "LOGGED", "COUNTER"] = "UNLOGGED"
) -> str:
    """One statement of several; their markers in their order.

    All of them get one timestamp: a row must not be written twice in a batch.
    """
    word = "" if kind == "LOGGED" else f"{kind} "
    return f"BEGIN {word}BATCH {'; '.join(texts)}; APPLY BATCH"


def _place(keys: tuple[str, ...]) -> str:
    return " AND ".join(f"{quoted(name)} = ?" for name in keys)


def _using(*, ttl: bool, timestamp: bool) -> str:
    given = [text for text, on in (("TTL ?", ttl), ("TIMESTAMP ?", timestamp)) if on]
    return f" USING {' AND '.join(given)}" if given else ""


def _if(condition: If | None) -> str:
    return "" if condition is None else f" {condition.text()}"
