"""Order: nulls lowest, code points, and the full key as ascending tie-break, always."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from juggler_conformance.oracle.conditions import distance
from juggler_conformance.oracle.values import at, equal, less

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from juggler.query.tree import Near

    Row = Mapping[str, Any]
    Term = tuple[str, str]


def sorted_rows(
    rows: Iterable[Row], order: Sequence[Term], key: Sequence[str], near: Near | None = None
) -> list[Row]:
    """The rows in a query's order, ties by ascending key.

    A term ``distance(path)`` orders by the distance from the point of ``near``.
    """
    terms = [*order, *((name, "asc") for name in key)]

    def compare(a: Row, b: Row) -> int:
        return _compare(a, b, terms, near)

    return sorted(rows, key=cmp_to_key(compare))


def in_order(rows: Sequence[Row], order: Sequence[Term], near: Near | None = None) -> bool:
    """Whether the rows come in this order, whatever stands between equal ones."""
    return all(_compare(a, b, order, near) <= 0 for a, b in pairwise(rows))


def _compare(a: Row, b: Row, terms: Sequence[Term], near: Near | None) -> int:
    for path, direction in terms:
        one, other = _value(a, path, near), _value(b, path, near)
        if equal(one, other):
            continue
        before = one is None or (other is not None and less(one, other))
        return -1 if before == (direction == "asc") else 1
    return 0


def _value(row: Row, path: str, near: Near | None) -> Any:
    if near is not None and path == f"distance({near.path})":
        place = at(row, near.path)
        return None if place is None else distance(place, near.point, "meters")
    return at(row, path)
