"""Ways to rows: by key, along an index, between two ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.connector import keys_of
from juggler.query.tree import TRUE, Where, all_of, conjuncts
from juggler_cloudant.home import BASE
from juggler_cloudant.planning.id_ranges import all_between, id_bound
from juggler_cloudant.planning.matching import Asked, Match, match
from juggler_cloudant.planning.ordering import id_order
from juggler_cloudant.planning.requests import Find, Keys, Range, Read, Union, ViewRead

if TYPE_CHECKING:
    from juggler.query import OrderTerm
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.planning.place import Place

#: Keys that one request reads.
KEYS_A_REQUEST: Final = 500
#: Ranges of an index that one request reads.
RANGES_A_REQUEST: Final = 20


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
    #: How many properties are known to be equal to something.
    equal: int = 0

    @property
    def indexless(self) -> bool:
        """Whether it does without any index."""
        parts = self.read.branches if isinstance(self.read, Union) else (self,)
        return not any(isinstance(one.read, ViewRead | Find) for one in parts)


def by_key(place: Place, asked: Asked) -> Answer | None:
    """Rows whose keys are named."""
    found = keys_of(place.model, asked.where)
    if found is None:
        return None
    keys, rest = found
    pushed = all_of(*(part for part in asked.parts if part not in conjuncts(rest)))
    path = "point" if len(keys) == 1 else "multi_point"
    requests = -(-len(keys) // KEYS_A_REQUEST)
    ids = tuple(one for one in map(place.ids.find, keys) if one is not None)
    read = Keys(place.home.database, tuple(keys), ids)
    return Answer(path, read, pushed, rest, _order_of_one(keys), requests, len(keys))


def _order_of_one(keys: list[Any]) -> str:
    return "satisfied" if len(keys) == 1 else "none"


def by_index(
    place: Place,
    asked: Asked,
    order: tuple[OrderTerm, ...],
    indexes: tuple[MangoIndex, ...],
    rejected: list[tuple[str, str]],
) -> Answer | None:
    """Along the index that fits best; of the others, ``rejected`` gets to know why not."""
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
    return of_match(best, asked)


def of_match(best: Match, asked: Asked) -> Answer:
    """Along one index."""
    scans = not best.used and asked.where is not TRUE
    read = best.read
    requests = -(-len(read.ranges) // RANGES_A_REQUEST)
    return Answer(
        "scan" if scans else "index", read, best.pushed, best.residual, best.order,
        requests, countable=best.alone, equal=best.equal,
    )  # fmt: skip


def by_id(
    place: Place, asked: Asked, order: tuple[OrderTerm, ...], indexes: tuple[MangoIndex, ...]
) -> Answer | None:
    """Rows between two keys; or all of them, in the order of keys."""
    bound = id_bound(place, asked)
    state, descending = id_order(place, order)
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
        read = all_between(
            place.home.database, place.ids.prefix, low, high, without, descending=descending
        )
    else:
        key = (place.home.name,)
        read = ViewRead(
            place.home.database, base, (Range(key, key, low, high, without=without),), descending
        )
    equal = 0 if place.ids.single else len(conjuncts(pushed))
    return Answer("index", read, pushed, residual, state, equal=equal)
