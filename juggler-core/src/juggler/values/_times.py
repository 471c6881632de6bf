"""Coercion of dates and times: aware, in UTC, in milliseconds."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from juggler.values._refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_MOMENTS = "an aware datetime, ISO text with a zone ('2024-05-01T12:00:00Z') or epoch milliseconds"


def moment(*, naive_utc: bool = False, micro: bool = False) -> Callable[[Any], dt.datetime]:
    """A coercion to an aware datetime in UTC, floored to milliseconds.

    Args:
        naive_utc: take a datetime or text without zone as UTC instead of refusing it.
        micro: keep microseconds.
    """

    def coerce(value: Any) -> dt.datetime:
        found = _moment(value)
        if found.tzinfo is None or found.utcoffset() is None:
            if not naive_utc:
                raise refusal(
                    value, "naive-datetime", "has no time zone", f"{_MOMENTS}; or naive='utc'"
                )
            found = found.replace(tzinfo=UTC)
        try:
            found = found.astimezone(UTC)
        except (OverflowError, ValueError):
            raise refusal(
                value, "out-of-range", "is out of range", "years 1 to 9999 in UTC"
            ) from None
        return (
            found if micro else found.replace(microsecond=found.microsecond // 1000 * 1000, fold=0)
        )

    return coerce


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        if isinstance(value, str) and _ISO.fullmatch(value):
            found = dt.datetime.fromisoformat(value.replace(",", ".").upper())
            return found if len(value) > len("2024-05-01") else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return EPOCH + dt.timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        raise refusal(value, "not-a-datetime", "is no valid date and time", _MOMENTS) from None
    raise refusal(value, "not-a-datetime", "is no date and time", _MOMENTS)


def day(value: Any) -> dt.date:
    """A date out of a date or ``YYYY-MM-DD``; a datetime is refused, its time would be lost."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(value, "not-a-date", "is no date", "a date or text like '2024-05-01'")


def clock_time(value: Any) -> dt.time:
    """A time of day out of a naive time or ``HH:MM[:SS[.ffffff]]``."""
    if isinstance(value, dt.time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        try:
            return dt.time.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(
        value, "not-a-time", "is no time of day", "a time without zone or text like '12:30:00'"
    )


def duration(value: Any) -> dt.timedelta:
    """A timedelta out of a timedelta or ISO 8601 text without years and months."""
    if isinstance(value, dt.timedelta):
        return value
    if isinstance(value, str) and (found := _DURATION.fullmatch(value)) and value[-1] not in "PT+-":
        sign, weeks, days, hours, minutes, seconds = found.groups()
        try:
            length = dt.timedelta(
                weeks=int(weeks or 0),
                days=int(days or 0),
                hours=int(hours or 0),
                minutes=int(minutes or 0),
                seconds=float(seconds or 0),
            )
        except OverflowError:
            pass
        else:
            return -length if sign == "-" else length
    raise refusal(value, "not-a-duration", "is no duration", "a timedelta or text like 'P1DT2H30M'")
