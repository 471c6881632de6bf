"""Declarations that would make a scan cheap, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.query.tree import Between, Cmp, In, IsNull, StartsWith, conjuncts
from juggler.spec import path_type
from juggler.values import TEXTUAL
from juggler_cloudant.planning.bounds import is_alike, is_ordered, is_sortable

if TYPE_CHECKING:
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home


def suggestions(query: QuerySpec, home: Home) -> tuple[str, ...]:
    """Index declarations for the condition and the order of a query; none when none would help."""
    model = query.model
    equal, ranged = _asked(query)
    names = [*equal, *ranged[:1]]
    ordered = [path for path, _ in query.order]
    # Documents that lack a property are in no index on it, and have a place in the order.
    whole = home.dense or {*ordered} <= {*equal, *ranged}
    sortable = whole and _is_one_way(query) and all(_may_sort(model, path) for path in ordered)
    if sortable and (not names or not ranged or ordered[0] in ranged):
        names = list(dict.fromkeys([*equal, *ordered]))
    if not names:
        return ()
    listed = ", ".join(f'"{name}": 1' for name in names)
    label = "_".join(name.replace(".", "_") for name in names)
    index = f'"indexes": {{"by_{label}": {{"keys": {{{listed}}}}}}}, then db.autoupdate()'
    others = [p for p in names if not is_alike(home, model.field[p].type, model.field[p])]
    if others:
        promise = (
            f'"collation": "ascii-safe" on {" and ".join(others)} promises that every document '
            f"has it as Juggler writes it, with {index}"
        )
        return (promise,)
    unsorted = [path for path in ordered if sortable and not _sorts(model, path)]
    if not unsorted:
        return (index,)
    told = (
        f'"collation": "icu" on {" and ".join(unsorted)} takes the server\'s order of texts '
        f'("ascii-safe": there are only a-z, 0-9 and " -./"), with {index}'
    )
    return (told,)


def _asked(query: QuerySpec) -> tuple[list[str], list[str]]:
    """The declared properties that the condition sets equal to something, and those of ranges."""
    model = query.model
    equal: dict[str, None] = {}
    ranged: dict[str, None] = {}
    for part in conjuncts(query.where):
        path = getattr(part, "path", "")
        field = model.field.get(path)
        spec = path_type(model, path) if path else None
        if spec is None or field is None or (path,) == model.key.names:
            continue
        match part:
            case Cmp(_, "eq") | In() | IsNull():
                equal[path] = None
            case Cmp(_, "lt" | "le" | "gt" | "ge") | Between() if is_ordered(spec, field):
                ranged[path] = None
            case StartsWith():
                ranged[path] = None
            case _:
                continue
    return list(equal), list(ranged)


def _is_one_way(query: QuerySpec) -> bool:
    return len({way for _, way in query.order}) == 1


def _may_sort(model: ModelSpec, path: str) -> bool:
    """Whether an index could give the order, if the server's order of texts is wanted."""
    field = model.field.get(path)
    return (
        field is not None
        and (path,) != model.key.names
        and (is_sortable(field.type, field) or field.type.kind in TEXTUAL)
    )


def _sorts(model: ModelSpec, path: str) -> bool:
    return is_sortable(model.field[path].type, model.field[path])
