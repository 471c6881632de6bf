"""How well an index fits a condition and an order."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.query.tree import IsNull, Not, Where, all_of, conjuncts
from juggler.spec import EXTRA, path_type
from juggler.values import TypeKind as K
from juggler_cloudant.home import is_dense, stored_path
from juggler_cloudant.planning.bounds import Bound, bound_of, is_alike, is_sortable
from juggler_cloudant.planning.requests import HIGH, Range, ViewRead

if TYPE_CHECKING:
    from juggler.query import OrderTerm
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home, MangoIndex
    from juggler_cloudant.ids import Ids

#: Ranges of one read at most.
MAX_RANGES: Final = 10_000


@frozen(eq=False)
class Place:
    """A model and what its planning needs."""

    model: ModelSpec
    home: Home
    ids: Ids


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
    prefixes: list[tuple[Any, ...]] = [()]
    used: list[Bound] = []
    last: Bound | None = None
    pinned: set[str] = set()
    pure = not place.home.field
    at = 0
    for at, field in enumerate(index.fields):  # noqa: B007 - where it stopped is the point
        if field == place.home.field:
            prefixes = [(*p, place.home.name) for p in prefixes]
            pure = True
            continue
        bound = asked.bounds.get(field)
        if bound is None:
            break
        if bound.values is None:
            last = bound
            used.append(bound)
            break
        if len(prefixes) * len(bound.values) > MAX_RANGES:
            break
        prefixes = [(*p, v) for p, v in product(prefixes, bound.values)]
        used.append(bound)
        if len(bound.values) == 1:
            pinned.add(field)
    else:
        at = len(index.fields)
    lacking = _lacking(place, index, asked)
    if lacking:
        return f"documents without {lacking} are not in it"
    if not used and not (pure and order):
        return "nothing is asked of its first field"
    state, descending = _order(place, index.fields[at:], pinned, order, several=len(prefixes) > 1)
    ranges = tuple(_range(prefix, last) for prefix in prefixes)
    exact = [part for bound in used for part in bound.exact]
    doubtful = [part for bound in used for part in bound.superset]
    residual = all_of(*(part for part in asked.parts if not _among(part, exact)))
    read = ViewRead(place.home.database, index, ranges, descending, pure)
    return Match(
        read,
        len(used),
        all_of(*(part for part in asked.parts if _among(part, [*exact, *doubtful]))),
        residual,
        state,
        alone=pure and not conjuncts(residual),
        equal=len(used) - (last is not None),
    )


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


# ---------------------------------------------------------------- order


def _order(
    place: Place,
    fields: tuple[str, ...],
    pinned: set[str],
    order: tuple[OrderTerm, ...],
    *,
    several: bool,
) -> tuple[str, bool]:
    """Whether rows come in the order, and whether the index has to be read backwards."""
    if not order:
        return "none", False
    if several:
        return "none", False
    key = place.model.key.names
    terms = [t for t in order if stored_path(place.model, t[0]) not in pinned]
    rest = [f for f in fields if f != place.home.field]
    if any(f == place.home.field for f in fields[: len(terms)]):
        return "none", False
    directions = {way for _, way in terms}
    by_id = False
    for number, (path, _) in enumerate(terms):
        if place.ids.single and path == key[0]:
            if number < len(rest) or not place.ids.ordered:
                return "none", False
            by_id = True
            directions = {w for _, w in terms[: number + 1]}
            break
        if number >= len(rest) or rest[number] != stored_path(place.model, path):
            return "none", False
        spec, declared = path_type(place.model, path), place.model.field.get(path)
        if (
            spec is None
            or not is_sortable(spec, declared)
            or not is_alike(place.home, spec, declared)
        ):
            return "none", False
    if len(directions) > 1:
        return "none", False
    descending = directions == {"desc"}
    tie_free = by_id or (not descending and len(rest) == len(terms) and place.ids.ordered)
    return ("satisfied" if tie_free else "ties"), descending
