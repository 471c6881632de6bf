"""From a query to a plan: keys, index, ids, union, scan, in this order of preference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from juggler.connector import Cost, Plan
from juggler.errors import CapabilityError, InvalidQueryError, did_you_mean
from juggler.query.tree import TRUE, Nothing, Or, Where, all_of, conjuncts
from juggler_cloudant.capabilities import LEVELS, capabilities_of
from juggler_cloudant.home import BASE, home_of, own_indexes
from juggler_cloudant.ids import Ids
from juggler_cloudant.planning.id_ranges import all_between
from juggler_cloudant.planning.indexes import NOT_MADE, known_indexes
from juggler_cloudant.planning.matching import Asked, match, taken_apart
from juggler_cloudant.planning.ordering import id_order
from juggler_cloudant.planning.partitions import ONE_PARTITION, by_partition
from juggler_cloudant.planning.place import Place
from juggler_cloudant.planning.requests import (
    HIGH,
    Branch,
    Find,
    Range,
    Read,
    Union,
    ViewRead,
    statements,
)
from juggler_cloudant.planning.selectors import Selector, pinned, selector_of
from juggler_cloudant.planning.suggest import suggestions
from juggler_cloudant.planning.ways import Answer, by_id, by_index, by_key, of_match

if TYPE_CHECKING:
    from juggler.query import OrderTerm, QuerySpec
    from juggler.spec import StoreSchema
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.settings import CloudantSettings

#: Branches of a union at most.
MAX_BRANCHES: Final = 32


def plan_query(
    query: QuerySpec, schema: StoreSchema, settings: CloudantSettings, *, indexed: bool = True
) -> Plan:
    """The plan of a query.

    Args:
        query: bound and normalised.
        schema: what is known to exist; when nothing was read, what the model declares.
        settings: of the data source.
        indexed: whether the server's indexes can be used.

    Raises:
        InvalidQueryError: the index that the caller names is not there.
        CapabilityError: it cannot serve the query, or the consistency is none of this store.
    """
    home = home_of(query.model, settings)
    place = Place(query.model, home, Ids(query.model, home))
    _checked(query)
    if isinstance(query.where, Nothing):
        return Plan(
            query, "empty", query.model.storage_name, guarantee="exact",
            fields=query.model.names, cost=Cost("empty", requests=0),
        )  # fmt: skip
    asked = taken_apart(place, query.where)
    indexes, rejected = known_indexes(query.model, home, schema) if indexed else ((), [])
    if query.options.index:
        if not indexed:
            capabilities_of("pouchdb").require("push", connector="cloudant", what="index=")
        best: Answer | None = _hinted(place, asked, query, indexes)
    else:
        best = _best(place, asked, query.order, indexes, rejected)
    if best is None:
        best = _scan(place, asked, query.order, indexes)
    best = _selected(place, asked, best)
    scans = best.path == "scan" and (query.where is not TRUE or bool(query.order))
    helpful = _helpful(place, asked, query, rejected) if indexed and scans else ()
    return _plan(query, best, tuple(rejected), helpful if scans else None)


def _helpful(
    place: Place, asked: Asked, query: QuerySpec, rejected: list[tuple[str, str]]
) -> tuple[str, ...]:
    """What would make a scan cheap: an index that is declared and was not made, else a new one."""
    missing = {f"index {one.label}": one for one in own_indexes(place.model, place.home)}
    for name in (name for name, why in rejected if why == NOT_MADE and name in missing):
        if not isinstance(match(place, missing[name], asked, query.order), str):
            return (f"db.autoupdate() makes {name}, which is declared",)
    return suggestions(query, place.home)


def _checked(query: QuerySpec) -> None:
    level = query.options.consistency
    if level not in LEVELS:
        raise CapabilityError(
            f"Cloudant cannot read at consistency {level!r}",
            feature="consistency",
            alternatives=(f"one of {', '.join(sorted(LEVELS))}",),
            connector="cloudant",
            model=query.model.name,
        )
    if query.options.view:
        raise CapabilityError(
            f"Cloudant has no view {query.options.view!r} of {query.model.name}",
            feature="views",
            alternatives=("name an index: index=…",),
            connector="cloudant",
            model=query.model.name,
        )


def _plan(
    query: QuerySpec,
    answer: Answer,
    rejected: tuple[tuple[str, str], ...],
    helpful: tuple[str, ...] | None,
) -> Plan:
    """The plan of an answer; ``helpful`` is None for one that needs no permission."""
    exact = answer.residual is TRUE
    limited = exact and query.limit is not None and (not query.order or answer.order == "satisfied")
    return Plan(
        query=query,
        path=answer.path,
        relation=query.model.storage_name,
        pushed=answer.pushed,
        residual=answer.residual,
        guarantee="exact" if exact else "superset",
        order=answer.order if query.order else "none",
        limit_pushed=limited,
        fields=query.model.names,
        cost=Cost(
            answer.path,
            requests=answer.requests,
            est_rows=answer.rows,
            needs=frozenset(() if helpful is None else {"allow_scan"}),
        ),
        statements=statements(answer.read),
        rejected=rejected,
        suggestions=helpful or (),
        opaque=answer,
    )


# ---------------------------------------------------------------- the ways


def _best(
    place: Place,
    asked: Asked,
    order: tuple[OrderTerm, ...],
    indexes: tuple[MangoIndex, ...],
    rejected: list[tuple[str, str]],
) -> Answer | None:
    found = by_key(place, asked) or by_partition(place, asked, order, indexes, rejected)
    if found is not None:
        return found
    rejected.extend((f"index {one.label}", ONE_PARTITION) for one in indexes if one.partitioned)
    indexes = tuple(one for one in indexes if not one.partitioned)
    found = by_index(place, asked, order, indexes, rejected)
    good = found is not None and found.path != "scan"
    if good and place.ids.single:
        return found
    ids = by_id(place, asked, order, indexes)
    if found is not None and good and (ids is None or found.equal >= ids.equal):
        return found
    return ids or _by_union(place, asked, order, indexes) or found


def _selected(place: Place, asked: Asked, answer: Answer) -> Answer:
    """The answer with what the server can test beyond the index."""
    view = answer.read
    if not isinstance(view, ViewRead) or len(view.ranges) != 1 or _by_ids(view.ranges[0]):
        return answer
    narrowed = conjuncts(answer.pushed)
    added: list[tuple[Where, Selector]] = []
    for part in conjuncts(answer.residual):
        found = None if any(part is one for one in narrowed) else selector_of(place, part)
        if found is not None:
            added.append((part, found))
    if not added:
        return answer
    exact = [part for part, found in added if found.exact]
    parts = [part for part, _ in added]
    selector = pinned(place, view.index, asked, [found for _, found in added])
    return evolve(
        answer,
        read=Find(view, selector, all_of(*parts)),
        pushed=all_of(*narrowed, *parts),
        residual=all_of(
            *(p for p in conjuncts(answer.residual) if not any(p is one for one in exact))
        ),
        countable=False,
    )


def _by_ids(one: Range) -> bool:
    return one.low_id is not None or one.high_id is not None or bool(one.without)


def _by_union(
    place: Place, asked: Asked, order: tuple[OrderTerm, ...], indexes: tuple[MangoIndex, ...]
) -> Answer | None:
    """An ``or`` whose every branch has a way of its own."""
    del order  # rows of several branches have none
    for part in asked.parts:
        if not isinstance(part, Or) or len(part.parts) > MAX_BRANCHES:
            continue
        others = [p for p in asked.parts if p is not part]
        branches: list[Branch] = []
        requests = 0
        for one in part.parts:
            inner = taken_apart(place, all_of(one, *others))
            way = by_key(place, inner) or by_index(place, inner, (), indexes, [])
            if way is None or way.path == "scan":
                way = by_id(place, inner, (), indexes)
            if way is None or isinstance(way.read, Union | Find):
                break
            branches.append(Branch(way.read, all_of(one, *others)))
            requests += way.requests
        else:
            read = Union(place.home.database, tuple(branches))
            return Answer("union", read, asked.where, TRUE, "none", requests)
    return None


def _scan(
    place: Place, asked: Asked, order: tuple[OrderTerm, ...], indexes: tuple[MangoIndex, ...]
) -> Answer:
    """All rows of the model: over the base index, or over all documents where there is none."""
    base = next((i for i in indexes if i.label == BASE), None)
    everything = asked.where is TRUE
    state, descending = id_order(place, order)
    if base is None:
        read: Read = all_between(place.home.database, place.ids.prefix, descending=descending)
        return Answer("scan", read, TRUE, asked.where, state)
    key = (place.home.name,)
    read = ViewRead(place.home.database, base, (Range(key, (*key, HIGH)),), descending)
    return Answer("scan", read, TRUE, asked.where, state, countable=everything)


def _hinted(
    place: Place, asked: Asked, query: QuerySpec, indexes: tuple[MangoIndex, ...]
) -> Answer:
    """The index that the caller names, or a refusal."""
    name = (query.options.index or "").removeprefix("_design/")
    chosen = next((i for i in indexes if name in {i.label, i.name, i.ddoc}), None)
    if chosen is None:
        raise InvalidQueryError(
            f"{query.model.name} has no index {name!r}",
            code="unknown-index",
            hint=did_you_mean(name, {i.label or i.name for i in indexes}),
            model=query.model.name,
            connector="cloudant",
        )
    if chosen.label == BASE:
        return _scan(place, asked, query.order, (chosen,))
    if chosen.partitioned:
        way = by_partition(place, asked, query.order, (chosen,), [])
        if way is not None and isinstance(way.read, ViewRead):
            return way
    found = match(place, chosen, asked, query.order) if not chosen.partitioned else ONE_PARTITION
    if isinstance(found, str) or not (found.used or found.order != "none"):
        why = found if isinstance(found, str) else "it gives no other order"
        raise CapabilityError(
            f"index {name!r} cannot answer this query: {why}",
            feature="index",
            alternatives=("leave index= out: the best one is taken",),
            model=query.model.name,
            connector="cloudant",
        )
    return of_match(found, asked)
