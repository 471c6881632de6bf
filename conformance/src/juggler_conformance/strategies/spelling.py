"""The same filter in the words of users: LoopBack's dictionaries, in its many spellings.

The reference model reads the tree, the store gets the dictionary: parsing and binding are tested.
"""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

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
from juggler_conformance.oracle.values import kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

W = TypeVar("W")


class Chooser(Protocol):
    """Picks one of several spellings; ``first`` keeps programs in reports plain."""

    def __call__(self, ways: Sequence[W], /) -> W:
        """One of the ways."""
        ...


_WORDS = {"ne": "neq", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}


def first(ways: Sequence[W], /) -> W:
    """The plainest spelling."""
    return ways[0]


def spelled_where(where: Where, choose: Chooser = first) -> dict[str, Any]:
    """A condition as a LoopBack where."""
    match where:
        case All():
            return _one([{}, {"and": []}], choose)
        case Nothing():
            return _one([{"or": []}, {"and": [{"or": []}]}], choose)
        case And(parts):
            return _conjunction([spelled_where(part, choose) for part in parts], choose)
        case Or(parts):
            return {"or": [spelled_where(part, choose) for part in parts]}
        case Not(part):
            return _negation(part, choose)
        case _:
            path, condition = _single(where, choose)
            return {path: condition}


def _one(ways: list[dict[str, Any]], choose: Chooser) -> dict[str, Any]:
    chosen: dict[str, Any] = choose(ways)
    return chosen


def _conjunction(parts: list[dict[str, Any]], choose: Chooser) -> dict[str, Any]:
    ways: list[dict[str, Any]] = [{"and": parts}]
    names = [name for part in parts for name in part]
    if parts and len(names) == len(set(names)):
        ways.append({name: value for part in parts for name, value in part.items()})
    merged = _several_operators(parts)
    return _one([*ways, merged] if merged else ways, choose)


def _several_operators(parts: list[dict[str, Any]]) -> dict[str, Any] | None:
    """``{x: {gt: 1, lt: 9}}`` where two conditions are about one property."""
    if len(parts) < 2 or any(list(part) != list(parts[0]) for part in parts):  # noqa: PLR2004 - two
        return None
    (path,) = parts[0] if len(parts[0]) == 1 else ("and",)
    conditions = [part[path] for part in parts] if path not in _LOGICAL else []
    if not conditions or not all(isinstance(c, dict) for c in conditions):
        return None
    words = [word for condition in conditions for word in condition]
    if len(words) != len(set(words)) or "unit" in words:
        return None
    return {path: {word: value for c in conditions for word, value in c.items()}}


_LOGICAL = {"and", "or", "nor", "not"}
_NEGATED = {"inq": "nin", "like": "nlike", "ilike": "nilike"}


def _negation(part: Where, choose: Chooser) -> dict[str, Any]:
    inner = spelled_where(part, choose)
    ways: list[dict[str, Any]] = [{"not": inner}, {"nor": [inner]}]
    simple = part.where if isinstance(part, AnyElem) else part
    if isinstance(part, Or):
        ways = [{"nor": inner["or"]}]
    elif len(inner) == 1 and not isinstance(simple, And | Not | AnyElem):
        ((path, condition),) = inner.items()
        if path in _LOGICAL:
            return _one(ways, choose)
        ways.append({path: {"not": condition}})
        if condition is None:
            ways += [{path: {"neq": None}}, {path: {"exists": True}}]
        elif isinstance(condition, dict) and len(condition) == 1:
            ((word, value),) = condition.items()
            if word in _NEGATED:
                ways = [{path: {_NEGATED[word]: value}}, *ways]
    return _one(ways, choose)


def _single(where: Where, choose: Chooser) -> tuple[str, Any]:  # noqa: C901 - one line a node
    match where:
        case Cmp(path, "eq", None) | IsNull(path):
            return path, choose([None, {"eq": None}, {"exists": False}, {"inq": [None]}])
        case Cmp(path, "eq", value):
            text = spelled_value(value, choose)
            plain = [] if isinstance(text, dict) else [text]
            return path, choose([*plain, {"eq": text}])
        case Cmp(path, op, value):
            return path, {_WORDS[op]: spelled_value(value, choose)}
        case In(path, values):
            return path, {"inq": [spelled_value(value, choose) for value in values]}
        case Between(path, lo, hi):
            return path, {"between": [spelled_value(lo, choose), spelled_value(hi, choose)]}
        case Like(path, pattern, ci):
            return path, choose(
                [{"ilike" if ci else "like": pattern}, _like_options(pattern, ci=ci)]
            )
        case Regex(path, pattern, flags):
            return path, choose(_regexps(pattern, flags))
        case StartsWith(path, prefix):
            return path, {"like": re.sub(r"([%_\\])", r"\\\1", prefix) + "%"}
        case Contains(path, value):
            return path, {"contains": spelled_value(value, choose)}
        case ContainsKey(path, key):
            return path, {"containsKey": key}
        case AnyElem(path, inner):
            return _element(path, inner, choose)
        case Near(path, point, low, high, unit):
            bounds = {"minDistance": low, "maxDistance": high}
            near = {
                "near": spelled_value(point, choose),
                **{k: v for k, v in bounds.items() if v is not None},
            }
            return path, near if unit == "miles" else {**near, "unit": unit}
    raise TypeError(where)


def _element(path: str, inner: Where, choose: Chooser) -> tuple[str, Any]:
    names = spelled_where(inner, choose)
    if set(names) == {""}:
        condition = names[""]
        if isinstance(condition, re.Pattern):
            condition = {"regexp": condition}
        elif not isinstance(condition, dict):
            condition = {"eq": condition}
        return path, choose([condition, {"elemMatch": condition}])
    ways: list[tuple[str, Any]] = [(path, {word: names}) for word in ("elemMatch", "any")]
    null_inside = isinstance(inner, In) and None in inner.values
    plain = isinstance(inner, Cmp | In | Between | Like | Regex) and not null_inside
    if plain and getattr(inner, "op", "") != "ne":
        ways += [(f"{path}.{name}", condition) for name, condition in names.items()]
    found: tuple[str, Any] = choose(ways)
    return found


def _like_options(pattern: str, *, ci: bool) -> dict[str, Any]:
    return {"like": pattern, "options": "i"} if ci else {"like": pattern}


def _regexps(pattern: str, flags: str) -> list[Any]:
    bits = re.RegexFlag(0)
    for flag in flags:
        bits |= {"i": re.IGNORECASE, "m": re.MULTILINE}[flag]
    compiled = re.compile(pattern, bits)
    texts: list[Any] = [{"regexp": f"/{pattern}/{flags}"}] if flags else [{"regexp": pattern}]
    return [*texts, {"regexp": compiled}, compiled]


def spelled_value(value: Any, choose: Chooser = first) -> Any:
    """A literal in one of the forms that its type accepts."""
    match kind(value):
        case "datetime":
            return choose([value, value.isoformat(), _iso(value)])
        case "date":
            return choose([value, value.isoformat()])
        case "bytes":
            return choose([value, base64.b64encode(value).decode()])
        case "uuid":
            return choose([value, str(value)])
        case "geo":
            lat, lng = value.lat, value.lng
            return choose([value, {"lat": lat, "lng": lng}, [lat, lng], f"{lat!r},{lng!r}"])
        case _:
            return value


def _iso(value: dt.datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spelled_row(row: Mapping[str, Any], choose: Chooser = first) -> dict[str, Any]:
    """Values for a write, in the forms that their types accept."""
    return {name: spelled_value(value, choose) for name, value in row.items()}


def literal(value: Any) -> str:
    """A value as Python source, for programs that show a failure."""
    match kind(value):
        case "datetime":
            return f"datetime.fromisoformat({value.isoformat()!r})"
        case "date":
            return f"date.fromisoformat({value.isoformat()!r})"
        case "time":
            return f"time.fromisoformat({value.isoformat()!r})"
        case "duration":
            return f"timedelta(seconds={value.total_seconds()!r})"
        case "geo":
            return f"GeoPoint({value.lat!r}, {value.lng!r})"
        case "map":
            return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
        case "list":
            inner = ", ".join(map(literal, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
        case "set":
            return f"frozenset([{', '.join(sorted(map(literal, value)))}])"
        case _ if isinstance(value, Decimal | UUID | re.Pattern):
            return repr(value)
        case _:
            return repr(value)
