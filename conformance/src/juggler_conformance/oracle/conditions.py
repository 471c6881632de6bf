"""Whether a row fulfils a condition: two-valued logic, null-safe."""

from __future__ import annotations

import math
import re
from functools import lru_cache
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
from juggler_conformance.oracle.values import absent, at, equal, kind, less

#: Radius of the earth, in the peer's units.
RADIUS = {
    "miles": 3958.75,
    "kilometers": 6370.99056,
    "meters": 6370990.56,
    "feet": 20902200.0,
    "radians": 1.0,
    "degrees": 57.2957795,
}


def matches(where: Where, row: Any) -> bool:  # noqa: C901 - one line for each node
    """Whether the row (a mapping, or an element inside ``AnyElem``) fulfils the condition."""
    match where:
        case All():
            return True
        case Nothing():
            return False
        case And(parts):
            return all(matches(part, row) for part in parts)
        case Or(parts):
            return any(matches(part, row) for part in parts)
        case Not(part):
            return not matches(part, row)
        case Cmp(path, op, value):
            return _compare(op, at(row, path), value)
        case In(path, values):
            found = at(row, path)
            return any(equal(found, value) for value in values)
        case Between(path, lo, hi):
            found = at(row, path)
            return _compare("ge", found, lo) and _compare("le", found, hi)
        case IsNull(path):
            return absent(row, path)
        case Like(path, pattern, ci):
            found = at(row, path)
            return isinstance(found, str) and like(pattern, found, ci=ci)
        case Regex(path, pattern, flags):
            found = at(row, path)
            return isinstance(found, str) and _regex(pattern, flags).search(found) is not None
        case StartsWith(path, prefix):
            found = at(row, path)
            return isinstance(found, str) and found[: len(prefix)] == prefix
        case Contains(path, value):
            return any(equal(element, value) for element in _elements(at(row, path)))
        case ContainsKey(path, key):
            found = at(row, path)
            return kind(found) == "map" and any(equal(name, key) for name in found)
        case AnyElem(path, inner):
            return any(matches(inner, element) for element in _elements(at(row, path)))
        case Near(path, point, nearest, farthest, unit):
            found = at(row, path)
            return kind(found) == "geo" and _within(distance(found, point, unit), nearest, farthest)


def _compare(op: str, found: Any, value: Any) -> bool:
    match op:
        case "eq":
            return equal(found, value)
        case "ne":
            return not equal(found, value)
        case "lt":
            return less(found, value)
        case "gt":
            return less(value, found)
        case "le":
            return less(found, value) or (found is not None and _level(found, value))
        case _:
            return less(value, found) or (found is not None and _level(found, value))


def _level(found: Any, value: Any) -> bool:
    return kind(found) == kind(value) and equal(found, value)


def _elements(found: Any) -> list[Any]:
    if kind(found) == "map":
        return list(found.values())
    return list(found) if kind(found) in {"list", "set"} else []


def _within(far: float, nearest: float | None, farthest: float | None) -> bool:
    return (nearest is None or far >= nearest) and (farthest is None or far <= farthest)


def distance(a: Any, b: Any, unit: str) -> float:
    """Great-circle distance of two points by the spherical law of haversines."""
    a_lat, b_lat = math.radians(a.lat), math.radians(b.lat)
    across = math.sin(math.radians(a.lng - b.lng) / 2)
    along = math.sin((a_lat - b_lat) / 2)
    root = math.sqrt(along * along + math.cos(a_lat) * math.cos(b_lat) * across * across)
    return 2 * RADIUS[unit] * math.asin(min(root, 1.0))


def like(pattern: str, text: str, *, ci: bool = False) -> bool:
    r"""SQL's LIKE on the whole text, by a table of reachable places (never a regexp)."""
    reachable = {0}
    for token, wild in _tokens(pattern):
        if wild == "%":
            reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
        else:
            reachable = {
                place + 1
                for place in reachable
                if place < len(text) and (wild == "_" or _same(token, text[place], ci=ci))
            }
    return len(text) in reachable


def _tokens(pattern: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    escaped = False
    for char in pattern:
        if escaped or char not in "%_\\":
            found.append((char, ""))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            found.append((char, char))
    return [*found, ("\\", "")] if escaped else found


def _same(a: str, b: str, *, ci: bool) -> bool:
    return a == b or (ci and a.casefold() == b.casefold())


@lru_cache(maxsize=512)
def _regex(pattern: str, flags: str) -> re.Pattern[str]:
    wanted = 0
    for flag in flags:
        wanted |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}.get(flag, 0)
    return re.compile(pattern, wanted)
