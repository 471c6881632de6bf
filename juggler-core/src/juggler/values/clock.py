"""The time, as values have it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The time as an aware datetime in UTC, floored to milliseconds."""
    found = dt.datetime.now(dt.UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)
