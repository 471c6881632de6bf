"""Declarations that would make a scan cheap, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.query.tree import Between, Cmp, In, IsNull, StartsWith, conjuncts
from juggler.spec import path_type
from juggler.values import TEXTUAL
from juggler_cloudant.planning.bounds import is_ordered, is_sortable

if TYPE_CHECKING:
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec


def suggestions(query: QuerySpec) -> tuple[str, ...]:
    """Index declarations for the condition and the order of a query; none when none would help."""
    model = query.model
    equal: list[str] = []
    ranged: list[str] = []
    for part in conjuncts(query.where):
        path = getattr(part, "path", "")
        spec = path_type(model, path) if path else None
        if spec is None or (path,) == model.key.names or path not in model.field:
            continue
        match part:
            case Cmp(_, "eq") | In() | IsNull():
                equal.append(path)
            case Cmp(_, "lt" | "le" | "gt" | "ge") | Between() if is_ordered(
                spec, model.field.get(path)
            ):
                ranged.append(path)
            case StartsWith():
                ranged.append(path)
            case _:
                continue
    names = [*dict.fromkeys(equal), *dict.fromkeys(ranged[:1])]
    ways = {way for _, way in query.order}
    ordered = [path for path, _ in query.order]
    sortable = len(ways) == 1 and all(
        path in model.field
        and (path,) != model.key.names
        and (is_sortable(model.field[path].type, model.field[path]) or _is_text(model, path))
        for path in ordered
    )
    unsorted = [
        path for path in ordered
        if sortable and not is_sortable(model.field[path].type, model.field[path])
    ]  # fmt: skip
    if sortable and (not names or not ranged or ordered[0] in ranged):
        names = list(dict.fromkeys([*equal, *ordered]))
    if not names:
        return ()
    listed = ", ".join(f'"{name}": 1' for name in names)
    label = "_".join(name.replace(".", "_") for name in names)
    index = f'"indexes": {{"by_{label}": {{"keys": {{{listed}}}}}}}, then db.autoupdate()'
    if not unsorted:
        return (index,)
    told = (
        f'"collation": "icu" on {" and ".join(unsorted)} takes the server\'s order of texts '
        f'("ascii-safe": there are only a-z, 0-9 and " -./"), with {index}'
    )
    return (told,)


def _is_text(model: ModelSpec, path: str) -> bool:
    return model.field[path].type.kind in TEXTUAL
