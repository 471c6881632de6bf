"""Literals as columns hold them: which stored values equal one, and bounds in CQL's order."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.errors import JugglerError
from juggler.values.types import TypeKind as K
from juggler_cassandra.types import MAX_KEY_BYTES
from juggler_cassandra.types.mapping import WHOLE
from juggler_cassandra.types.values import pair

if TYPE_CHECKING:
    from juggler_cassandra.types import Column, CqlType

#: Columns whose equal values CQL finds by ``=`` and IN.
EQUATABLE: Final = frozenset(
    {
        "ascii", "bigint", "blob", "boolean", "date", "decimal", "double", "float", "inet", "int",
        "smallint", "text", "time", "timestamp", "timeuuid", "tinyint", "uuid", "varint",
    }
)  # fmt: skip
#: Columns that Cassandra orders as Python orders the values (uuid, timeuuid and inet it does not).
ORDERED: Final = EQUATABLE - {"uuid", "timeuuid", "inet"}
#: Columns with two zeros and NaN.
FLOATS: Final = frozenset({"double", "float"})
#: Elements whose equal values have the same bytes.
_CANONICAL: Final = EQUATABLE - {"decimal", "varint", *FLOATS}
#: Kinds whose literals are never compared by the server.
_NO_LITERALS: Final = frozenset(
    {
        K.ANY, K.OBJECT, K.COUNTER, K.DURATION, K.ARRAY, K.SET, K.MAP, K.TUPLE, K.EMBEDDED,
        K.VECTOR, K.GEO,
    }
)  # fmt: skip
_LAST: Final = 0x10FFFF
_BEFORE_SURROGATES: Final = 0xD7FF
_AFTER_SURROGATES: Final = 0xE000


@frozen
class Bound:
    """One end of a range."""

    value: Any
    inclusive: bool


UNFIT: Final = object()


def is_comparable(column: Column, names: frozenset[str]) -> bool:
    """Whether the column's values compare in CQL as the property's do here."""
    kind = column.field.type.kind
    return kind not in _NO_LITERALS and column.type.is_scalar and column.type.name in names


def is_canonical(cql: CqlType) -> bool:
    """Whether equal values of the type have the same bytes."""
    return cql.is_scalar and cql.name in _CANONICAL


def literal(spec: Any, cql: CqlType, value: Any) -> Any:
    """A literal as the column holds it; ``UNFIT`` when no stored value equals it."""
    if cql.name == "double" and spec.kind in {K.NUMBER, K.FLOAT}:
        return _double_literal(value)
    convert = pair(spec, cql).encode
    try:
        return value if convert is None else convert(value)
    except JugglerError:
        return UNFIT


def _double_literal(value: Any) -> Any:
    """Exact where a double is; larger integers than may be written can be looked for."""
    try:
        found = float(value)
    except OverflowError:
        return UNFIT
    return found + 0.0 if found == value else UNFIT


def equal_values(column: Column, value: Any, *, key: bool) -> tuple[Any, ...]:
    """The physical values that equal a literal."""
    found = literal(column.field.type, column.type, value)
    if found is UNFIT:
        return ()
    if column.type.name in FLOATS and found == 0:
        return (-0.0, 0.0)
    if key and _is_oversized(found):
        return ()
    if isinstance(found, Decimal) and key:
        encode = column.pair.encode
        return (found if encode is None else encode(value),)
    return (found,)


def _is_oversized(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > MAX_KEY_BYTES // 4 and len(value.encode()) > MAX_KEY_BYTES
    return isinstance(value, bytes) and len(value) > MAX_KEY_BYTES


def bound_of(column: Column, value: Any, *, inclusive: bool, is_low: bool) -> Bound | None:
    """One end of a range; None when the column cannot hold the literal."""
    if column.type.name in WHOLE and not isinstance(value, int):
        value = math.ceil(value) if is_low else math.floor(value)
        inclusive = True
    found = literal(column.field.type, column.type, value)
    if found is UNFIT or _is_oversized(found):
        return None
    if column.type.name in FLOATS and found == 0:
        found = -0.0 if is_low is inclusive else 0.0
    return Bound(found, inclusive)


def successor(prefix: str) -> str | None:
    """The first text behind all texts that begin with a prefix; None when there is none."""
    stop = prefix.rstrip(chr(_LAST))
    if not stop:
        return None
    last = ord(stop[-1])
    after = _AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1
    return stop[:-1] + chr(after)
