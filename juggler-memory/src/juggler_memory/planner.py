"""Plans of the memory connector: it evaluates every condition and order itself, by the best way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from juggler.connector import Cost, Plan, Statement
from juggler.errors import CapabilityError, InvalidQueryError, did_you_mean
from juggler.query.tree import TRUE, Nothing, conjuncts
from juggler.spec import IndexInfo
from juggler_memory.access import Access, KeyRange, Lookup, Points, Scan, Span, Union, Walk
from juggler_memory.definition import collection_of, definition_of
from juggler_memory.facts import Facts, facts_of
from juggler_memory.indexes import Bounds
from juggler_memory.ways import Places, Usable, best_way, usable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, RelationInfo, StoreSchema
    from juggler_memory.access import Way

LEVELS = frozenset({"eventual", "default", "session", "strong"})


class Planner:
    """Plans queries; it remembers the indexes of each model."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[RelationInfo | None, Places]] = {}

    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """The plan of a query over the indexes that the schema (else the model) has.

        Raises:
            CapabilityError: an unknown consistency level, or a view.
            InvalidQueryError: a hinted index is not there or cannot serve.
        """
        _check(query)
        places = self._places(query.model, schema)
        if isinstance(query.where, Nothing):
            return _plan(query, places, _EMPTY)
        hint = query.options.index
        if hint is not None:
            places = evolve(places, indexes=[_hinted(places.indexes, hint)])
        access = best_way(places, query.where) or _SCAN
        if query.order:
            access = _ordered(places, query, access)
        if hint is not None and hint not in _names(access):
            raise InvalidQueryError(
                f"index {hint!r} serves neither the condition nor the order",
                code="index-hint",
                hint=f"it is over {', '.join(places.indexes[0].paths)}; leave the hint out",
                model=query.model.name,
            )
        return _plan(query, places, access)

    def _places(self, model: ModelSpec, schema: StoreSchema) -> Places:
        relation = None if schema.declared else schema.relation(model.storage_name)
        known = self._known.get(id(model))
        if known is None or known[0] is not relation:
            infos = declared_indexes(model) if relation is None else relation.indexes
            found, unfit = usable(model, infos)
            key = model.key
            places = Places(
                model, collection_of(model), key.names, len(key.partition), found, unfit
            )
            known = self._known[id(model)] = (relation, places)
        return known[1]


def declared_indexes(model: ModelSpec) -> tuple[IndexInfo, ...]:
    """The indexes of a model as the store would report them."""
    return tuple(
        IndexInfo(index.name, index.keys, kind="hash", unique=index.unique)
        for index in definition_of(model).indexes
    )


def _check(query: QuerySpec) -> None:
    options = query.options
    if options.consistency not in LEVELS:
        raise CapabilityError(
            f"the memory connector has no consistency level {options.consistency!r}",
            feature="consistency",
            alternatives=(f"one of {', '.join(sorted(LEVELS))}",),
            connector="memory",
        )
    if options.view is not None:
        raise CapabilityError(
            f"the memory connector has no view {options.view!r} to read",
            feature="views",
            alternatives=("leave view= out", "index=NAME names an index"),
            connector="memory",
        )


def _hinted(indexes: Sequence[Usable], name: str) -> Usable:
    for index in indexes:
        if index.name == name:
            return index
    raise InvalidQueryError(
        f"there is no index {name!r}",
        code="index-hint",
        hint=did_you_mean(name, [index.name for index in indexes]) or "the model declares no index",
    )


# ---------------------------------------------------------------- order


def _ordered(places: Places, query: QuerySpec, access: Access) -> Access:
    """The access with what helps to order: key order, or an index that is walked."""
    natural = _natural(places.key, query)
    if natural and isinstance(access.way, Scan | KeyRange):
        return evolve(access, natural=natural)
    if query.limit is None and not isinstance(access.way, Scan):
        return access
    for index in places.indexes:
        walk = _walk(query, access, index)
        if walk is not None:
            path = "index" if access.path == "scan" and query.where is TRUE else access.path
            return evolve(access, walk=walk, path=path)
    return access


def _natural(key: tuple[str, ...], query: QuerySpec) -> int:
    paths = tuple(path for path, _ in query.order)
    directions = {direction for _, direction in query.order}
    if paths != key[: len(paths)]:
        return 0
    if directions == {"asc"}:
        return 1
    return -1 if directions == {"desc"} and paths == key else 0


def _walk(query: QuerySpec, access: Access, index: Usable) -> Walk | None:
    """How an index gives the order, None if it does not.

    It has to be the index of the access, or the only thing there is to do.
    """
    if not index.sortable:
        return None
    facts = facts_of(query.where)
    prefix, after = _fixed(index, facts)
    start = 0
    for path, _ in query.order:
        if path not in index.paths[:after]:
            break
        start += 1
    if start == len(query.order) or after == len(index.paths):
        return None
    path, direction = query.order[start]
    if path != index.paths[after]:
        return None
    bounds = Bounds(prefix)
    interval = facts.within.get(path)
    if interval is not None:
        bounds = interval.on(bounds)
    mine = isinstance(access.way, Scan | Span) and index.name in (_names(access) or {index.name})
    if not mine or (isinstance(access.way, Scan) and query.where is not TRUE):
        return None
    return Walk(index.name, bounds, direction == "desc", start)


def _fixed(index: Usable, facts: Facts) -> tuple[tuple[object, ...], int]:
    prefix: list[object] = []
    for path in index.paths:
        values = facts.equal.get(path, ())
        if len(values) != 1:
            break
        prefix.append(values[0])
    return tuple(prefix), len(prefix)


# ---------------------------------------------------------------- the plan as a whole


def _plan(query: QuerySpec, places: Places, access: Access) -> Plan:
    scan = access.path == "scan" and (query.where is not TRUE or bool(query.order))
    indexes = places.indexes
    rejected = (*places.unfit, *_rejected(indexes, access)) if indexes or places.unfit else ()
    return Plan(
        query=query,
        path=access.path,
        relation=places.collection,
        pushed=query.where,
        guarantee="exact",
        order="satisfied" if query.order else "none",
        limit_pushed=query.limit is not None,
        fields=query.model.names,
        cost=_SCANNED if scan else _cost(access),
        statements=(Statement(_text(places.collection, query, access)),),
        rejected=rejected,
        suggestions=_suggestions(query) if scan else (),
        opaque=access,
    )


_EMPTY = Access(Points(()), "empty", exact=True, estimate=0)
_SCAN = Access(Scan(), "scan")
_SCANNED = Cost("scan", needs=frozenset({"allow_scan"}))


def _cost(access: Access) -> Cost:
    way = access.way
    partitions = len(way.bounds) if isinstance(way, KeyRange) else 1
    requests = 0 if access.path == "empty" else 1
    return Cost(access.path, requests, est_rows=access.estimate, partitions=partitions)


def _names(access: Access) -> set[str]:
    names = _index_names(access.way)
    return names | {access.walk.index} if access.walk else names


def _index_names(way: Way) -> set[str]:
    match way:
        case Lookup(index) | Span(index):
            return {index}
        case Union(parts):
            return set().union(*map(_index_names, parts))
        case _:
            return set()


def _rejected(indexes: Sequence[Usable], access: Access) -> list[tuple[str, str]]:
    taken = _names(access)
    why = (
        "the key leads to fewer rows"
        if isinstance(access.way, Points)
        else (
            "another index leads to fewer rows" if taken else "no condition on its first property"
        )
    )
    return [(f"index {index.name}", why) for index in indexes if index.name not in taken]


def _text(place: str, query: QuerySpec, access: Access) -> str:
    match access.way:
        case Points(keys):
            text = f"{place}: {len(keys)} key{'' if len(keys) == 1 else 's'}"
        case KeyRange(bounds):
            text = f"{place}: {len(bounds)} range{'' if len(bounds) == 1 else 's'} of the key"
        case Scan():
            text = place + ": all rows in key order"
        case way:
            text = f"{place}: index {', '.join(sorted(_index_names(way))) or 'of the key'}"
    if not access.exact and query.where is not TRUE:
        text += ", filtered"
    if access.walk is not None:
        text += f", in the order of {access.walk.index}"
    elif query.order and not access.natural:
        text += ", sorted"
    return text


def _suggestions(query: QuerySpec) -> tuple[str, ...]:
    """The declaration that would serve the condition's first comparison, or the order."""
    paths = [getattr(part, "path", "") for part in conjuncts(query.where)]
    paths += [path for path, _ in query.order]
    found = next((path for path in paths if path and "(" not in path), None)
    if found is None:
        return ()
    if "." in found:
        return (f'indexes={{"{found.replace(".", "_")}_index": ("{found}",)}}',)
    return (f"{found}: index=True",)
