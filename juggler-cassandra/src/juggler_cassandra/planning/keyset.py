"""Where a branch begins and how it goes on after a row, in CQL's own order.

A page ends at a row; the next one begins strictly after it, whatever was written or deleted in
between.  After a row in a partition come the rows that share all clustering columns but the last,
then those that share all but the last two, and so on: one statement each, in this order, because
CQL has no comparison of several columns in mixed directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler_cassandra.cql import Read, Tokens
from juggler_cassandra.planning.access import Clustered, Points, Restriction, Ring, Slices
from juggler_cassandra.planning.native_order import order_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler_cassandra.planning.access import Operator

#: Rows asked of a range of tokens at least, where several are read at the same time: a request
#: costs about as much as a hundred rows.
SHARE: Final = 500
_LOW, _HIGH = frozenset({">", ">="}), frozenset({"<", "<="})


def point(branch: Points, values: Sequence[Any]) -> Read:
    """The read of one whole key."""
    columns = (*branch.keys, *branch.clustering)
    return Read(_equal(columns, values) + branch.restrictions)


def whole(branch: Ring, partition: Sequence[Any]) -> Read:
    """The read of one partition of a ring."""
    return Read(_equal(branch.keys, partition))


def start(branch: Slices, partition: Sequence[Any]) -> Read:
    """The read of a partition from its beginning."""
    return Read(_equal(branch.keys, partition) + branch.restrictions, order=_order(branch))


def after(branch: Slices, partition: Sequence[Any], last: Sequence[Any]) -> tuple[Read, ...]:
    """The reads of a partition after a row, one after the other.

    Args:
        branch: the slices.
        partition: values of the partition columns.
        last: values of the clustering columns of the last row, physical.
    """
    place = _equal(branch.keys, partition)
    return tuple(
        Read(place + conditions, order=_order(branch), filtering=gaps)
        for conditions, gaps in _rests(branch.clustering, branch.restrictions, last)
    )


def in_ranges(branch: Ring, limit: int | None, want: int) -> bool:
    """Whether what comes after a ring's first page is read in ranges of tokens.

    Args:
        branch: the ring.
        limit: rows after which nothing more is needed.
        want: rows of a page.
    """
    whole = branch.index is None and not any(r.column in branch.keys for r in branch.restrictions)
    return whole and limit is None and want >= 2 * SHARE


def ring_start(branch: Ring, above: int | None = None, upto: int | None = None) -> Read:
    """The read of all partitions whose token is in a range; without bounds, of all."""
    tokens = None if above is None and upto is None else Tokens(above, upto)
    return Read(branch.restrictions, tokens)


def ring_after(
    branch: Ring, partition: Sequence[Any], last: Sequence[Any], upto: int | None = None
) -> tuple[Read, ...]:
    """The reads after a row: the rest of its partition, then the partitions behind it.

    Args:
        branch: the ring.
        partition: values of the partition columns of the last row.
        last: values of its clustering columns.
        upto: the last token of the range.
    """
    others = tuple(r for r in branch.restrictions if r.column not in branch.keys)
    place = _equal(branch.keys, partition)
    here = tuple(
        Read(place + conditions, filtering=gaps)
        for conditions, gaps in _rests(branch.clustering, others, last)
    )
    return (*here, Read(branch.restrictions, Tokens(tuple(partition), upto)))


def _equal(columns: Sequence[str], values: Sequence[Any]) -> tuple[Restriction, ...]:
    return tuple(
        Restriction(column, "=", value) for column, value in zip(columns, values, strict=True)
    )


def _order(branch: Slices) -> tuple[tuple[str, bool], ...]:
    if not branch.backwards:
        return ()
    return tuple((c.column, c.descending) for c in branch.clustering)


def _rests(
    clustering: tuple[Clustered, ...],
    restrictions: tuple[Restriction, ...],
    last: Sequence[Any],
) -> list[tuple[tuple[Restriction, ...], bool]]:
    """The conditions of what comes after a row in a partition, nearest first.

    The second of each pair says whether a clustering column is restricted behind a range or a free
    one, where no index helps any more.
    """
    columns = [c.column for c in clustering]
    own: dict[str, list[Restriction]] = {column: [] for column in columns}
    others = tuple(r for r in restrictions if r.column not in own)
    for restriction in restrictions:
        own.get(restriction.column, []).append(restriction)
    found = []
    for at in reversed(range(len(columns))):
        here = _behind(clustering[at], own[columns[at]], last[at])
        if here is None:
            continue
        before = _equal(columns[:at], last[:at])
        inside = tuple(r for column in columns[at + 1 :] for r in own[column])
        ranged = any(r.operator not in {"=", "IN"} for r in here)
        free = any(
            not own[column] and any(own[later] for later in columns[place:])
            for place, column in enumerate(columns[at + 1 :], at + 1)
        )
        found.append(((*before, *here, *inside, *others), free or (ranged and bool(inside))))
    return found


def _behind(
    column: Clustered, own: list[Restriction], value: Any
) -> tuple[Restriction, ...] | None:
    """The column's conditions with: behind a value as it is read; None when nothing can be."""
    for restriction in own:
        if restriction.operator == "=":
            return None
        if restriction.operator == "IN":
            rest = _values_behind(column, restriction.value, value)
            if not rest:
                return None
            if len(rest) == 1:
                return (Restriction(column.column, "=", rest[0]),)
            return (Restriction(column.column, "IN", rest),)
    sign: Operator = "<" if column.descending else ">"
    replaced = _HIGH if column.descending else _LOW
    kept = tuple(r for r in own if r.operator not in replaced)
    return (Restriction(column.column, sign, value), *kept)


def _values_behind(column: Clustered, values: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    key = order_key(column.type)
    at = key(value)
    return tuple(v for v in values if (key(v) < at if column.descending else key(v) > at))
