"""Whether rows come in a query's order, along an index or by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.spec import path_type
from juggler_cloudant.home import stored_path
from juggler_cloudant.planning.bounds import is_alike, is_sortable

if TYPE_CHECKING:
    from juggler.query import OrderTerm
    from juggler_cloudant.planning.place import Place


def index_order(
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


def id_order(place: Place, order: tuple[OrderTerm, ...]) -> tuple[str, bool]:
    """Whether ids are in the order, and whether they have to be read backwards."""
    if not order or not place.ids.ordered or order[0][0] != place.model.key.names[0]:
        return "none", False
    return "satisfied", order[0][1] == "desc"
