"""What a condition says of single paths: values they must have, intervals they must be in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler.query.tree import (
    Between,
    Cmp,
    In,
    IsNull,
    Like,
    StartsWith,
    Where,
    conjuncts,
)
from juggler_memory.indexes import hashed

if TYPE_CHECKING:
    from juggler_memory.indexes import Bounds

_LAST = 0x10FFFF


@define
class Interval:
    """Bounds of a path; None is no bound."""

    low: Any = None
    high: Any = None
    open_low: bool = False
    open_high: bool = False

    def on(self, bounds: Bounds) -> Bounds:
        """The bounds with this interval on the component after their prefix."""
        return type(bounds)(
            bounds.prefix, self.low, self.high, open_low=self.open_low, open_high=self.open_high
        )


@define
class Facts:
    """What the conjuncts of a condition say.

    Attributes:
        equal: the values that a path may have (None is null), by path; hashable stand-ins.
        within: the interval of a path, by path.
        parts: number of conjuncts.
        used: number of conjuncts that ``equal`` and ``within`` hold in full.
    """

    equal: dict[str, tuple[Any, ...]] = field(factory=dict)
    within: dict[str, Interval] = field(factory=dict)
    parts: int = 0
    used: dict[str, int] = field(factory=dict)


def facts_of(where: Where) -> Facts:
    """The facts of a normalised condition."""
    facts = Facts()
    for part in conjuncts(where):
        facts.parts += 1
        path = getattr(part, "path", "")
        if _learn(facts, part):
            facts.used[path] = facts.used.get(path, 0) + 1
    return facts


def _learn(facts: Facts, part: Where) -> bool:
    """Add a conjunct; whether the facts say all of it."""
    match part:
        case Cmp(path, "eq", value):
            return _equal(facts, path, (hashed(value),))
        case In(path, values):
            return _equal(facts, path, tuple(dict.fromkeys(hashed(value) for value in values)))
        case IsNull(path):
            return _equal(facts, path, (None,))
        case Cmp(path, "lt" | "le" as op, value):
            return _high(facts, path, value, is_open=op == "lt")
        case Cmp(path, "gt" | "ge" as op, value):
            return _low(facts, path, value, is_open=op == "gt")
        case Between(path, low, high):
            return _low(facts, path, low, is_open=False) and _high(facts, path, high, is_open=False)
        case StartsWith(path, prefix):
            return _begins(facts, path, prefix)
        case Like(path, pattern, False):
            prefix = _fixed(pattern)
            if prefix:
                _begins(facts, path, prefix)
            return False
        case _:
            return False


def _equal(facts: Facts, path: str, values: tuple[Any, ...]) -> bool:
    if path in facts.equal:
        return False
    facts.equal[path] = values
    return True


def _low(facts: Facts, path: str, value: Any, *, is_open: bool) -> bool:
    interval = facts.within.setdefault(path, Interval())
    if interval.low is not None:
        return False
    interval.low, interval.open_low = value, is_open
    return True


def _high(facts: Facts, path: str, value: Any, *, is_open: bool) -> bool:
    interval = facts.within.setdefault(path, Interval())
    if interval.high is not None:
        return False
    interval.high, interval.open_high = value, is_open
    return True


def _begins(facts: Facts, path: str, prefix: str) -> bool:
    if path in facts.within or not prefix:
        return False
    low = _low(facts, path, prefix, is_open=False)
    after = successor(prefix)
    return low and (after is None or _high(facts, path, after, is_open=True))


def successor(prefix: str) -> str | None:
    """The first text behind all texts that begin with a prefix; None when there is none."""
    while prefix:
        last = ord(prefix[-1])
        if last < _LAST:
            return prefix[:-1] + chr(last + 1)
        prefix = prefix[:-1]
    return None


def _fixed(pattern: str) -> str:
    """The text before a pattern's first wildcard; up to an escape at most."""
    for at, char in enumerate(pattern):
        if char in "%_\\":
            return pattern[:at]
    return pattern
