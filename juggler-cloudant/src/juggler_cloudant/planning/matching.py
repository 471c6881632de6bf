"""How well an index fits a condition and an order."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.query.tree import IsNull, Not, Where, all_of, conjuncts
from juggler.spec import EXTRA, path_type
from juggler.values import TypeKind as K
from juggler_cloudant.home import is_dense, stored_path
from juggler_cloudant.planning.bounds import Bound, bound_of, is_alike
from juggler_cloudant.planning.ordering import index_order
from juggler_cloudant.planning.requests import HIGH, Range, ViewRead

if TYPE_CHECKING:
    from juggler.query import OrderTerm
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.planning.place import Place

#: Ranges of one read at most.
MAX_RANGES: Final = 10_000


@frozen(eq=False)
class Asked:
    """A condition taken apart: conjuncts by document path, and the bound of each path."""

    where: Where
    parts: tuple[Where, ...]
    bounds: dict[str, Bound]
    paths: dict[str, str]


def taken_apart(place: Place, where: Where) -> Asked:
    """The condition as bounds of document paths; the key's are not among them."""
    parts = conjuncts(where)
    by_path: dict[str, list[Where]] = {}
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        path = getattr(inner, "path", "")
        if path and not (place.ids.single and path == place.model.key.names[0]):
            by_path.setdefault(path, []).append(part)
    bounds: dict[str, Bound] = {}
    names: dict[str, str] = {}
    for path, some in by_path.items():
        spec = path_type(place.model, path)
        if spec is None or path == EXTRA:
            continue
        field = place.model.field.get(path)
        alike = spec.kind is K.ANY or is_alike(place.home, spec, field)
        usable = some if alike else [part for part in some if _asks_for_null(part)]
        found = bound_of(usable, spec, field)
        if found is None or (found.nulls and not is_dense(place.model, place.home, path)):
            continue
        stored = stored_path(place.model, path)
        bounds[stored] = found
        names[stored] = path
    return Asked(where, parts, bounds, names)


def _asks_for_null(part: Where) -> bool:
    return isinstance(part.part if isinstance(part, Not) else part, IsNull)


@frozen(eq=False)
class Match:
    """What an index does for a query.

    Attributes:
        read: the request.
        used: how many paths of the condition it narrows.
        pushed: the conditions that it answers.
        residual: what has to be tested.
        order: ``satisfied``, ``ties`` or ``none``.
        alone: whether the index itself knows the answer, so that it can be counted.
        equal: how many of the paths are equal to something.
    """

    read: ViewRead
    used: int
    pushed: Where
    residual: Where
    order: Any
    alone: bool
    equal: int


def match(
    place: Place, index: MangoIndex, asked: Asked, order: tuple[OrderTerm, ...]
) -> Match | str:
    """How an index answers, or why it cannot."""
    way = _narrowed(place, index, asked)
    lacking = _lacking(place, index, asked)
    if lacking:
        return f"documents without {lacking} are not in it"
    if not way.used and not (way.pure and order):
        return "nothing is asked of its first field"
    several = len(way.prefixes) > 1
    state, descending = index_order(place, way.rest, way.pinned, order, several=several)
    ranges = tuple(_range(prefix, way.last) for prefix in way.prefixes)
    exact = [part for bound in way.used for part in bound.exact]
    doubtful = [part for bound in way.used for part in bound.superset]
    residual = all_of(*(part for part in asked.parts if not _among(part, exact)))
    return Match(
        ViewRead(place.home.database, index, ranges, descending, way.pure),
        len(way.used),
        all_of(*(part for part in asked.parts if _among(part, [*exact, *doubtful]))),
        residual,
        state,
        alone=way.pure and not conjuncts(residual),
        equal=len(way.used) - (way.last is not None),
    )


@frozen(eq=False)
class _Narrowed:
    """How far a condition goes along an index.

    Attributes:
        prefixes: values of the first fields, each a stretch of the index.
        used: the bounds that are used.
        last: the range behind the prefixes.
        pinned: fields that have one value.
        pure: whether all documents there are of the model.
        rest: the fields behind the prefixes.
    """

    prefixes: list[tuple[Any, ...]]
    used: list[Bound]
    last: Bound | None
    pinned: set[str]
    pure: bool
    rest: tuple[str, ...]


def _narrowed(place: Place, index: MangoIndex, asked: Asked) -> _Narrowed:
    prefixes: list[tuple[Any, ...]] = [()]
    used: list[Bound] = []
    pinned: set[str] = set()
    pure = not place.home.field
    for at, field in enumerate(index.fields):
        rest = index.fields[at:]
        if field == place.home.field:
            prefixes = [(*p, place.home.name) for p in prefixes]
            pure = True
            continue
        bound = asked.bounds.get(field)
        if bound is None:
            return _Narrowed(prefixes, used, None, pinned, pure, rest)
        if bound.values is None:
            return _Narrowed(prefixes, [*used, bound], bound, pinned, pure, rest)
        if len(prefixes) * len(bound.values) > MAX_RANGES:
            return _Narrowed(prefixes, used, None, pinned, pure, rest)
        prefixes = [(*p, v) for p, v in product(prefixes, bound.values)]
        used.append(bound)
        if len(bound.values) == 1:
            pinned.add(field)
    return _Narrowed(prefixes, used, None, pinned, pure, ())


def _among(part: Where, some: list[Where]) -> bool:
    return any(part is one for one in some)


def _range(prefix: tuple[Any, ...], last: Bound | None) -> Range:
    if last is None or last.low is None or last.high is None:
        return Range(prefix, (*prefix, HIGH))
    (low, after_low), (high, before_high) = last.low, last.high
    start = (*prefix, low, HIGH) if after_low else (*prefix, low)
    if before_high:
        return Range(start, (*prefix, high), open_end=True)
    return Range(start, (*prefix, high) if high is HIGH else (*prefix, high, HIGH))


def _lacking(place: Place, index: MangoIndex, asked: Asked) -> str:
    """A field that documents may lack: they are then not in the index, but may match."""
    for field in index.fields:
        if field in {place.home.field, "_id"} or field in asked.bounds:
            continue
        path = next((f.name for f in place.model.fields if f.storage_name == field), field)
        if not is_dense(place.model, place.home, path):
            return field
    return ""
