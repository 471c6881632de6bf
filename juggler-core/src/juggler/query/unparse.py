"""From a tree back to LoopBack's JSON: what ``to_dict``, ``explain`` and logs show.

``parse_where(where_to_dict(tree)) == tree`` for every tree that a filter of JSON values makes.
Values that JSON does not have become their JSON form, which binding turns back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.query._operators import LOGICAL, MATCHES, OPERATORS, SIBLINGS
from juggler.query.tree import (
    All,
    And,
    AnyElem,
    Between,
    Cmp,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Nothing,
    Or,
    Regex,
    StartsWith,
    Where,
)
from juggler.values.jsonable import to_jsonable
from juggler.values.like import escape_like

if TYPE_CHECKING:
    from juggler.query.parse import Filter
    from juggler.query.shape import FieldsSel

_WORDS = {"ne": "neq", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}
_OWN = {*OPERATORS, *SIBLINGS, *MATCHES}
_BOTH = 2
_NEGATIVE = {"inq": "nin", "like": "nlike", "ilike": "nilike"}


def where_to_dict(where: Where) -> dict[str, Any]:
    """The tree as a LoopBack where of plain JSON data."""
    match where:
        case All():
            return {}
        case Nothing():
            return {"or": []}
        case And(parts):
            return _and([where_to_dict(part) for part in parts])
        case Or(parts):
            return {"or": [where_to_dict(part) for part in parts]}
        case Not(part):
            return _not(part)
        case _:
            return _on(where.path, _condition(where))


def filter_to_dict(data: Filter) -> dict[str, Any]:
    """A parsed filter as a LoopBack filter of plain JSON data; what it does not say is left out."""
    order = [path if direction == "asc" else f"{path} DESC" for path, direction in data.order]
    found = {
        "where": where_to_dict(data.where) or None,
        "order": order or None,
        "limit": data.limit,
        "skip": data.skip or None,
        "fields": fields_to_json(data.fields),
        "include": to_jsonable(data.include),
    }
    return {name: value for name, value in found.items() if value is not None}


def fields_to_json(fields: FieldsSel | None) -> Any:
    """A field selection as LoopBack's list, or as its map of names to leave out."""
    if fields is None:
        return None
    return dict.fromkeys(fields.names, False) if fields.exclude else list(fields.names)


def _on(path: str, condition: Any) -> dict[str, Any]:
    """A condition on a path; on the element itself (``""``) it stands without a path."""
    if path:
        return {path: condition}
    return condition if isinstance(condition, dict) else {"eq": condition}


def _and(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One object where that says the same, else a list under ``and``."""
    merged: dict[str, Any] = {}
    last = ""
    for part in parts:
        for key, condition in part.items():
            if key not in merged:
                merged[key] = condition
            elif key == last and key not in LOGICAL and _are_disjoint(merged[key], condition):
                merged[key] = {**merged[key], **condition}
            else:
                return {"and": parts}
            last = key
    # An element's own conditions have no path: they stay apart from paths and logical words.
    kinds = {key in _OWN for key in merged}
    return merged if all(parts) and len(kinds) < _BOTH else {"and": parts}


def _are_disjoint(before: Any, condition: Any) -> bool:
    if not isinstance(before, dict) or not isinstance(condition, dict):
        return False
    return not before.keys() & condition.keys()


def _not(part: Where) -> dict[str, Any]:
    match part:
        case IsNull(path):
            return _on(path, {"neq": None})
        case In() | Like():
            ((word, operand),) = _condition(part).items()
            return _on(part.path, {_NEGATIVE[word]: operand})
        case _:
            return {"not": where_to_dict(part)}


def _condition(where: Any) -> Any:
    if isinstance(where, Cmp):
        return _comparison(where)
    match where:
        case In(_, values):
            return {"inq": to_jsonable(values)}
        case Between(_, low, high):
            return {"between": to_jsonable([low, high])}
        case IsNull():
            return None
        case Like(_, pattern, ci):
            return {"ilike" if ci else "like": pattern}
        case StartsWith(_, prefix):
            return {"like": f"{escape_like(prefix)}%"}
        case Near():
            return _near(where)
        case _:
            return _other(where)


def _other(where: Any) -> Any:
    match where:
        case Regex(_, pattern, flags):
            return {
                "regexp": f"/{pattern}/{flags}" if flags or pattern.startswith("/") else pattern
            }
        case Contains(_, value):
            return {"contains": to_jsonable(value)}
        case ContainsKey(_, key):
            return {"containsKey": to_jsonable(key)}
        case AnyElem(_, inner):
            return {"elemMatch": where_to_dict(inner)}
    raise TypeError(where)


def _comparison(where: Cmp) -> Any:
    value = to_jsonable(where.value)
    if where.op != "eq":
        return {_WORDS[where.op]: value}
    return {"eq": value} if value is None or isinstance(value, dict) else value


def _near(where: Near) -> dict[str, Any]:
    found: dict[str, Any] = {"near": to_jsonable(where.point)}
    if where.min_distance is not None:
        found["minDistance"] = where.min_distance
    if where.max_distance is not None:
        found["maxDistance"] = where.max_distance
    return found if where.unit == "miles" else {**found, "unit": where.unit}
