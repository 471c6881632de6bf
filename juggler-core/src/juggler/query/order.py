"""Order of rows: null lowest, texts by code point, False before True, ties by ascending key.

A sort is a few stable passes of Python's own, from the key to the first term, each over plain
values; only where types are not declared (or a float is NaN) values are compared by a rank of their
types.  With a limit, the first term's threshold leaves few rows to sort.
"""

from __future__ import annotations

import heapq
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import InvalidQueryError
from juggler.query._expression import Writer, measure_from
from juggler.query._undeclared import total
from juggler.query.bind import distance_path
from juggler.query.evaluate import compiled
from juggler.query.tree import TRUE, Near, Where, conjuncts
from juggler.values import ANY, TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler.query.evaluate import Layout
    from juggler.query.spec import OrderTerm

    Row = tuple[Any, ...]

_MAY_BE_NAN = frozenset({TypeKind.NUMBER, TypeKind.FLOAT, TypeKind.DECIMAL})
#: A top-k pays when there are this many times more rows than wanted.
_TOP_FACTOR = 4


@frozen
class _Term:
    """One pass: the value of a row, and how it is compared."""

    get: Callable[[Row], Any]
    desc: bool = False
    #: Values are of one declared type and compare with each other; otherwise by rank.
    plain: bool = True
    nan: bool = False


def sorter(
    layout: Layout, order: tuple[OrderTerm, ...], where: Where = TRUE
) -> Callable[..., list[Row]]:
    """A function ``sort(rows, limit=None)`` that gives rows in order, the first ``limit`` of them.

    Args:
        layout: the rows' layout; it must have the paths of the order and the key.
        order: bound terms; the ascending key is always the last.  Without terms: by key.
        where: the bound tree, for the point of ``distance(path)`` terms.
    """
    terms = _terms(layout, order, where)
    passes = [*terms, *_key(layout)]

    def sort(rows: Iterable[Row], limit: int | None = None) -> list[Row]:
        held = list(rows)
        if limit is not None:
            if limit <= 0:
                return []
            if len(held) > _TOP_FACTOR * limit and passes:
                held = _top(held, passes[0], limit)
        for term in reversed(passes):
            held = _pass(held, term)
        return held if limit is None else held[:limit]

    return sort


def values_of(
    layout: Layout, order: tuple[OrderTerm, ...], where: Where = TRUE
) -> Callable[[Row], tuple[Any, ...]]:
    """A function that gives what a row is ordered by, one entry per term.

    The entries are hashable keys, equal for rows that are tied; :func:`after` takes them.
    """
    getters = [term.get for term in _terms(layout, order, where)]
    return lambda row: tuple(total(get(row)) for get in getters)


def after(
    layout: Layout, order: tuple[OrderTerm, ...], where: Where, last: tuple[Any, ...]
) -> Callable[[Row], bool]:
    """A function that says whether a row comes strictly after a position.

    Args:
        layout: the rows' layout.
        order: bound terms.
        where: the bound tree, for the point of ``distance(path)`` terms.
        last: the entries of :func:`values_of` of a row, followed by its key's values.
    """
    terms = _terms(layout, order, where)
    bounds = [tuple(bound) for bound in last[: len(terms)]]
    keys = [term.get for term in _key(layout)]
    last_key = tuple(total(value) for value in last[len(terms) :])

    def is_after(row: Row) -> bool:
        for term, bound in zip(terms, bounds, strict=True):
            value = total(term.get(row))
            if value != bound:
                return (value < bound) if term.desc else (value > bound)
        return tuple(total(get(row)) for get in keys) > last_key

    return is_after


def _terms(layout: Layout, order: tuple[OrderTerm, ...], where: Where) -> list[_Term]:
    return [_term(layout, path, where, desc=direction == "desc") for path, direction in order]


def _term(layout: Layout, path: str, where: Where, *, desc: bool) -> _Term:
    location = distance_path(path)
    writer = Writer(layout)
    source, spec = writer.access(location or path)
    if not location and source.startswith("r[") and not writer.values:
        get: Callable[[Row], Any] = itemgetter(int(source[2:-1]))
    else:
        get = compiled("test", source, len(writer.values))(*writer.values)
    if location:
        return _Term(_distance(get, location, where), desc)
    return _Term(get, desc, plain=spec.kind is not ANY.kind, nan=spec.kind in _MAY_BE_NAN)


def _distance(get: Callable[[Row], Any], path: str, where: Where) -> Callable[[Row], float | None]:
    for part in conjuncts(where):
        if isinstance(part, Near) and part.path == path:
            measure = measure_from(part.point, part.unit)
            return lambda row: measure(get(row))
    raise InvalidQueryError(
        f"there is no point to measure the distance of {path!r} from",
        code="no-near",
        hint=f"{{'where': {{'{path}': {{'near': [lat, lng]}}}}}}",
    )


def _key(layout: Layout) -> list[_Term]:
    return [_term(layout, name, TRUE, desc=False) for name in layout.model.key.names]


def _pass(rows: list[Row], term: _Term) -> list[Row]:
    """A stable sort by one term."""
    get = term.get
    if term.plain:
        nulls = [row for row in rows if get(row) is None]
        rest = [row for row in rows if get(row) is not None] if nulls else rows
        if not (term.nan and _has_nan(map(get, rest))):
            try:
                rest = sorted(rest, key=get, reverse=term.desc)
            except TypeError:  # a store held something else than its declared type
                pass
            else:
                return rest + nulls if term.desc else nulls + rest
    return sorted(rows, key=lambda row: total(get(row)), reverse=term.desc)


def _top(rows: list[Row], term: _Term, limit: int) -> list[Row]:
    """Rows among which the first ``limit`` of the whole order are."""
    get = term.get
    if not term.plain:
        return _top_of(rows, [total(get(row)) for row in rows], limit, desc=term.desc)
    values = list(map(get, rows))
    if term.nan and _has_nan(values):
        return rows
    try:
        return _top_of(rows, values, limit, desc=term.desc)
    except TypeError:  # as in _pass
        return rows


def _top_of(rows: list[Row], values: list[Any], limit: int, *, desc: bool) -> list[Row]:
    there = [value for value in values if value is not None]
    pairs = zip(rows, values, strict=True)
    if desc:
        if len(there) <= limit:
            return rows
        least = heapq.nlargest(limit, there)[-1]
        return [row for row, value in pairs if value is not None and value >= least]
    nulls = len(values) - len(there)
    if nulls >= limit:
        return [row for row, value in pairs if value is None]
    most = heapq.nsmallest(limit - nulls, there)[-1]
    return [row for row, value in pairs if value is None or value <= most]


def _has_nan(values: Iterable[Any]) -> bool:
    return any(value != value for value in values)  # noqa: PLR0124 - only NaN differs from itself
