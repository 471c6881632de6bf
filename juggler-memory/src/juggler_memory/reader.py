"""Reading a table by a plan: candidates, condition, order, page."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from juggler.connector import Page, Rows
from juggler.query.evaluate import counter, select
from juggler.query.order import after, sorter, values_of
from juggler.query.tree import TRUE
from juggler_memory import cursor as cursors
from juggler_memory.access import Scan, candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from juggler.connector import Key, Row
    from juggler.connector.plan import Plan
    from juggler.query.tree import Where
    from juggler_memory.access import Access, Walk
    from juggler_memory.binding import Binding
    from juggler_memory.cursor import Cursor

#: Rows looked at in one go while a page fills.
_CHUNK = 256
_LARGEST_CHUNK = 1 << 16


def fetch(binding: Binding, plan: Plan, data: bytes | None, want: int) -> Page:
    """A page of a plan of this connector.  The caller holds the store's lock."""
    reading = Reading(binding, plan.pushed, plan.query.order, plan.opaque)
    return page(reading, plan, data, want)


def page(reading: Reading, plan: Plan, data: bytes | None, want: int) -> Page:
    """A page of what a reading finds, in the fields of the plan and within its limit."""
    binding, query = reading.binding, plan.query
    cursor = cursors.decode(data)
    emitted = cursor.emitted if cursor else 0
    end = query.skip + query.limit if plan.limit_pushed and query.limit is not None else None
    room = want if end is None else min(want, end - emitted)
    if room <= 0:
        return Page(())
    rows, more = reading.page(cursor, room)
    versions = versions_of(binding, rows)
    cursor_after = reading.cursors(rows, emitted)
    more = more and (end is None or emitted + len(rows) < end)
    return Page(
        projected(binding, rows, plan.fields),
        cursor_after(len(rows) - 1) if more else None,
        versions,
        reading.scanned,
        cursor_after=cursor_after,
    )


def projected(binding: Binding, rows: list[Row], fields: tuple[str, ...]) -> list[Row]:
    """Table rows as tuples of some of the model's properties."""
    if fields != binding.model.names:
        return list(map(binding.projection(fields), rows))
    return rows if binding.same else list(map(binding.out, rows))


def versions_of(binding: Binding, rows: list[Row]) -> list[str]:
    """The versions of table rows."""
    positions = binding.key_positions
    parts = map(itemgetter(*positions), rows)
    keys = zip(parts) if len(positions) == 1 else parts
    return list(map(binding.table.versions.__getitem__, keys))


def count(binding: Binding, plan: Plan) -> int:
    """The number of rows of a plan's condition, without its limit."""
    table, access = binding.table, plan.opaque
    rows = candidates(table, access.way)
    if plan.pushed is TRUE and rows is None:
        return len(table.rows)
    if rows is None:
        return counter(binding.layout, plan.pushed)(table.rows.values())
    if access.exact:
        return len(list(rows))
    return counter(binding.layout, plan.pushed)(rows)


def matching(binding: Binding, where: Where, access: Access) -> list[Row]:
    """All rows of a condition, in no order."""
    rows = candidates(binding.table, access.way)
    if rows is not None and access.exact:
        return list(rows)
    if rows is None:
        rows = binding.table.rows.values()
    return list(rows) if where is TRUE else select(binding.layout, where)(rows)


class Reading:
    """One reading of a table: ``scanned`` counts the rows looked at."""

    def __init__(
        self, binding: Binding, where: Where, order: tuple[Any, ...], access: Access
    ) -> None:
        self.binding = binding
        self.table = binding.table
        self.where = where
        self.order = order
        self.access = access
        self.scanned = 0

    def page(self, cursor: Cursor | None, room: int) -> tuple[list[Row], bool]:
        """At most ``room`` rows behind the cursor, and whether there are more."""
        access = self.access
        if self.order and not access.natural:
            if access.walk is not None and room < len(self.table.rows):
                return self._walked(access.walk, cursor, room)
            return self._sorted(cursor, room)
        if isinstance(access.way, Scan):
            return self._in_key_order(cursor, room)
        return self._by_key(cursor, room)

    def cursors(self, rows: list[Row], emitted: int) -> Callable[[int], bytes]:
        """The function from a position in a page to the cursor behind that row."""

        def cursor_after(position: int) -> bytes:
            row = rows[position]
            binding = self.binding
            if self._by_values:
                values, key = self._values(row), binding.model_key_of(row)
            else:
                values, key = (), binding.key_of(row)
            return cursors.Cursor(values, key, emitted + position + 1).encode()

        return cursor_after

    @property
    def _by_values(self) -> bool:
        return bool(self.order) and not self.access.natural

    def _values(self, row: Row) -> tuple[Any, ...]:
        return values_of(self.binding.layout, self.order, self.where)(row)

    # ------------------------------------------------------------ key order

    def _in_key_order(self, cursor: Cursor | None, room: int) -> tuple[list[Row], bool]:
        """A scan, up to where the page is full."""
        table = self.table
        table.sort()
        if cursor is None and self.access.natural >= 0:
            if room >= len(table.rows):
                return self._keep(table.rows.values()), False
            return self._fill(iter(table.rows.values()), room)
        keys = table.keys()
        if self.access.natural < 0:
            end = len(keys) if cursor is None else table.place(cursor.key)
            chosen: Iterable[Any] = reversed(keys[:end])
        else:
            start = table.place(cursor.key) if cursor else 0
            start += bool(cursor and start < len(keys) and keys[start] == cursor.key)
            chosen = keys[start:]
        return self._fill(map(table.rows.__getitem__, chosen), room)

    def _fill(self, rows: Iterator[Row], room: int) -> tuple[list[Row], bool]:
        found: list[Row] = []
        size = max(_CHUNK, room)
        while len(found) <= room:
            chunk = list(islice(rows, size if self.where is not TRUE else room + 1 - len(found)))
            if not chunk:
                return found, False
            found += self._keep(chunk)
            size = min(2 * size, _LARGEST_CHUNK)
        return found[:room], True

    def _keep(self, rows: Any) -> list[Row]:
        self.scanned += len(rows)
        return list(rows) if self.where is TRUE else select(self.binding.layout, self.where)(rows)

    def _by_key(self, cursor: Cursor | None, room: int) -> tuple[list[Row], bool]:
        """The few rows of a way, put into key order."""
        binding, back = self.binding, self.access.natural < 0
        rows = sorted(self._matching(), key=itemgetter(*binding.key_positions), reverse=back)
        if cursor is not None:
            last, key_of = cursor.key, binding.key_of
            rows = [row for row in rows if (key_of(row) < last if back else key_of(row) > last)]
        return rows[:room], len(rows) > room

    def _matching(self) -> list[Row]:
        rows = candidates(self.table, self.access.way)
        if rows is None:
            return self._keep(self.table.rows.values())
        rows = list(rows)
        if not self.access.exact:
            return self._keep(rows)
        self.scanned += len(rows)
        return rows

    # ------------------------------------------------------------ another order

    def _sorted(self, cursor: Cursor | None, room: int) -> tuple[list[Row], bool]:
        rows = self._behind(cursor, self._matching())
        sort = sorter(self.binding.layout, self.order, self.where)
        return sort(rows, room)[:room], len(rows) > room

    def _behind(self, cursor: Cursor | None, rows: list[Row]) -> list[Row]:
        if cursor is None:
            return rows
        last = (*cursor.values, *cursor.key)
        return list(filter(after(self.binding.layout, self.order, self.where, last), rows))

    def _walked(self, walk: Walk, cursor: Cursor | None, room: int) -> tuple[list[Row], bool]:
        """Runs of equal index entries in the index's order, each sorted, until the page is full."""
        index = self.table.index(walk.index)
        if index is None or not index.sortable:
            return self._sorted(cursor, room)
        start = None if cursor is None else (*walk.bounds.prefix, _plain(cursor.values[walk.start]))
        sort = sorter(self.binding.layout, self.order, self.where)
        found: list[Row] = []
        rows = self.table.rows
        for keys in index.walk(walk.bounds, start, descending=walk.descending):
            run = self._behind(cursor, self._keep([rows[key] for key in keys]))
            found += sort(run) if len(run) > 1 else run
            if len(found) > room:
                return found[:room], True
        return found, False


def _plain(value: tuple[Any, ...]) -> Any:
    """The value in an entry of ``values_of``, which is (rank, value) or, for null, (rank,)."""
    return value[1] if len(value) > 1 else None


def get(
    binding: Binding,
    keys: Sequence[Key],
    fields: tuple[str, ...],
    lock: AbstractContextManager[Any],
) -> Rows:
    """Rows by key, in the order of the keys.

    The lock is taken only for a row that is just being inserted.  Writers put a row before its
    version, so a version is never newer than the row that comes with it.
    """
    table = binding.table
    versions = list(map(table.versions.get, keys))
    rows = list(map(table.rows.get, keys))
    if None in versions:
        for place, key in enumerate(keys):
            if versions[place] is None and rows[place] is not None:
                with lock:
                    rows[place], versions[place] = table.rows.get(key), table.versions.get(key)
    if not binding.same or fields != binding.model.names:
        take = binding.projection(fields)
        rows = [None if row is None else take(row) for row in rows]
    return Rows(rows, versions)
