"""The order in which Cassandra keeps values of a type, as sort keys of physical values."""

from __future__ import annotations

import ipaddress
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from juggler_cassandra.types import CqlType

_TIME_BASED = 1
_SIGN = 0x8080808080808080


def order_key(cql: CqlType) -> Callable[[Any], Any]:
    """The sort key of a scalar column's values."""
    return _KEYS.get(cql.name, _itself)


def _itself(value: Any) -> Any:
    return value


def _double(value: float) -> tuple[bool, float, bool]:
    """Numbers, negative zero below zero, NaN above all."""
    if math.isnan(value):
        return (True, 0.0, False)
    return (False, value, math.copysign(1, value) > 0)


def _timeuuid(value: UUID) -> tuple[int, int]:
    """By time, then by the other half, each byte signed."""
    return value.time, (value.int & 0xFFFFFFFFFFFFFFFF) ^ _SIGN


def _uuid(value: UUID) -> tuple[int, int, int]:
    """By version, time-based ones by time, then as they are."""
    version = value.int >> 76 & 0xF
    low = value.int & 0xFFFFFFFFFFFFFFFF
    high = value.time if version == _TIME_BASED else value.int >> 64
    return version, high, low


def _inet(value: str) -> bytes:
    return ipaddress.ip_address(value).packed


_KEYS: dict[str, Callable[[Any], Any]] = {
    "double": _double,
    "float": _double,
    "timeuuid": _timeuuid,
    "uuid": _uuid,
    "inet": _inet,
}
