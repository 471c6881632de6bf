"""The rows of one collection: by key, in key order, with indexes, versions and expiry.

Rows are kept in one dictionary from key to row tuple, so that a filter runs over its values
without a layer between.  The dictionary stands in key order as long as keys arrive in order, as
counters and time-ordered ids do; otherwise it is put in order when somebody needs that.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from juggler_memory.indexes import SORTABLE, Index, entry_function, type_at, unindexable
from juggler_memory.overlay import Overlay

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

    from juggler.connector import Key, Row, Version
    from juggler_memory.definition import TableDefinition
    from juggler_memory.indexes import Bounds, IndexDefinition


class Table:
    """One collection.  Whoever writes, or reads more than one key, holds the store's lock.

    Attributes:
        definition: what it was declared to be when that was last applied.
        columns: the columns of row tuples; at least those of the definition.
        rows: row by key.
        versions: version by key.
        expires: seconds since the epoch by key, for rows that have a time to live.
        planned: whether a schema plan was applied, so that later changes of models are drift.
        saved: whether a file knows the definition.
        arranged: whether the columns stand as some model wants them.
        next_id: the next number of the id counter.
    """

    __slots__ = (
        "_deadlines",
        "_held",
        "_keys",
        "_last",
        "_shared",
        "_sorted",
        "arranged",
        "columns",
        "definition",
        "expires",
        "indexes",
        "key_positions",
        "next_id",
        "planned",
        "rows",
        "saved",
        "uniques",
        "versions",
    )

    def __init__(self, definition: TableDefinition) -> None:
        self.planned = False
        self.saved = False
        self.arranged = False
        self.reset(definition)

    def reset(self, definition: TableDefinition) -> None:
        """An empty table of another definition, whose id counter begins anew."""
        self.definition = definition
        self.columns: tuple[str, ...] = tuple(definition.columns)
        self.key_positions = tuple(self.columns.index(name) for name in definition.key.names)
        self.rows: MutableMapping[Key, Row] = {}
        self.versions: MutableMapping[Key, Version] = {}
        self.expires: dict[Key, float] = {}
        self.indexes: tuple[Index, ...] = ()
        self.uniques: tuple[Index, ...] = ()
        self.next_id = 1
        self._shared: _Shared | None = None
        self._held: _Shared | None = None
        self._deadlines: list[tuple[float, _Tie]] = []
        self._sorted = True
        self._last: Key | None = None
        self._keys: list[Key] | None = None
        for index in definition.indexes:
            self.build(index)

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.definition.name

    # ------------------------------------------------------------ one row

    def store(self, key: Key, row: Row, version: Version, expires: float | None = None) -> None:
        """Put a row, whatever is there.  Uniqueness is the caller's to check."""
        if self._shared is not None:
            self._part(self._shared)
        rows = self.rows
        old = rows.get(key)
        for index in self.indexes:
            index.move(key, old, row)
        if old is None:
            self._came(key)
        rows[key] = row
        self.versions[key] = version  # after the row: a reader of the version then sees its row
        if expires is not None:
            self.expires[key] = expires
            heapq.heappush(self._deadlines, (expires, _Tie(key)))
        elif self.expires:
            self.expires.pop(key, None)

    def drop(self, key: Key) -> None:
        """Remove a row that is there."""
        if self._shared is not None:
            self._part(self._shared)
        old = self.rows.pop(key)
        self.versions.pop(key, None)
        self.expires.pop(key, None)
        self._keys = None
        for index in self.indexes:
            index.move(key, old, None)
        if not self.rows:
            self._sorted, self._last = True, None

    def own(self) -> tuple[MutableMapping[Key, Row], MutableMapping[Key, Version]]:
        """Rows and versions, to put new rows into that are then :meth:`appended`."""
        if self._shared is not None:
            self._part(self._shared)
        return self.rows, self.versions

    def appended(self, last: Key) -> None:
        """Rows came behind all others, with counted keys up to this one."""
        self._keys = None
        self._last = last
        self.next_id = last[0] + 1

    def _came(self, key: Key) -> None:
        self._keys = None
        if self._sorted:
            if self._last is None or key > self._last:
                self._last = key
            else:
                self._sorted = False

    def clash(self, key: Key, row: Row) -> tuple[Index, Key] | None:
        """The first unique index that another row's entry occupies, and that row's key."""
        for index in self.uniques:
            other = index.owner(row, key)
            if other is not None:
                return index, other
        return None

    def count_id(self, key: Key) -> None:
        """Keep the id counter above an integer key."""
        value = key[0]
        if isinstance(value, int | float) and value >= self.next_id and len(key) == 1:
            self.next_id = int(value) + 1

    # ------------------------------------------------------------ snapshots

    def clone(self, *, empty: bool = False) -> Table:
        """A view: a table with the same rows that changes on its own, without indexes.

        Nothing is copied until the table is written before the view is given back; what the view
        writes lies over what they share.
        """
        copy = Table(self.definition.evolve(indexes=()))
        copy.definition = self.definition
        copy.columns, copy.key_positions = self.columns, self.key_positions
        copy.next_id = self.next_id
        if not empty:
            copy.rows, copy.versions = self.rows, self.versions
            copy.expires, copy._deadlines = dict(self.expires), list(self._deadlines)
            copy._sorted, copy._last, copy._keys = self._sorted, self._last, self._keys
            if self._shared is None:
                self._shared = _Shared()
            self._shared.views += 1
            copy._shared = copy._held = self._shared
        return copy

    def give_back(self) -> None:
        """Nobody uses this view any more: its table need not copy what they share."""
        if self._held is not None:
            self._held.views -= 1
            self._held = None

    def _part(self, shared: _Shared) -> None:
        """Leave what is shared as it is: before the first change."""
        self._shared = None
        if self._held is not None:
            self.rows, self.versions = Overlay(self.rows), Overlay(self.versions)
        elif shared.views:
            self.rows, self.versions = dict(self.rows), dict(self.versions)

    def guard(self) -> None:
        """Build the unique indexes that a clone lacks."""
        for index in self.definition.indexes:
            if index.unique and self.index(index.name) is None:
                self.build(index)

    # ------------------------------------------------------------ all rows

    def sort(self) -> None:
        """Put the rows in key order."""
        if not self._sorted:
            rows = self.rows
            keys = sorted(rows)
            self.rows = {key: rows[key] for key in keys}
            self._last, self._sorted = keys[-1], True

    def keys(self) -> list[Key]:
        """The keys in order."""
        if self._keys is None:
            self.sort()
            self._keys = list(self.rows)
        return self._keys

    def place(self, key: Key) -> int:
        """The position in :meth:`keys` of a key or key prefix, or where it would stand."""
        return bisect_left(self.keys(), key)

    def key_range(self, bounds: Bounds) -> list[Key]:
        """The keys whose first parts are within bounds, in order."""
        keys = self.keys()
        width = len(bounds.prefix)
        start = bisect_left(keys, bounds.prefix)
        end = bisect_right(keys, bounds.prefix, key=lambda key: key[:width])
        if bounds.low is not None:
            find = bisect_right if bounds.open_low else bisect_left
            start = find(keys, bounds.low, start, end, key=lambda key: key[width])
        if bounds.high is not None:
            find = bisect_left if bounds.open_high else bisect_right
            end = find(keys, bounds.high, start, end, key=lambda key: key[width])
        return keys[start:end]

    def purge(self, now: float) -> None:
        """Remove the rows whose time is over."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= now:
            expires, tie = heapq.heappop(deadlines)
            key = tie.key
            if self.expires.get(key) == expires:
                self.drop(key)

    # ------------------------------------------------------------ structure

    def build(self, definition: IndexDefinition) -> None:
        """Make an index over the rows, instead of one of that name."""
        self.remove_index(definition.name)
        parts = []
        sortable = True
        for path in definition.paths:
            column, _, below = path.partition(".")
            spec = self.definition.columns[column]
            if unindexable(path, spec):
                return
            found = type_at(path, spec)
            sortable = sortable and found.kind in SORTABLE
            parts.append((self.columns.index(column), below, found))
        index = Index(definition, entry_function(parts), sortable=sortable)
        for key, row in self.rows.items():
            index.move(key, None, row)
        self.indexes += (index,)
        self.uniques = tuple(i for i in self.indexes if i.unique)

    def remove_index(self, name: str) -> None:
        """Remove the index of that name, if it is there."""
        self.indexes = tuple(i for i in self.indexes if i.definition.name != name)
        self.uniques = tuple(i for i in self.indexes if i.unique)

    def index(self, name: str) -> Index | None:
        """The index of that name."""
        return next((index for index in self.indexes if index.definition.name == name), None)

    def widen(self, names: Iterable[str]) -> None:
        """Add columns, null in every row."""
        added = tuple(names)
        blank = (None,) * len(added)
        self.reshape(self.columns + added, {key: row + blank for key, row in self.rows.items()})

    def arrange(self, names: Sequence[str]) -> None:
        """Put these columns first in rows, in this order; those that are new are null."""
        wanted = (*names, *(name for name in self.columns if name not in names))
        if wanted == self.columns:
            return
        places = [self.columns.index(name) if name in self.columns else -1 for name in wanted]
        self.reshape(
            wanted,
            {
                key: tuple([row[at] if at >= 0 else None for at in places])
                for key, row in self.rows.items()
            },
        )

    def reshape(self, columns: tuple[str, ...], rows: MutableMapping[Key, Row]) -> None:
        """Other columns with other rows under the same keys, in the same order."""
        self.columns = columns
        self.key_positions = tuple(columns.index(name) for name in self.definition.key.names)
        self.rows = rows
        for index in self.definition.indexes:
            self.build(index)

    def redefine(self, definition: TableDefinition) -> None:
        """Take over a definition with the same key; columns that are new are null in every row."""
        old, self.definition = self.definition, definition
        missing = [name for name in definition.columns if name not in self.columns]
        if missing:
            self.widen(missing)
        for index in old.indexes:
            if definition.index(index.name) != index:
                self.remove_index(index.name)
        for index in definition.indexes:
            if old.index(index.name) != index:
                self.build(index)


class _Shared:
    """Rows that a table shares with views of it, and how many of these are in use."""

    __slots__ = ("views",)

    def __init__(self) -> None:
        self.views = 0


class _Tie:
    """A key in a heap of deadlines: keys need not compare."""

    __slots__ = ("key",)

    def __init__(self, key: Key) -> None:
        self.key = key

    def __lt__(self, other: object) -> bool:
        return False
