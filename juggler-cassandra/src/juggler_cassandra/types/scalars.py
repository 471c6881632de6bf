"""Scalar values: neutral to physical and back.

*Physical* is what the driver binds and gives: ``int`` milliseconds for a timestamp, ``int`` days
with the protocol's offset for a date, ``int`` nanoseconds for a time, a :class:`Span` for a
duration; the rest as neutral.  Decoding also takes the driver's own objects for these.
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.errors import DecodeError, InvalidValueError
from juggler.values.geo import GeoPoint

if TYPE_CHECKING:
    from collections.abc import Callable

UTC: Final = dt.UTC
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ZERO: Final = dt.date(1970, 1, 1).toordinal()
DATE_OFFSET: Final = 1 << 31
_MS: Final = dt.timedelta(milliseconds=1)
_MS_OF_DAY: Final = 86_400_000
_US_OF_DAY: Final = 86_400_000_000
#: Integers that a double holds without a gap between them.
EXACT: Final = 1 << 53
_EXPONENTS: Final = 1 << 31
WIDTHS: Final = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64, "counter": 64}


@frozen
class Span:
    """A duration as CQL has it; the driver takes any object with these three attributes."""

    months: int
    days: int
    nanoseconds: int


def refused(value: Any, code: str, what: str, hint: str) -> InvalidValueError:
    """The error for a value that a column cannot hold; the caller fills in the field."""
    shown = repr(value)
    return InvalidValueError(
        f"{shown if len(shown) < 60 else shown[:60] + '…'} {what}",  # noqa: PLR2004 - a line
        code=code,
        hint=hint,
    )


def undecodable(value: Any, what: str, hint: str) -> DecodeError:
    """The error for a stored value that the property's type does not have."""
    return DecodeError(f"the stored value {str(value)[:60]} {what}", hint=hint)


# ---------------------------------------------------------------- texts


def text(value: str) -> str:
    """A text; lone surrogates have no UTF-8."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise refused(
                value, "not-unicode", "is not well-formed Unicode", "text without lone surrogates"
            ) from None
    return value


def ascii_text(value: str) -> str:
    """A text of ASCII characters."""
    if not value.isascii():
        raise refused(value, "not-ascii", "is not ASCII", "a text column takes any characters")
    return value


# ---------------------------------------------------------------- numbers


def whole(name: str) -> Callable[[Any], int]:
    """An integer of a column's width; a number with a fraction is refused."""
    limit = 1 << (WIDTHS[name] - 1) if name in WIDTHS else 0

    def encode(value: Any) -> int:
        if value.__class__ is not int:
            if value != value // 1:
                raise refused(value, "would-round", f"is not whole: {name}", "a double column")
            value = int(value)
        if limit and not -limit <= value < limit:
            raise refused(
                value, "out-of-range", f"does not fit in {name}", 'cassandra={"dataType": "varint"}'
            )
        return int(value)

    return encode


def double(value: Any) -> float:
    """A double; integers beyond 2^53 are refused, and there is no negative zero."""
    if value.__class__ is not float and not -EXACT <= value <= EXACT:
        raise refused(
            value,
            "would-round",
            "cannot be held by a double without rounding",
            'type "integer" is a bigint, "decimal" holds any number',
        )
    return float(value) + 0.0


def single(value: Any) -> float:
    """A 32-bit float; what it would round is refused."""
    number = double(value)
    try:
        same = struct.unpack("f", struct.pack("f", number))[0] == number
    except OverflowError:
        same = False
    if not same:
        raise refused(
            value,
            "would-round",
            "cannot be held by a 32-bit float without rounding",
            'a double column; a vector property takes cassandra={"round": True}',
        )
    return number


def rounded(value: Any) -> float:
    """The nearest 32-bit float."""
    number = double(value)
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        raise refused(value, "out-of-range", "does not fit in a 32-bit float", "smaller") from None


def decimal(value: Any) -> Decimal:
    """A Decimal with the digits that it was given with; a float as its shortest decimal."""
    if isinstance(value, float):
        return Decimal(repr(value))
    found = value if isinstance(value, Decimal) else Decimal(value)
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) >= _EXPONENTS:
        raise refused(value, "out-of-range", "has too large an exponent", "a smaller number")
    return found


def key_decimal(value: Any) -> Decimal:
    """A Decimal without trailing zeros: partitions are found by their bytes."""
    found = decimal(value)
    if not found:
        return Decimal(0)
    sign, digits, exponent = found.as_tuple()
    zeros = next(i for i, digit in enumerate(reversed(digits)) if digit)
    return Decimal((sign, digits[: len(digits) - zeros], int(exponent) + zeros))


def number_of(value: Any) -> int | float:
    """A number by value, of any numeric column: an int where there is no fraction."""
    if value.__class__ is float:
        return int(value) if value.is_integer() and -EXACT <= value <= EXACT else value
    if isinstance(value, Decimal):
        return _number_of_decimal(value)
    return value  # type: ignore[no-any-return]


def _number_of_decimal(value: Decimal) -> int | float:
    if value == value.to_integral_value() and value.adjusted() < 400:  # noqa: PLR2004 - digits
        return int(value)
    found = float(value)
    if math.isfinite(found) and Decimal(repr(found)) == value:
        return found
    raise undecodable(value, "is no number without rounding", 'declare it as "decimal"')


def decimal_of(value: Any) -> Decimal:
    """A Decimal of a decimal or varint column."""
    return value if isinstance(value, Decimal) else Decimal(value)


# ---------------------------------------------------------------- times


def timestamp(value: dt.datetime) -> int:
    """Milliseconds since the epoch, floored."""
    since = value - EPOCH
    return since.days * _MS_OF_DAY + since.seconds * 1000 + since.microseconds // 1000


def datetime_of(value: Any) -> dt.datetime:
    """An aware datetime of milliseconds, or of the driver's naive datetime (a rounded float)."""
    if value.__class__ is int:
        try:
            return EPOCH + value * _MS
        except OverflowError:
            raise undecodable(
                f"timestamp {value} ms", "is outside of the years 1 to 9999", "correct the row"
            ) from None
    ms = (value.microsecond + 500) // 1000
    whole_second = value.replace(microsecond=0, tzinfo=UTC)
    return whole_second + dt.timedelta(milliseconds=ms)  # type: ignore[no-any-return]


def days(value: dt.date) -> int:
    """Days as the protocol counts them."""
    return value.toordinal() - _DAY_ZERO + DATE_OFFSET


def date_of(value: Any) -> dt.date:
    """A date of days as the protocol counts them, or of the driver's Date."""
    since = value - DATE_OFFSET if value.__class__ is int else value.days_from_epoch
    try:
        return dt.date.fromordinal(_DAY_ZERO + since)
    except (ValueError, OverflowError):
        raise undecodable(
            f"date {since} days after 1970-01-01", "is outside of the years 1 to 9999", "correct it"
        ) from None


def nanoseconds(value: dt.time) -> int:
    """Nanoseconds since midnight."""
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return (seconds * 1_000_000 + value.microsecond) * 1000


def time_of(value: Any, *, truncate: bool = False) -> dt.time:
    """A time of nanoseconds, or of the driver's Time; what is below microseconds is refused."""
    nanos = value if value.__class__ is int else value.nanosecond_time
    micros, rest = divmod(nanos, 1000)
    if rest and not truncate:
        raise undecodable(
            f"time {nanos} ns", "is finer than microseconds", 'cassandra={"truncate": True} cuts it'
        )
    seconds, micros = divmod(micros, 1_000_000)
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, micros)


def span(value: dt.timedelta) -> Span:
    """A duration in days and nanoseconds of one sign."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sign = -1 if micros < 0 else 1
    whole_days, rest = divmod(abs(micros), _US_OF_DAY)
    return Span(0, sign * whole_days, sign * rest * 1000)


def timedelta_of(value: Any) -> dt.timedelta:
    """A timedelta of a duration without months."""
    micros, rest = divmod(abs(value.nanoseconds), 1000)
    if value.months or rest:
        what = "has months, which have no fixed length" if value.months else "is finer than µs"
        raise undecodable(f"duration {value}", what, "correct the row")
    micros = micros if value.nanoseconds >= 0 else -micros
    try:
        return dt.timedelta(days=value.days, microseconds=micros)
    except OverflowError:
        raise undecodable(f"duration {value}", "is too long", "correct the row") from None


# ---------------------------------------------------------------- others


def address(value: str) -> str:
    """An IP address; a zone (``%eth0``) is not kept by the column."""
    if "%" in value:
        raise refused(value, "not-an-address", "has a zone", "the address without it")
    return value


def address_of(value: str) -> str:
    """The canonical text of an IP address."""
    return str(ip_address(value)) if ":" in value else value


def point(value: GeoPoint) -> tuple[float, float]:
    """Latitude and longitude."""
    return double(value.lat), double(value.lng)


def point_of(value: Any) -> GeoPoint:
    """A point of latitude and longitude."""
    return GeoPoint(value[0], value[1])
