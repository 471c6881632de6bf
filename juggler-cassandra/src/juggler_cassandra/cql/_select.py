"""SELECT statements of branches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler_cassandra.cql._names import quoted, table_name

if TYPE_CHECKING:
    from juggler_cassandra.planning.access import Branch, Operator, Restriction


@frozen
class Cql:
    """A statement's text and the values of its markers, in their order; the text is its shape."""

    text: str
    values: tuple[Any, ...] = ()


@frozen
class Tokens:
    """Bounds on the partition's token.

    Attributes:
        above: only tokens above this one: a number, or the values of the partition columns of which
            it is the token.
        upto: only tokens up to and with this one.
    """

    above: int | tuple[Any, ...] | None = None
    upto: int | None = None


@frozen
class Read:
    """One SELECT of a branch.

    Attributes:
        restrictions: all conditions, the partition's included, each column with at most one lower
            and one upper bound.
        tokens: bounds of a read in token order.
        order: (column, descending) to say in ORDER BY; empty for the table's own order.
    """

    restrictions: tuple[Restriction, ...] = ()
    tokens: Tokens | None = None
    order: tuple[tuple[str, bool], ...] = ()


def select(
    branch: Branch, read: Read, *, limit: int | None = None, keyspace: str | None = None
) -> Cql:
    """The statement of one read.

    Args:
        branch: what to select from where.
        read: which rows (``keyset`` makes it).
        limit: rows that are enough; bound as the last marker.
        keyspace: of the relation, where the session has no other.

    Returns:
        ``SELECT "a", "b" FROM "t" WHERE … ORDER BY … LIMIT ? ALLOW FILTERING`` and its values.
    """
    return _statement(branch, read, branch.columns, limit, keyspace)


def count(branch: Branch, read: Read, *, keyspace: str | None = None) -> Cql:
    """``SELECT count(*)`` of one read."""
    return _statement(branch, read, (), None, keyspace)


def _statement(
    branch: Branch, read: Read, columns: tuple[str, ...], limit: int | None, keyspace: str | None
) -> Cql:
    shape = tuple((r.column, r.operator) for r in read.restrictions)
    tokens = read.tokens or Tokens()
    text = _text(
        table_name(branch.relation, keyspace),
        columns,
        shape,
        branch.keys,
        None if tokens.above is None else "number" if isinstance(tokens.above, int) else "key",
        tokens.upto is not None,
        read.order,
        limit is not None,
        branch.filtering,
    )
    values = [value for r in read.restrictions for value in _markers(r.operator, r.value)]
    if tokens.above is not None:
        values += (tokens.above,) if isinstance(tokens.above, int) else tokens.above
    if tokens.upto is not None:
        values.append(tokens.upto)
    if limit is not None:
        values.append(limit)
    return Cql(text, tuple(values))


def _markers(operator: Operator, value: Any) -> tuple[Any, ...]:
    if operator == "ENTRY":
        return tuple(value)
    return (list(value),) if operator == "IN" else (value,)


@lru_cache(maxsize=1024)
def _text(
    relation: str,
    columns: tuple[str, ...],
    shape: tuple[tuple[str, Operator], ...],
    keys: tuple[str, ...],
    above: str | None,
    upto: bool,  # noqa: FBT001 - part of a cache's key
    order: tuple[tuple[str, bool], ...],
    limit: bool,  # noqa: FBT001 - as upto
    filtering: bool,  # noqa: FBT001 - as upto
) -> str:
    terms = [_condition(column, operator) for column, operator in shape]
    token = f"token({', '.join(map(quoted, keys))})"
    if above is not None:
        mark = "?" if above == "number" else f"token({', '.join('?' * len(keys))})"
        terms.append(f"{token} > {mark}")
    if upto:
        terms.append(f"{token} <= ?")
    parts = [f"SELECT {', '.join(map(quoted, columns)) or 'count(*)'} FROM {relation}"]
    if terms:
        parts.append("WHERE " + " AND ".join(terms))
    if order:
        ways = (f"{quoted(column)} {'DESC' if down else 'ASC'}" for column, down in order)
        parts.append("ORDER BY " + ", ".join(ways))
    if limit:
        parts.append("LIMIT ?")
    if filtering:
        parts.append("ALLOW FILTERING")
    return " ".join(parts)


def _condition(column: str, operator: Operator) -> str:
    if operator == "ENTRY":
        return f"{quoted(column)}[?] = ?"
    return f"{quoted(column)} {operator} ?"
