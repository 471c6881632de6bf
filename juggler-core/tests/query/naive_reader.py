"""A naive reader of trees, which shares nothing with the code under test.

It walks a tree over plain dicts, node by node.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

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
from juggler.values import GeoPoint, distance


def family(value: Any) -> str:
    """What can be compared with what."""
    if value is None or isinstance(value, bool):
        return str(type(value))
    return "number" if isinstance(value, int | float | Decimal) else type(value).__name__


def equal(a: Any, b: Any) -> bool:
    """Equal by value within a family; what is missing in an object is null."""
    if family(a) != family(b):
        return False
    if isinstance(a, dict):
        return all(equal(a.get(name), b.get(name)) for name in [*a, *b])
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def look(value: Any, path: str) -> Any:
    """The value at a path."""
    for part in path.split(".") if path else []:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, GeoPoint):
            value = {"lat": value.lat, "lng": value.lng}.get(part)
        else:
            return None
    return value


def like(pattern: str, text: str) -> bool:
    """LIKE by plain recursion."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(pattern[1:], text[i:]) for i in range(len(text) + 1))
    if pattern[0] == "_":
        return bool(text) and like(pattern[1:], text[1:])
    if pattern[0] == "\\":
        pattern = pattern[1:]
    return text[:1] == pattern[0] and like(pattern[1:], text[1:])


def naive(where: Where, row: Any) -> bool:  # noqa: C901 - a case for each node
    """Whether a dict fulfils a tree."""
    match where:
        case All():
            return True
        case Nothing():
            return False
        case And(parts):
            return all(naive(part, row) for part in parts)
        case Or(parts):
            return any(naive(part, row) for part in parts)
        case Not(part):
            return not naive(part, row)
    found = look(row, where.path)
    match where:
        case IsNull():
            return found is None
        case Cmp(_, "eq", value):
            return equal(found, value)
        case Cmp(_, "ne", value):
            return not equal(found, value)
        case Cmp(_, op, value):
            if family(found) != family(value):
                return False
            return {
                "lt": found < value,
                "le": found <= value,
                "gt": found > value,
                "ge": found >= value,
            }[op]
        case In(_, values):
            return any(equal(found, value) for value in values)
        case Between(path, low, high):
            return naive(Cmp(path, "ge", low), row) and naive(Cmp(path, "le", high), row)
        case Like(_, pattern, True):
            return isinstance(found, str) and like(pattern.casefold(), found.casefold())
        case Like(_, pattern, _):
            return isinstance(found, str) and like(pattern, found)
        case Regex(_, pattern, flags):
            named = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
            bits = sum(named[flag] for flag in flags)
            return isinstance(found, str) and bool(re.search(pattern, found, bits))
        case StartsWith(_, prefix):
            return isinstance(found, str) and found.startswith(prefix)
        case Near(_, point, low, high, _):
            if isinstance(found, dict) and set(found) == {"lat", "lng"}:
                found = GeoPoint(**found)
            if not isinstance(found, GeoPoint):
                return False
            away = distance(point, found, "meters")
            return (low is None or low <= away) and (high is None or away <= high)
        case ContainsKey(_, key):
            return isinstance(found, dict) and key in found
    inside = found.values() if isinstance(found, dict) else found
    if not isinstance(inside, list | tuple | frozenset | type({}.values())):
        return False
    match where:
        case Contains(_, value):
            return any(equal(element, value) for element in inside)
        case AnyElem(_, inner):
            return any(naive(inner, element) for element in inside)
    raise AssertionError(where)
