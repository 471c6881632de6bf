"""Conditions as CQL can evaluate them, column by column, in physical values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler.query.tree import (
    Between,
    Cmp,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Not,
    StartsWith,
    Where,
    conjuncts,
)
from juggler.values.like import like_prefix
from juggler.values.types import STRING
from juggler.values.types import TypeKind as K
from juggler_cassandra.planning.access import Operator, Restriction
from juggler_cassandra.planning.literals import (
    EQUATABLE,
    FLOATS,
    ORDERED,
    UNFIT,
    Bound,
    bound_of,
    equal_values,
    is_canonical,
    is_comparable,
    literal,
    successor,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler_cassandra.types import Column, CqlType, ModelCodec


@define(eq=False)
class Facts:
    """What a conjunction says of one column.

    Attributes:
        column: the property's column.
        equal: the values that it may have, None for any; empty: no row has one.
        low: its lower bound.
        high: its upper bound.
        parts: conditions that ``equal``, ``low`` and ``high`` hold exactly.
        loose: prefixes that the bounds hold, of conditions that are left to Python.
        others: restrictions of other operators with the conditions that they are.
        prefix: (text, condition) of a prefix that the bounds hold as well.
    """

    column: Column
    equal: tuple[Any, ...] | None = None
    low: Bound | None = None
    high: Bound | None = None
    parts: list[Where] = field(factory=list)
    loose: list[Where] = field(factory=list)
    others: list[tuple[Restriction, Where]] = field(factory=list)
    prefix: tuple[str, Where] | None = None

    @property
    def bounded(self) -> bool:
        """Whether it has a bound."""
        return self.low is not None or self.high is not None

    @property
    def is_zero(self) -> bool:
        """Whether it equals zero in a column that has two zeros."""
        return self.equal == (0.0, 0.0) and self.column.type.name in FLOATS

    def range(self) -> list[Restriction]:
        """Its bounds; of zero, both zeros."""
        name, cql = self.column.name, self.column.type
        if self.is_zero:
            return [Restriction(name, ">=", -0.0), Restriction(name, "<=", 0.0)]
        low, high = self.low, self.high
        if low is not None and high is None and cql.name in FLOATS:
            high = Bound(math.inf, inclusive=True)  # NaN is above it
        found = []
        if low is not None:
            found.append(Restriction(name, ">=" if low.inclusive else ">", low.value))
        if high is not None:
            found.append(Restriction(name, "<=" if high.inclusive else "<", high.value))
        return found

    def equality(self) -> Restriction:
        """Its values by ``=`` or IN."""
        values = self.equal or ()
        if len(values) == 1:
            return Restriction(self.column.name, "=", values[0])
        return Restriction(self.column.name, "IN", values)


@define
class Reading:
    """A conjunction, read.

    Attributes:
        by_column: facts by column name, in the order of the conditions.
        rest: conditions that no column's facts hold, exactly or loosely: only Python can say.
        nothing: whether no row can fulfil it.
        parts: how many conditions there are.
    """

    by_column: dict[str, Facts] = field(factory=dict)
    rest: list[Where] = field(factory=list)
    nothing: bool = False
    parts: tuple[Where, ...] = ()


def read(codec: ModelCodec, where: Where, keys: frozenset[str]) -> Reading:
    """Read a normalised conjunction.

    Args:
        codec: the model's.
        where: conditions joined by And, in normal form.
        keys: names of the key properties, which are never null.
    """
    reading = Reading(parts=conjuncts(where))
    reader = _Reader(codec, reading, keys)
    for part in reading.parts:
        if not reader.take(part):
            reading.rest.append(part)
    for facts in reading.by_column.values():
        if facts.equal is not None and facts.bounded:
            facts.equal = tuple(value for value in facts.equal if _within(facts, value))
            facts.low = facts.high = None
        reading.nothing = reading.nothing or facts.equal == () or _is_contradiction(facts)
    return reading


def _within(facts: Facts, value: Any) -> bool:
    low, high = facts.low, facts.high
    if low is not None and (value < low.value or (value == low.value and not low.inclusive)):
        return False
    return high is None or value < high.value or bool(value == high.value and high.inclusive)


def _is_contradiction(facts: Facts) -> bool:
    low, high = facts.low, facts.high
    if low is None or high is None:
        return False
    closed = low.inclusive and high.inclusive
    return bool(low.value > high.value or (low.value == high.value and not closed))


class _Reader:
    def __init__(self, codec: ModelCodec, reading: Reading, keys: frozenset[str]) -> None:
        self.codec = codec
        self.reading = reading
        self.keys = keys

    def facts(self, path: str) -> Facts | None:
        column = self.codec.columns.get(path)
        if column is None:
            return None
        return self.reading.by_column.setdefault(column.name, Facts(column))

    def take(self, part: Where) -> bool:
        """Add a condition to the facts; False for one that CQL cannot evaluate."""
        match part:
            case Cmp(path, "eq", value):
                return self.equal(part, path, (value,))
            case In(path, values):
                return self.equal(part, path, values)
            case Cmp(path, "gt" | "ge" as op, value):
                return self.bounds(part, path, low=(value, op == "ge"))
            case Cmp(path, "lt" | "le" as op, value):
                return self.bounds(part, path, high=(value, op == "le"))
            case Between(path, low, high):
                return self.bounds(part, path, low=(low, True), high=(high, True))
            case StartsWith(path, prefix):
                return self.starts(part, path, prefix)
            case _:
                return self.other(part)

    def other(self, part: Where) -> bool:
        match part:
            case Like(path, pattern, False):
                return self.begins_like(path, pattern)
            case Contains(path, value):
                return self.contains(part, path, value)
            case ContainsKey(path, key):
                return self.contains_key(part, path, key)
            case IsNull(path) if path in self.keys:
                self.reading.nothing = True
                return True
            case Not(IsNull(path)) if path in self.keys:
                return self.always(part, path)
            case _:
                return False

    def always(self, part: Where, path: str) -> bool:
        """A condition that every row fulfils."""
        facts = self.facts(path)
        if facts is not None:
            facts.parts.append(part)
        return facts is not None

    # ------------------------------------------------------------ by value

    def equal(self, part: Where, path: str, values: Sequence[Any]) -> bool:
        if "." in path and path not in self.codec.columns:
            return self.entry(part, path, values)
        column = self.codec.columns.get(path)
        if column is None or not is_comparable(column, EQUATABLE):
            return False
        found = [v for value in values for v in equal_values(column, value, key=path in self.keys)]
        facts = self.facts(path)
        if facts is None or facts.equal is not None:
            return False
        facts.equal = tuple(found)
        facts.parts.append(part)
        return True

    def bounds(self, part: Where, path: str, *, low: Any = None, high: Any = None) -> bool:
        column = self.codec.columns.get(path)
        if column is None or not is_comparable(column, ORDERED):
            return False
        lower = low and bound_of(column, low[0], inclusive=low[1], is_low=True)
        upper = high and bound_of(column, high[0], inclusive=high[1], is_low=False)
        if (low is not None and lower is None) or (high is not None and upper is None):
            return False
        self._narrow(path, lower, upper)
        self.reading.by_column[column.name].parts.append(part)
        return True

    def _narrow(self, path: str, low: Bound | None, high: Bound | None) -> None:
        facts = self.facts(path)
        if facts is None:
            return
        if low is not None:
            facts.low = low if facts.low is None else max(facts.low, low, key=_low_key)
        if high is not None:
            facts.high = high if facts.high is None else min(facts.high, high, key=_high_key)

    def starts(self, part: Where, path: str, prefix: str) -> bool:
        if not self._prefix(path, prefix):
            return False
        facts = self.reading.by_column[self.codec.columns[path].name]
        facts.parts.append(part)
        facts.prefix = facts.prefix or (prefix, part)
        return True

    def begins_like(self, path: str, pattern: str) -> bool:
        prefix, _ = like_prefix(pattern)
        if prefix and self._prefix(path, prefix):
            facts = self.reading.by_column[self.codec.columns[path].name]
            facts.loose.append(StartsWith(path, prefix))
        return False

    def _prefix(self, path: str, prefix: str) -> bool:
        column = self.codec.columns.get(path)
        if column is None or column.type.name not in {"text", "ascii"} or not prefix:
            return False
        if column.field.type.kind not in {K.STRING, K.TEXT}:
            return False
        low = bound_of(column, prefix, inclusive=True, is_low=True)
        if low is None:
            return False
        end = successor(prefix)
        high = None if end is None else bound_of(column, end, inclusive=False, is_low=False)
        if high is None:
            return False
        self._narrow(path, low, high)
        return True

    # ------------------------------------------------------------ inside collections

    def contains(self, part: Where, path: str, value: Any) -> bool:
        column = self.codec.columns.get(path)
        if column is None or value is None or not column.type.is_collection:
            return False
        spec = column.field.type
        if spec.kind not in {K.ARRAY, K.SET, K.MAP} or spec.of is None:
            return False
        return self._element(part, column, "CONTAINS", (spec.of, column.type.args[-1], value))

    def contains_key(self, part: Where, path: str, key: Any) -> bool:
        column = self.codec.columns.get(path)
        if column is None or column.field.type.kind is not K.MAP or column.type.name != "map":
            return False
        spec = column.field.type.key or STRING
        return self._element(part, column, "CONTAINS KEY", (spec, column.type.args[0], key))

    def _element(
        self, part: Where, column: Column, operator: Operator, element: tuple[Any, CqlType, Any]
    ) -> bool:
        spec, cql, value = element
        found = literal(spec, cql, value)
        if found is UNFIT or not is_canonical(cql):
            return False
        facts = self.reading.by_column.setdefault(column.name, Facts(column))
        facts.others.append((Restriction(column.name, operator, found), part))
        return True

    def entry(self, part: Where, path: str, values: Sequence[Any]) -> bool:
        """``props.color = 'red'`` of a map that is not frozen."""
        head, _, key = path.partition(".")
        column = self.codec.columns.get(head)
        if column is None or len(values) != 1 or column.type.frozen or column.type.name != "map":
            return False
        spec = column.field.type
        if spec.kind is not K.MAP or spec.of is None or spec.key not in {None, STRING}:
            return False
        found = literal(spec.of, column.type.args[1], values[0])
        if found is UNFIT or not is_canonical(column.type.args[1]):
            return False
        facts = self.reading.by_column.setdefault(column.name, Facts(column))
        facts.others.append((Restriction(column.name, "ENTRY", (key, found)), part))
        return True


def _low_key(bound: Bound) -> Any:
    return (bound.value, not bound.inclusive)


def _high_key(bound: Bound) -> Any:
    return (bound.value, bound.inclusive)
