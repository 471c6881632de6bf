"""Conditions on a model's key as stretches of document ids, which sort by bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from juggler.query.tree import Between, Cmp, IsNull, Not, StartsWith, Where, all_of

if TYPE_CHECKING:
    from juggler_cloudant.planning.matching import Asked, Place

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
    if not place.ids.ordered:
        return None
    name = place.model.key.names[0]
    low: str | None = None
    high: str | None = None
    without: set[str] = set()
    pushed: list[Where] = []
    for part in asked.parts:
        match part:
            case Cmp(path, "gt" | "ge" as op, value) if path == name and low is None:
                low = place.ids.text((value,))
                without |= {low} if op == "gt" else set()
            case Cmp(path, "lt" | "le" as op, value) if path == name and high is None:
                high = place.ids.text((value,))
                without |= {high} if op == "lt" else set()
            case Between(path, lo, hi) if path == name and low is None and high is None:
                low, high = place.ids.text((lo,)), place.ids.text((hi,))
            case StartsWith(path, prefix) if path == name and low is None and high is None:
                low = place.ids.prefix + prefix
                high = after(low)
                without |= {high} if high else set()
            case Not(IsNull(path)) if path == name:
                pass  # a key is never null: this holds for all
            case _:
                continue
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
