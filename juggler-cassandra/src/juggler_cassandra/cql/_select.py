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
        filtering: whether this read needs ALLOW FILTERING even where its branch does not.
    """

    restrictions: tuple[Restriction, ...] = ()
    tokens: Tokens | None = None
    order: tuple[tuple[str, bool], ...] = ()
    filtering: bool = False


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
    """The statement that counts the rows of one read."""
    return _statement(branch, read, (), None, keyspace)


@frozen
class _Shape:
    """What a statement's text depends on."""

    relation: str
    columns: tuple[str, ...]
    conditions: tuple[tuple[str, Operator], ...]
    keys: tuple[str, ...]
    above: str
    upto: bool
    order: tuple[tuple[str, bool], ...]
    limit: bool
    filtering: bool


def _statement(
    branch: Branch, read: Read, columns: tuple[str, ...], limit: int | None, keyspace: str | None
) -> Cql:
    tokens = read.tokens or Tokens()
    shape = _Shape(
        relation=table_name(branch.relation, keyspace),
        columns=columns,
        conditions=tuple((r.column, r.operator) for r in read.restrictions),
        keys=branch.keys,
        above=_mark(tokens.above, len(branch.keys)),
        upto=tokens.upto is not None,
        order=read.order,
        limit=limit is not None,
        filtering=branch.filtering or read.filtering,
    )
    values = [value for r in read.restrictions for value in _markers(r.operator, r.value)]
    if tokens.above is not None:
        values += (tokens.above,) if isinstance(tokens.above, int) else tokens.above
    values += [value for value in (tokens.upto, limit) if value is not None]
    return Cql(_text(shape), tuple(values))


def _mark(above: int | tuple[Any, ...] | None, size: int) -> str:
    if above is None:
        return ""
    return "?" if isinstance(above, int) else f"token({', '.join('?' * size)})"


def _markers(operator: Operator, value: Any) -> tuple[Any, ...]:
    if operator == "ENTRY":
        return tuple(value)
    return (list(value),) if operator == "IN" else (value,)


@lru_cache(maxsize=1024)
def _text(shape: _Shape) -> str:
    terms = [_condition(column, operator) for column, operator in shape.conditions]
    token = f"token({', '.join(map(quoted, shape.keys))})"
    if shape.above:
        terms.append(f"{token} > {shape.above}")
    if shape.upto:
        terms.append(f"{token} <= ?")
    names = ", ".join(map(quoted, shape.columns)) or "count(*)"
    parts = [f"SELECT {names} FROM {shape.relation}"]  # noqa: S608 - quoted names, markers
    if terms:
        parts.append("WHERE " + " AND ".join(terms))
    if shape.order:
        ways = (f"{quoted(column)} {'DESC' if down else 'ASC'}" for column, down in shape.order)
        parts.append("ORDER BY " + ", ".join(ways))
    if shape.limit:
        parts.append("LIMIT ?")
    if shape.filtering:
        parts.append("ALLOW FILTERING")
    return " ".join(parts)


def _condition(column: str, operator: Operator) -> str:
    if operator == "ENTRY":
        return f"{quoted(column)}[?] = ?"
    return f"{quoted(column)} {operator} ?"
