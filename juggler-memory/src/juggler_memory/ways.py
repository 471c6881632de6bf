"""Which ways lead to the rows of a condition: by key or part of it, by an index, by several."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

from attrs import frozen

from juggler.query.tree import TRUE, And, Or, Where
from juggler.spec import EXTRA
from juggler_memory.access import Access, KeyRange, Lookup, Points, Scan, Span, Union
from juggler_memory.facts import Facts, facts_of
from juggler_memory.indexes import HASHABLE, SORTABLE, Bounds, type_at, unindexable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.spec import IndexInfo, ModelSpec

#: Values of a condition that are looked up one by one; more are a scan.
MOST = 10_000


@frozen
class Usable:
    """An index as the planner sees it: property paths instead of columns."""

    name: str
    paths: tuple[str, ...]
    unique: bool
    sortable: bool
    #: Whether an entry stands for one value, so that a lookup needs no second look.
    exact: bool


def usable(
    model: ModelSpec, indexes: Sequence[IndexInfo]
) -> tuple[list[Usable], list[tuple[str, str]]]:
    """The indexes that can serve, and why the others cannot."""
    names = {f.storage_name: f.name for f in model.fields}
    found: list[Usable] = []
    unfit: list[tuple[str, str]] = []
    for index in indexes:
        paths, kinds, why = [], [], ""
        for path, _ in index.keys:
            column, _, below = path.partition(".")
            name = names.get(column)
            if name is None:
                why = f"the model has no column {column!r}"
                break
            spec = model.field[name].type
            why = why or unindexable(path, spec)
            paths.append(below if name == EXTRA else name + ("." + below if below else ""))
            kinds.append(type_at(path, spec).kind)
        if why:
            unfit.append((f"index {index.name}", why))
        else:
            kind_set = set(kinds)
            found.append(
                Usable(
                    index.name,
                    tuple(paths),
                    index.unique,
                    kind_set <= SORTABLE,
                    kind_set <= HASHABLE,
                )
            )
    return found, unfit


@frozen
class Places:
    """Where rows of a model can be found: by its key, by its indexes.

    Attributes:
        model: the model.
        collection: the table's name.
        key: properties of the key.
        width: how many of them are the partition.
        indexes: the indexes that can serve.
        unfit: the others, and why not.
    """

    model: ModelSpec
    collection: str
    key: tuple[str, ...]
    width: int
    indexes: list[Usable]
    unfit: list[tuple[str, str]]


def best_way(places: Places, where: Where) -> Access | None:
    """The way that reads least, None when only a scan is left."""
    if where is TRUE:
        return None
    if isinstance(where, Or):
        return _union(places, where)
    facts = facts_of(where)
    key = _by_key(places, facts)
    if key is not None and isinstance(key.way, Points):
        return key
    found = [way for index in places.indexes for way in _by_index(index, facts)]
    if key is not None:
        found.append((_KEY_SCORE, key))
    if found:
        return max(found, key=lambda scored: scored[0])[1]
    if isinstance(where, And):
        return next(
            (
                union.inexact()
                for part in where.parts
                if isinstance(part, Or) and (union := _union(places, part))
            ),
            None,
        )
    return None


#: Unique lookup > lookup > part of the key > equal beginning and interval > interval > beginning.
_KEY_SCORE = (2, 0)


# ---------------------------------------------------------------- by key


def _by_key(places: Places, facts: Facts) -> Access | None:
    names = places.key
    if names[0] not in facts.equal and names[0] not in facts.within:
        return None
    fixed = 0
    for name in names:
        if name not in facts.equal:
            break
        fixed += 1
    values = [facts.equal[name] for name in names[:fixed]]
    if prod(map(len, values)) > MOST:
        return None
    prefixes = [prefix for prefix in product(*values) if None not in prefix]
    used = fixed  # one conjunct each: an interval beside an equality is not looked at here
    if fixed == len(names):
        path = "point" if len(prefixes) == 1 else "multi_point"
        exact = used == facts.parts
        return Access(Points(tuple(prefixes)), path, exact, estimate=len(prefixes))  # type: ignore[arg-type]
    return _by_part(places, facts, prefixes, used)


def _by_part(
    places: Places, facts: Facts, prefixes: list[tuple[object, ...]], used: int
) -> Access | None:
    names = places.key
    fixed = len(prefixes[0]) if prefixes else 0
    following = names[fixed]
    interval = facts.within.get(following)
    if not _sortable(places.model, names[: fixed + 1]) or (interval is None and not fixed):
        return None
    bounds = [Bounds(prefix) for prefix in prefixes] or [Bounds()]
    if interval is not None:
        bounds = [interval.on(bound) for bound in bounds]
        used += facts.used.get(following, 0)
    whole = fixed >= places.width
    path = ("partition" if len(bounds) == 1 else "multi_partition") if whole else "index"
    return Access(KeyRange(tuple(bounds)), path, used == facts.parts)  # type: ignore[arg-type]


def _sortable(model: ModelSpec, names: Sequence[str]) -> bool:
    return all(model.field[name].type.kind in SORTABLE for name in names)


# ---------------------------------------------------------------- by index


def _by_index(index: Usable, facts: Facts) -> Iterator[tuple[tuple[int, int], Access]]:
    fixed = 0
    for path in index.paths:
        if path not in facts.equal:
            break
        fixed += 1
    values = [facts.equal[path] for path in index.paths[:fixed]]
    if prod(map(len, values)) > MOST:
        return
    used = fixed
    if fixed == len(index.paths):
        entries = tuple(product(*values))
        unique = index.unique and all(None not in entry for entry in entries)
        way = Lookup(index.name, entries)
        exact = index.exact and used == facts.parts
        estimate = len(entries) if unique else None
        yield (4 if unique else 3, fixed), Access(way, "index", exact, estimate=estimate)
        return
    interval = facts.within.get(index.paths[fixed])
    if not index.sortable or (interval is None and not fixed):
        return
    prefixes = [Bounds(prefix) for prefix in product(*values)]
    if interval is not None:
        prefixes = [interval.on(bounds) for bounds in prefixes]
        used += facts.used.get(index.paths[fixed], 0)
    spans = tuple(Span(index.name, bounds) for bounds in prefixes)
    way_ = spans[0] if len(spans) == 1 else Union(spans)
    yield (1, 2 * fixed + (interval is not None)), Access(way_, "index", used == facts.parts)


# ---------------------------------------------------------------- by several


def _union(places: Places, where: Or) -> Access | None:
    parts = []
    for part in where.parts:
        access = best_way(places, part)
        if access is None or isinstance(access.way, Scan):
            return None
        parts.append(access)
    estimates = [part.estimate for part in parts]
    known = None if None in estimates else sum(e for e in estimates if e is not None)
    exact = all(part.exact for part in parts)
    return Access(Union(tuple(part.way for part in parts)), "union", exact, estimate=known)
