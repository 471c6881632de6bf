"""Coercion of texts, booleans, bytes, UUIDs and addresses."""

from __future__ import annotations

import base64
import binascii
import math
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from juggler.values import _numbers
from juggler.values._refusal import refusal

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TIME_BASED = 1


def string(value: Any) -> str:
    """A text; numbers and booleans become their JSON text."""
    if isinstance(value, str):
        return value if value.__class__ is str else str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(_numbers.number(value))
    if isinstance(value, Decimal) and value.is_finite():  # math.isfinite raises for sNaN
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    raise refusal(value, "not-a-string", "is no text", "a str, a finite number or a bool")


def boolean(value: Any) -> bool:
    """True or False; also 0, 1 and the texts true, false, 0 and 1."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise refusal(
        value, "not-a-boolean", "is no boolean", "True, False, 0, 1, 'true', 'false', '0' or '1'"
    )


def buffer(value: Any) -> bytes:
    """Bytes; a text is base64."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
    raise refusal(value, "not-a-buffer", "is no bytes", "bytes or base64 text")


def uuid(value: Any) -> UUID:
    """A UUID or its text of 36 characters."""
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and _UUID.fullmatch(value):
        return UUID(value)
    raise refusal(
        value,
        "not-a-uuid",
        "is no UUID",
        "a UUID or text like '123e4567-e89b-12d3-a456-426614174000'",
    )


def timeuuid(value: Any) -> UUID:
    """A UUID of version 1."""
    found = uuid(value)
    if found.version != _TIME_BASED:
        raise refusal(value, "not-a-timeuuid", "is no time-based UUID (version 1)", "uuid.uuid1()")
    return found


def inet(value: Any) -> str:
    """The canonical text of an IP address, version 4 or 6."""
    from ipaddress import IPv4Address, IPv6Address, ip_address  # noqa: PLC0415 - rarely needed

    if isinstance(value, str | IPv4Address | IPv6Address):
        try:
            return str(ip_address(value))
        except ValueError:
            pass
    raise refusal(value, "not-an-address", "is no IP address", "text like '10.0.0.1' or '::1'")
