"""Merging of conditions on one path, for the normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler.query._undeclared import family
from juggler.query.tree import (
    FALSE,
    And,
    Between,
    Cmp,
    Condition,
    In,
    IsNull,
    Not,
    Or,
    Where,
)

if TYPE_CHECKING:
    #: The keys of values that are allowed or excluded, with the values.
    Values = dict[Any, Any]


def strict_key(value: Any) -> Any:
    """A hashable key of a node or literal: equal numbers are equal, ``True`` is not ``1``."""
    kind = value.__class__
    if kind is str:
        return value
    if kind is bool:
        return (bool, value)
    if kind is list or kind is tuple:
        return (kind, tuple(map(strict_key, value)))
    if kind is dict:
        return (dict, frozenset((k, strict_key(v)) for k, v in value.items() if v is not None))
    if kind is frozenset or kind is set:
        return (frozenset, frozenset(map(strict_key, value)))
    if isinstance(value, Condition):
        return (kind, *[strict_key(getattr(value, name)) for name in kind.__match_args__])
    return value


def opposite(where: Where) -> Where:
    """The complement of a leaf, or of the negation of one."""
    match where:
        case Not(part):
            return part
        case Cmp(path, "eq", value):
            return Cmp(path, "ne", value)
        case Cmp(path, "ne", value):
            return Cmp(path, "eq", value)
        case _:
            return Not(where)


def holds_opposites(parts: list[Where]) -> bool:
    """Whether a condition and its negation are both there."""
    negated = [part.part for part in parts if isinstance(part, Not)]
    if not negated:
        return False
    keys = {strict_key(part) for part in parts}
    return any(strict_key(part) in keys for part in negated)


class Conjunction:
    """Collects normal conditions and gives them merged, in the order in which paths first came."""

    def __init__(self) -> None:
        self._slots: dict[Any, Where | _Path] = {}

    def add(self, part: Where) -> None:
        """Take one more condition, no ``And`` and no constant."""
        path = _mergeable(part)
        if path is None:
            self._slots.setdefault(strict_key(part), part)
            return
        slot = self._slots.setdefault(("path", path), _Path(path))
        assert isinstance(slot, _Path)  # noqa: S101 - paths have their own keys
        slot.add(part)

    def parts(self) -> list[Where]:
        """The merged conditions; ``[FALSE]`` when they contradict each other."""
        there = {
            getattr(part, "path", "")
            for part in self._slots.values()
            if not isinstance(part, _Path | Not | And | Or)
        }
        merged: list[Where] = []
        for slot in self._slots.values():
            found = slot.parts(there=slot.path in there) if isinstance(slot, _Path) else [slot]
            if found is None:
                return [FALSE]
            merged += found
        return [FALSE] if holds_opposites(merged) else merged


def _mergeable(part: Where) -> str | None:
    """The path of a condition that can be merged with others on it."""
    match part:
        case Cmp(path) | In(path) | Between(path) | IsNull(path):
            return path
        case Not(IsNull(path)) | Not(In(path)):
            return path
        case _:
            return None


@define
class _Path:
    """What is known of the value at one path."""

    path: str
    allowed: Values | None = None
    excluded: Values = field(factory=dict)
    lows: list[tuple[Any, bool]] = field(factory=list)
    highs: list[tuple[Any, bool]] = field(factory=list)
    null: bool = False
    not_null: bool = False

    def add(self, part: Where) -> None:
        """Take a condition on this path."""
        match part:
            case Cmp(_, "eq", value):
                self.allow([value])
            case In(_, values):
                self.allow(values)
            case Cmp(_, "ne", value):
                self.excluded.setdefault(strict_key(value), value)
            case Not(In(_, values)):
                for value in values:
                    self.excluded.setdefault(strict_key(value), value)
            case Cmp(_, "gt" | "ge" as op, value):
                self.lows.append((value, op == "ge"))
            case Cmp(_, op, value):
                self.highs.append((value, op == "le"))
            case Between(_, low, high):
                self.lows.append((low, True))
                self.highs.append((high, True))
            case IsNull():
                self.null = True
            case _:
                self.not_null = True

    def allow(self, values: Any) -> None:
        """The value has to be one of these."""
        given = {strict_key(value): value for value in values}
        before = self.allowed
        self.allowed = (
            given
            if before is None
            else {key: value for key, value in before.items() if key in given}
        )

    def parts(self, *, there: bool) -> list[Where] | None:
        """The merged conditions, None for a contradiction; ``there``: others say it is not null."""
        bounded = bool(self.lows or self.highs)
        if self.null:
            contradiction = there or bounded or self.not_null or self.allowed is not None
            return None if contradiction else [IsNull(self.path)]
        families = {family(value) for value, _ in self.lows + self.highs}
        if len(families) > 1:
            return None
        low = max(self.lows, key=_low_key, default=None)
        high = min(self.highs, key=_high_key, default=None)
        if self.allowed is not None:
            return self._of_allowed(low, high)
        if bounded:
            return self._of_bounds(low, high)
        parts = self._of_excluded(self.excluded)
        return [Not(IsNull(self.path)), *parts] if self.not_null and not there else parts

    def _of_allowed(self, low: Any, high: Any) -> list[Where] | None:
        values = [
            value
            for key, value in (self.allowed or {}).items()
            if key not in self.excluded and _inside(value, low, high)
        ]
        if not values:
            return None
        return [
            In(self.path, tuple(values)) if len(values) > 1 else Cmp(self.path, "eq", values[0])
        ]

    def _of_bounds(self, low: Any, high: Any) -> list[Where] | None:
        path = self.path
        excluded = {key: value for key, value in self.excluded.items() if _inside(value, low, high)}
        parts: list[Where]
        if low is None or high is None:
            parts = [_low(path, *bound) for bound in (low,) if bound is not None]
            parts += [_high(path, *bound) for bound in (high,) if bound is not None]
        elif low[0] > high[0]:
            return None
        elif low[0] == high[0]:
            if not (low[1] and high[1]) or excluded:
                return None
            parts = [Cmp(path, "eq", low[0])]
        elif low[1] and high[1]:
            parts = [Between(path, low[0], high[0])]
        else:
            parts = [_low(path, *low), _high(path, *high)]
        return parts + self._of_excluded(excluded)

    def _of_excluded(self, excluded: Values) -> list[Where]:
        values = list(excluded.values())
        if len(values) > 1:
            return [Not(In(self.path, tuple(values)))]
        return [Cmp(self.path, "ne", value) for value in values]


def _low(path: str, value: Any, inclusive: bool) -> Where:  # noqa: FBT001 - a bound is a pair
    return Cmp(path, "ge" if inclusive else "gt", value)


def _high(path: str, value: Any, inclusive: bool) -> Where:  # noqa: FBT001 - as _low
    return Cmp(path, "le" if inclusive else "lt", value)


def _low_key(bound: tuple[Any, bool]) -> Any:
    return (bound[0], not bound[1])


def _high_key(bound: tuple[Any, bool]) -> Any:
    return bound


def _inside(value: Any, low: tuple[Any, bool] | None, high: tuple[Any, bool] | None) -> bool:
    for bound in (low, high):
        if bound is not None and family(bound[0]) != family(value):
            return False
    if low is not None and (value < low[0] or (value == low[0] and not low[1])):
        return False
    return high is None or value < high[0] or (value == high[0] and high[1])
