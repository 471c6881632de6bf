"""Ways to the rows of a table: what a plan of the memory connector holds and what fetch runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.connector import Key, Row
    from juggler.connector.plan import Path
    from juggler_memory.indexes import Bounds, Entry, Index
    from juggler_memory.table import Table


@frozen
class Scan:
    """All rows."""


@frozen
class Points:
    """Rows by key."""

    keys: tuple[Key, ...]


@frozen
class KeyRange:
    """Rows whose first key parts are within bounds (one or several)."""

    bounds: tuple[Bounds, ...]


@frozen
class Lookup:
    """Rows of entries of an index."""

    index: str
    entries: tuple[Entry, ...]


@frozen
class Span:
    """Rows of an index's entries within bounds."""

    index: str
    bounds: Bounds


@frozen
class Union:
    """Rows of any of several ways."""

    parts: tuple[Way, ...]


Way: TypeAlias = "Scan | Points | KeyRange | Lookup | Span | Union"


@frozen
class Walk:
    """An index that gives the order: its entries within bounds, in one direction.

    ``start`` counts the leading order terms that the condition fixes to one value; the one after
    them is what the entries are ordered by.
    """

    index: str
    bounds: Bounds
    descending: bool
    start: int = 0


@frozen
class Access:
    """How a plan reads.

    Attributes:
        way: where candidates come from; never fewer than the matching rows.
        path: the path that the plan shows.
        exact: whether candidates are just the matching rows.
        walk: the index that gives the order, if one does.
        natural: 1 when key order is the order asked for, -1 when its reverse is, else 0.
        estimate: rows that will be read, None when nobody knows.
    """

    way: Way
    path: Path
    exact: bool = False
    walk: Walk | None = None
    natural: int = 0
    estimate: int | None = None

    def inexact(self) -> Access:
        """The same, but the condition has to be looked at."""
        return evolve(self, exact=False)


def candidates(table: Table, way: Way) -> Iterable[Row] | None:
    """The rows that a way leads to, in no order, each once; None when it leads to all of them.

    An index that is not there (any more) leads to all rows: the condition then decides.
    """
    if isinstance(way, Scan):
        return None
    keys = keys_of(table, way)
    if keys is None:
        return None
    return list(filter(None, map(table.rows.get, keys)))  # no row is empty: it has a key


def keys_of(table: Table, way: Way) -> Iterable[Key] | None:
    """The keys that a way leads to, each once; None for all."""
    match way:
        case Points(keys):
            return keys
        case KeyRange((bounds,)):
            return table.key_range(bounds)
        case KeyRange(several):
            return dict.fromkeys(key for bounds in several for key in table.key_range(bounds))
        case Lookup(name) | Span(name):
            index = table.index(name)
            return None if index is None else _by_index(index, way)
        case Union(parts):
            found: dict[Key, None] = {}
            for part in parts:
                some = keys_of(table, part)
                if some is None:
                    return None
                found.update(dict.fromkeys(some))
            return found
        case _:
            return None


def _by_index(index: Index, way: Lookup | Span) -> Iterable[Key] | None:
    if isinstance(way, Lookup):
        if len(way.entries) == 1:
            return index.find(way.entries[0])
        return [key for entry in way.entries for key in index.find(entry)]
    if not index.sortable:
        return None
    return [key for entry in index.span(way.bounds) for key in index.entries[entry]]
