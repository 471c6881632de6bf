"""From a query to a plan: keys, index, ids, union, scan, in this order of preference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from juggler.connector import Cost, Plan, keys_of
from juggler.errors import CapabilityError, InvalidQueryError, did_you_mean
from juggler.query.tree import TRUE, Nothing, Or, Where, all_of, conjuncts
from juggler_cloudant.capabilities import LEVELS
from juggler_cloudant.home import BASE, home_of
from juggler_cloudant.ids import Ids
from juggler_cloudant.planning.id_ranges import id_bound
from juggler_cloudant.planning.indexes import known_indexes
from juggler_cloudant.planning.matching import Asked, Match, Place, match, taken_apart
from juggler_cloudant.planning.requests import (
    HIGH,
    AllDocs,
    Branch,
    Find,
    Keys,
    Range,
    Read,
    Union,
    ViewRead,
    statements,
)
from juggler_cloudant.planning.selectors import Selector, pinned, selector_of
from juggler_cloudant.planning.suggest import suggestions

if TYPE_CHECKING:
    from juggler.query import OrderTerm, QuerySpec
    from juggler.spec import StoreSchema
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.settings import CloudantSettings

#: Branches of a union at most.
MAX_BRANCHES: Final = 32
#: Keys that one request reads.
KEYS_A_REQUEST: Final = 500


@frozen(eq=False)
class Answer:
    """What a plan is made of."""

    path: Any
    read: Read
    pushed: Where
    residual: Where
    order: Any = "none"
    requests: int = 1
    rows: int | None = None
    #: Whether the server can count it without reading documents.
    countable: bool = False

    @property
    def indexless(self) -> bool:
        """Whether it does without any index."""
        parts = self.read.branches if isinstance(self.read, Union) else (self,)
        return not any(isinstance(one.read, ViewRead | Find) for one in parts)


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
        best: Answer | None = _hinted(place, asked, query, indexes)
    else:
        best = _best(place, asked, query.order, indexes, rejected)
    if best is None:
        best = _scan(place, asked, query.order, indexes)
    return _plan(query, _selected(place, asked, best), tuple(rejected))


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


def _plan(query: QuerySpec, answer: Answer, rejected: tuple[tuple[str, str], ...]) -> Plan:
    exact = answer.residual is TRUE
    limited = exact and query.limit is not None and (not query.order or answer.order == "satisfied")
    scan = answer.path == "scan"
    asks = query.where is not TRUE or bool(query.order)
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
            needs=frozenset({"allow_scan"} if scan and asks else ()),
        ),
        statements=statements(answer.read),
        rejected=rejected,
        suggestions=suggestions(query) if scan and asks else (),
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
    found = _by_key(place, asked) or _by_index(place, asked, order, indexes, rejected)
    if found is not None and found.path != "scan":
        return found
    return _by_id(place, asked, order, indexes) or _by_union(place, asked, order, indexes) or found


def _by_key(place: Place, asked: Asked) -> Answer | None:
    found = keys_of(place.model, asked.where)
    if found is None:
        return None
    keys, rest = found
    pushed = all_of(*(part for part in asked.parts if part not in conjuncts(rest)))
    path = "point" if len(keys) == 1 else "multi_point"
    requests = -(-len(keys) // KEYS_A_REQUEST)
    read = Keys(place.home.database, tuple(keys))
    return Answer(path, read, pushed, rest, _order_of_one(keys), requests, len(keys))


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


def _order_of_one(keys: list[Any]) -> str:
    return "satisfied" if len(keys) == 1 else "none"


def _by_index(
    place: Place,
    asked: Asked,
    order: tuple[OrderTerm, ...],
    indexes: tuple[MangoIndex, ...],
    rejected: list[tuple[str, str]],
) -> Answer | None:
    found: list[tuple[Any, Match]] = []
    for index in indexes:
        if index.label == BASE:
            continue
        answer = match(place, index, asked, order)
        if isinstance(answer, str):
            rejected.append((f"index {index.label or index.name}", answer))
            continue
        rank = (
            -answer.used, answer.order == "none", not answer.read.pure,
            len(index.fields), index.name,
        )  # fmt: skip
        found.append((rank, answer))
    usable = [pair for pair in found if pair[1].used or pair[1].order != "none"]
    if not usable:
        return None
    usable.sort(key=lambda pair: pair[0])
    best = usable[0][1]
    rejected.extend(
        (f"index {one.read.index.label}", f"{best.read.index.label} fits better")
        for _, one in usable[1:]
    )
    return _of_match(best, asked)


def _of_match(best: Match, asked: Asked) -> Answer:
    scans = not best.used and asked.where is not TRUE
    read = best.read
    requests = -(-len(read.ranges) // RANGES_A_REQUEST)
    return Answer(
        "scan" if scans else "index", read, best.pushed, best.residual, best.order,
        requests, countable=best.alone,
    )  # fmt: skip


RANGES_A_REQUEST: Final = 20


def _by_id(
    place: Place, asked: Asked, order: tuple[OrderTerm, ...], indexes: tuple[MangoIndex, ...]
) -> Answer | None:
    """Rows between two keys; or all of them, in the order of keys."""
    bound = id_bound(place, asked)
    state, descending = _id_order(place, order)
    if bound is None:
        if asked.where is not TRUE or state == "none":
            return None
        low = high = None
        without: frozenset[str] = frozenset()
        pushed: Where = TRUE
    else:
        low, high, without, pushed = bound.low, bound.high, bound.without, bound.pushed
    residual = all_of(*(p for p in asked.parts if not any(p is q for q in conjuncts(pushed))))
    base = next((i for i in indexes if i.label == BASE), None)
    read: Read
    if base is None:
        prefix = place.ids.prefix
        read = AllDocs(
            place.home.database,
            low if low is not None else prefix or None,
            high if high is not None else (prefix + "\U0010ffff" if prefix else None),
            without,
            descending,
        )
    else:
        key = (place.home.name,)
        read = ViewRead(
            place.home.database, base, (Range(key, key, low, high, without=without),), descending
        )
    return Answer("index", read, pushed, residual, state)


def _id_order(place: Place, order: tuple[OrderTerm, ...]) -> tuple[str, bool]:
    if not order or not place.ids.ordered or order[0][0] != place.model.key.names[0]:
        return "none", False
    return "satisfied", order[0][1] == "desc"


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
            way = _by_key(place, inner) or _by_index(place, inner, (), indexes, [])
            if way is None or way.path == "scan":
                way = _by_id(place, inner, (), indexes)
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
    state, descending = _id_order(place, order)
    if base is None:
        prefix = place.ids.prefix
        read: Read = AllDocs(
            place.home.database,
            prefix or None,
            prefix + "\U0010ffff" if prefix else None,
            descending=descending,
        )
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
    found = match(place, chosen, asked, query.order)
    if isinstance(found, str) or not (found.used or found.order != "none"):
        why = found if isinstance(found, str) else "it gives no other order"
        raise CapabilityError(
            f"index {name!r} cannot answer this query: {why}",
            feature="index",
            alternatives=("leave index= out: the best one is taken",),
            model=query.model.name,
            connector="cloudant",
        )
    return _of_match(found, asked)
