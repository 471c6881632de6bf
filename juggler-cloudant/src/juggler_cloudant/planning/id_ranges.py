"""Conditions on a model's key as stretches of document ids, which sort by bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from juggler.query.tree import Between, Cmp, IsNull, Not, StartsWith, Where, all_of
from juggler_cloudant.planning.requests import AllDocs

if TYPE_CHECKING:
    from juggler_cloudant.planning.matching import Asked
    from juggler_cloudant.planning.place import Place

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@frozen(eq=False)
class IdBound:
    """A stretch of ids: first and last one, those left out, and the conditions it answers."""

    low: str | None
    high: str | None
    without: frozenset[str]
    pushed: Where


def id_bound(place: Place, asked: Asked) -> IdBound | None:
    """The stretch that the conditions on the key amount to; exact, None when there is none."""
    if not place.ids.single:
        return _leading(place, asked)
    if not place.ids.ordered:
        return None
    name = place.model.key.names[0]
    low: str | None = None
    high: str | None = None
    without: set[str] = set()
    pushed: list[Where] = []
    for part in asked.parts:
        ends = _ends(place, name, part)
        if ends is None or (ends[0] and low is not None) or (ends[1] and high is not None):
            continue
        low = ends[0] if low is None else low
        high = ends[1] if high is None else high
        without |= ends[2]
        pushed.append(part)
    if low is None and high is None:
        return None
    if (low is not None and not _formed(low)) or (high is not None and not _formed(high)):
        return None
    prefix = place.ids.prefix
    if prefix:
        low = prefix if low is None else low
        high = after(prefix) if high is None else high
    return IdBound(low, high, frozenset(without), all_of(*pushed))


def all_between(
    database: str,
    prefix: str,
    low: str | None = None,
    high: str | None = None,
    without: frozenset[str] = frozenset(),
    *,
    descending: bool = False,
) -> AllDocs:
    """The documents between two ids, by default all that may be the model's by their prefix."""
    first, last = (prefix, after(prefix)) if prefix else (None, None)
    return AllDocs(
        database,
        first if low is None else low,
        last if high is None else high,
        without,
        descending,
    )


def _leading(place: Place, asked: Asked) -> IdBound | None:
    """The ids whose first parts are known, of a key of several: they begin alike."""
    values: list[object] = []
    pushed: list[Where] = []
    for name in place.model.key.names:
        given = (p for p in asked.parts if isinstance(p, Cmp) and (p.path, p.op) == (name, "eq"))
        part = next(given, None)
        if part is None:
            break
        values.append(part.value)
        pushed.append(part)
    low = place.ids.leading(values) if values else ""
    high = after(low)
    if not low or high is None or not _formed(low):
        return None
    return IdBound(low, high, frozenset({high}), all_of(*pushed))


def _ends(
    place: Place, name: str, part: Where
) -> tuple[str | None, str | None, frozenset[str]] | None:
    """First and last id of a condition on the key, and those left out; None for another one."""
    nobody: frozenset[str] = frozenset()
    text = place.ids.text
    match part:
        case Cmp(path, "gt" | "ge" as op, value) if path == name:
            low = text((value,))
            return low, None, frozenset({low}) if op == "gt" else nobody
        case Cmp(path, "lt" | "le" as op, value) if path == name:
            high = text((value,))
            return None, high, frozenset({high}) if op == "lt" else nobody
        case Between(path, lo, hi) if path == name:
            return text((lo,)), text((hi,)), nobody
        case StartsWith(path, prefix) if path == name:
            low = place.ids.prefix + prefix
            end = after(low)
            return low, end, frozenset({end}) if end else nobody
        case Not(IsNull(path)) if path == name:
            return None, None, nobody  # a key is never null: this holds for all
        case _:
            return None


def after(prefix: str) -> str | None:
    """The first text after all that begin with a prefix, None when nothing comes after."""
    while prefix:
        code = ord(prefix[-1]) + 1
        if code in _SURROGATES:
            code = _SURROGATES.stop
        if code <= _LAST:
            return prefix[:-1] + chr(code)
        prefix = prefix[:-1]
    return None


def _formed(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
