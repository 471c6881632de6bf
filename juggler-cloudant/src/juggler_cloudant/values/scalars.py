"""Values of one piece as JSON and back.

Text forms have one shape per kind (datetimes always with milliseconds and ``Z``), so that equal
values are equal texts and, where the alphabet allows it, texts sort as their values do.
"""

from __future__ import annotations

import base64
import datetime as dt
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from juggler.values import GeoPoint
from juggler.values import TypeKind as K

if TYPE_CHECKING:
    from collections.abc import Callable

    Convert: TypeAlias = Callable[[Any], Any] | None

_US: Final = dt.timedelta(microseconds=1)
_MS: Final = 1000


def moment(value: dt.datetime) -> str:
    """``2024-05-01T12:00:00.000Z``."""
    utc = value.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def read_moment(data: Any) -> dt.datetime:
    """A datetime of ISO text, or of epoch milliseconds; to the millisecond."""
    if isinstance(data, int | float) and not isinstance(data, bool):
        return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=data)
    value = dt.datetime.fromisoformat(only(str)(data))
    value = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return value.replace(microsecond=value.microsecond // _MS * _MS)


def plain_decimal(value: Decimal) -> str:
    """The text of a decimal; equal decimals have equal texts."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if value else "0"


def read_integer(data: Any) -> int:
    """An integer; a float only when it is whole."""
    if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
        raise TypeError(data)
    return int(data)


def read_number(data: Any) -> Any:
    """A number as it is written."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise TypeError(data)
    return data


def only(kind: type) -> Callable[[Any], Any]:
    """Lets values of a class through, and refuses others."""

    def read(data: Any) -> Any:
        if not isinstance(data, kind):
            raise TypeError(data)
        return data

    return read


def unsigned(value: Any) -> Any:
    """A number without the sign of a zero, which the server loses, as it does the smallest ones."""
    if not value:
        return 0 if isinstance(value, int) else 0.0
    if isinstance(value, float) and abs(value) < _SMALLEST:
        msg = f"the server would make 0 of {value!r}"
        raise ValueError(msg)
    return value


_SMALLEST: Final = sys.float_info.min


#: Kind → to JSON and back; None where they are JSON already.
SCALARS: Final[dict[K, tuple[Convert, Convert]]] = {
    K.STRING: (None, only(str)),
    K.TEXT: (None, only(str)),
    K.INET: (None, only(str)),
    K.INTEGER: (None, read_integer),
    K.NUMBER: (unsigned, read_number),
    K.FLOAT: (unsigned, lambda data: float(read_number(data))),
    K.BOOLEAN: (None, only(bool)),
    K.DATETIME: (moment, read_moment),
    K.DATE: (dt.date.isoformat, lambda data: dt.date.fromisoformat(data[:10])),
    K.TIME: (lambda v: v.isoformat(timespec="microseconds"), dt.time.fromisoformat),
    K.DURATION: (lambda v: v // _US, lambda data: read_integer(data) * _US),
    K.DECIMAL: (plain_decimal, lambda data: Decimal(str(data))),
    K.BUFFER: (lambda v: base64.b64encode(v).decode(), base64.b64decode),
    K.UUID: (str, UUID),
    K.TIMEUUID: (str, UUID),
    K.GEO: (lambda v: {"lat": v.lat, "lng": v.lng}, GeoPoint.of),
}
