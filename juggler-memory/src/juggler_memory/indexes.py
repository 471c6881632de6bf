"""Indexes: a hash of keys by value, with an order over the values that is made on demand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import field, frozen

from juggler.values import ANY, NUMBER, ORDERED, TEXTUAL, GeoPoint, TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from juggler.connector import Key, Row
    from juggler.values import TypeSpec

#: The indexed values of a row, one per component; None is null.
Entry: TypeAlias = tuple[Any, ...]

#: Kinds whose values sort as Python sorts them, so that ranges can use an index.
SORTABLE = ORDERED - {TypeKind.TIMEUUID, TypeKind.INET}
#: Kinds whose equal values are equal, hashable Python objects.
HASHABLE = SORTABLE | {TypeKind.TIMEUUID, TypeKind.INET, TypeKind.DURATION, TypeKind.GEO}
#: Changed entries that are put into the order one by one; more are sorted in at once.
_FEW = 64


@frozen
class IndexDefinition:
    """An index of a table: columns (dotted below the first part) with directions.

    ``owner`` is the model that declared it: several may share a collection.
    """

    name: str
    keys: tuple[tuple[str, Literal["asc", "desc"]], ...]
    unique: bool = False
    owner: str = field(default="", eq=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """The columns without their directions, which mean nothing here."""
        return tuple(path for path, _ in self.keys)


@frozen
class Bounds:
    """A range of an index: equal first components, then at most one interval on the next one."""

    prefix: Entry = ()
    low: Any = None
    high: Any = None
    open_low: bool = field(default=False, kw_only=True)
    open_high: bool = field(default=False, kw_only=True)


class Index:
    """Keys by entry, of one table.

    Args:
        definition: what it indexes.
        entry_of: gives a row's entry.
        sortable: whether entries can be ordered, for ranges.
    """

    __slots__ = ("_changed", "_order", "definition", "entries", "entry_of", "sortable", "unique")

    def __init__(
        self, definition: IndexDefinition, entry_of: Callable[[Row], Entry], *, sortable: bool
    ) -> None:
        self.definition = definition
        self.unique = definition.unique
        self.entry_of = entry_of
        self.sortable = sortable
        self.entries: dict[Entry, set[Key]] = {}
        self._order: list[Entry] | None = None
        self._changed: set[Entry] = set()

    # ------------------------------------------------------------ writing

    def move(self, key: Key, old: Row | None, new: Row | None) -> None:
        """A row changed (both given), came (no old one) or went (no new one)."""
        before = None if old is None else self.entry_of(old)
        after = None if new is None else self.entry_of(new)
        if before == after and before is not None:
            return
        if before is not None:
            keys = self.entries[before]
            keys.discard(key)
            if not keys:
                del self.entries[before]
                self._note(before)
        if after is not None:
            there = self.entries.get(after)
            if there is None:
                self.entries[after] = {key}
                self._note(after)
            else:
                there.add(key)

    def _note(self, entry: Entry) -> None:
        if self._order is not None:
            self._changed.add(entry)

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self._order = None
        self._changed.clear()

    def owner(self, row: Row, key: Key) -> Key | None:
        """The key of another row with this row's entry; entries with a null have none."""
        entry = self.entry_of(row)
        if None in entry:
            return None
        keys = self.entries.get(entry)
        if keys is None:
            return None
        return next((other for other in keys if other != key), None)

    # ------------------------------------------------------------ reading

    def find(self, entry: Entry) -> Iterable[Key]:
        """The keys of an entry, in no order."""
        return self.entries.get(entry, ())

    def span(self, bounds: Bounds) -> list[Entry]:
        """The entries within bounds, ascending.  An interval leaves nulls out."""
        order = self._ordered()
        start, end = self._limits(order, bounds)
        return order[start:end]

    def walk(self, bounds: Bounds, start: Entry | None, *, descending: bool) -> Iterator[list[Key]]:
        """The keys within bounds in runs, each of one value of the component after the prefix.

        Runs come in the order of that component, from the one of ``start`` on.
        """
        entries = self.span(bounds)
        width = len(bounds.prefix) + 1

        def head(entry: Entry) -> tuple[Any, ...]:
            return _comparable(entry[:width])

        if start is not None and descending:
            del entries[bisect_right(entries, _comparable(start), key=head) :]
        elif start is not None:
            del entries[: bisect_left(entries, _comparable(start), key=head)]
        in_order = reversed(entries) if descending else entries
        for _, run in groupby(in_order, key=lambda entry: entry[:width]):
            yield [key for entry in run for key in self.entries[entry]]

    def _limits(self, order: list[Entry], bounds: Bounds) -> tuple[int, int]:
        prefix = _comparable(bounds.prefix)
        width = len(prefix)

        def head(entry: Entry) -> tuple[Any, ...]:
            return _comparable(entry[:width])

        def reach(entry: Entry) -> tuple[Any, ...]:
            return _comparable(entry[: width + 1])

        if bounds.low is None and bounds.high is None:
            return bisect_left(order, prefix, key=head), bisect_right(order, prefix, key=head)
        # Without a low bound it begins behind the nulls: (True,) is below every (True, x).
        low = (*prefix, (True,) if bounds.low is None else (True, bounds.low))
        start = (bisect_right if bounds.open_low else bisect_left)(order, low, key=reach)
        if bounds.high is None:
            return start, bisect_right(order, prefix, key=head)
        high = (*prefix, (True, bounds.high))
        return start, (bisect_left if bounds.open_high else bisect_right)(order, high, key=reach)

    def _ordered(self) -> list[Entry]:
        order = self._order
        if order is None or len(self._changed) > _FEW:
            order = self._order = sorted(self.entries, key=_comparable)
        else:
            for entry in self._changed:
                self._settle(order, entry)
        self._changed.clear()
        return order

    def _settle(self, order: list[Entry], entry: Entry) -> None:
        at = bisect_left(order, _comparable(entry), key=_comparable)
        there = at < len(order) and order[at] == entry
        if entry in self.entries and not there:
            insort(order, entry, key=_comparable)
        elif there and entry not in self.entries:
            del order[at]


def _comparable(entry: Entry) -> tuple[Any, ...]:
    """An entry that can be compared with others: null is lowest."""
    return tuple([(part is not None, part) for part in entry])


# ---------------------------------------------------------------- entries of rows


def unindexable(path: str, column: TypeSpec) -> str:
    """Why the values at a path below a column cannot be indexed; empty if they can."""
    spec, rest = column, path.split(".")[1:]
    for step in rest:
        match spec.kind:
            case TypeKind.ANY | TypeKind.OBJECT:
                return ""
            case TypeKind.EMBEDDED if spec.model is not None:
                inner = spec.model.field.get(step)
                if inner is None:
                    return "" if spec.model.open else f"there is no {step!r}"
                spec = inner.type
            case TypeKind.MAP if spec.key is None or spec.key.kind in TEXTUAL:
                spec = spec.of or ANY
            case TypeKind.GEO:
                spec = NUMBER
            case _:
                return f"paths into a {spec.kind} are not indexed"
    return ""


def type_at(path: str, column: TypeSpec) -> TypeSpec:
    """The type at an indexable path; ``any`` where it is open."""
    spec = column
    for step in path.split(".")[1:]:
        match spec.kind:
            case TypeKind.EMBEDDED if spec.model is not None and step in spec.model.field:
                spec = spec.model.field[step].type
            case TypeKind.MAP:
                spec = spec.of or ANY
            case TypeKind.GEO:
                spec = NUMBER
            case _:
                return ANY
    return spec


def entry_function(parts: Iterable[tuple[int, str, TypeSpec]]) -> Callable[[Row], Entry]:
    """The function from a row to its entry.

    Args:
        parts: per component the row position, the path below it (mostly empty), and the type there.
    """
    getters = [_getter(*part) for part in parts]
    if len(getters) == 1:
        (get,) = getters
        return lambda row: (get(row),)
    return lambda row: tuple([get(row) for get in getters])


def _getter(position: int, below: str, spec: TypeSpec) -> Callable[[Row], Any]:
    hashable = spec.kind in HASHABLE
    if not below:
        if hashable:
            return lambda row: row[position]
        return lambda row: hashed(row[position])
    steps = tuple(below.split("."))
    if hashable:
        return lambda row: descend(row[position], steps)
    return lambda row: hashed(descend(row[position], steps))


def descend(value: Any, steps: Iterable[str]) -> Any:
    """The value at a path below a value: properties of objects, places in lists; null elsewhere."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple):
            place = int(step) if step.isascii() and step.isdigit() else len(value)
            value = value[place] if place < len(value) else None
        elif isinstance(value, GeoPoint) and step in {"lat", "lng"}:
            value = getattr(value, step)
        else:
            return None
    return value


def hashed(value: Any) -> Any:
    """A hashable stand-in that is equal for equal values (perhaps also for some that are not)."""
    if isinstance(value, dict):
        return frozenset((name, hashed(v)) for name, v in value.items() if v is not None)
    if isinstance(value, list | tuple):
        return tuple([hashed(item) for item in value])
    return value
