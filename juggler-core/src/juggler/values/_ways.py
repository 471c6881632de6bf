"""Counts the ways in which a parsed pattern can match at one place of a text."""

from __future__ import annotations

from re import _constants as codes  # type: ignore[attr-defined]
from typing import Any

from attrs import frozen

#: Larger counts are all the same.
ENDLESS = 1_000_000
MAX_CHOICES = 100


class Excess(Exception):  # noqa: N818 - a reason, caught next door
    """The pattern has something that the subset does not."""


@frozen
class Ways:
    """How a pattern can match at one place.

    Attributes:
        count: ways to match, the unbounded repeat not counted.
        loops: unbounded repeats on the worst of them.
        size: items of the pattern with its repeats written out.
    """

    count: int = 1
    loops: int = 0
    size: int = 1


_ONE = {
    codes.LITERAL,
    codes.NOT_LITERAL,
    codes.ANY,
    codes.IN,
    codes.AT,
    codes.CATEGORY,
    codes.RANGE,
}
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
_REFUSED = {
    codes.GROUPREF: "it has a back-reference",
    codes.GROUPREF_EXISTS: "it has a condition on a group",
    codes.ASSERT: "it has a look-around",
    codes.ASSERT_NOT: "it has a look-around",
    codes.ATOMIC_GROUP: "it has an atomic group",
    codes.POSSESSIVE_REPEAT: "it has a possessive repeat",
}


def ways(items: Any) -> Ways:
    """The ways of a sequence of parsed items; Excess when it is outside the subset."""
    count, loops, size = 1, 0, 1
    for code, argument in items:
        found = _item(code, argument)
        count = min(count * found.count, ENDLESS)
        loops += found.loops
        size += found.size
    if loops > 1:
        raise Excess("it has more than one unbounded repeat in a row")
    return Ways(count, loops, size)


def _item(code: Any, argument: Any) -> Ways:
    if code in _ONE:
        return Ways()
    if code in _REPEATS:
        return _repeat(*argument)
    if code is codes.SUBPATTERN:
        return ways(argument[-1])
    if code is codes.BRANCH:
        return _branch(argument[1])
    raise Excess(_REFUSED.get(code, "it has something that is not regular"))


def _branch(alternatives: Any) -> Ways:
    found = [ways(alternative) for alternative in alternatives]
    loops, size = max(one.loops for one in found), sum(one.size for one in found)
    # Alternatives that begin with different characters exclude each other.
    firsts = [_first(alternative) for alternative in alternatives]
    if None not in firsts and len(set(firsts)) == len(firsts):
        return Ways(max(one.count for one in found), loops, size)
    return Ways(min(sum(one.count for one in found), ENDLESS), loops, size)


def _first(alternative: Any) -> str | None:
    items = list(alternative)
    if not items or items[0][0] is not codes.LITERAL:
        return None
    return chr(items[0][1]).casefold()


def _repeat(low: Any, high: Any, body: Any) -> Ways:
    inner = ways(body)
    if high == 1:
        return Ways(min(inner.count + (low == 0), ENDLESS), inner.loops, inner.size)
    if inner.loops:
        raise Excess("it has an unbounded repeat inside another repeat")
    endless = high is codes.MAXREPEAT
    unbounded = endless or high - low > MAX_CHOICES
    size = min(inner.size * (int(low) + 1 if endless else int(high)), ENDLESS)
    if unbounded and inner.count > 1:
        raise Excess("it has a choice inside an unbounded repeat")
    times = int(low) if unbounded else int(high)
    count = 1 if inner.count == 1 else min(inner.count ** min(times, 64), ENDLESS)
    if unbounded:
        return Ways(count, 1, size)
    return Ways(min(count * (int(high) - int(low) + 1), ENDLESS), 0, size)


def is_anchored(items: Any, *, multiline: bool) -> bool:
    """Whether a pattern can match at the beginning of a text only."""
    first = next(iter(items), (None, None))
    starts = (
        {codes.AT_BEGINNING_STRING}
        if multiline
        else {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING}
    )
    return first[0] is codes.AT and first[1] in starts
