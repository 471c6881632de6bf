"""Refusing what is no list where one is meant: texts and mappings can be gone through, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from juggler.errors import InvalidValueError


def check_list(given: Any, what: str, hint: str, code: str = "not-a-list") -> None:
    """Refuse a single value, a text or a mapping.

    Raises:
        InvalidValueError: with that code.
    """
    if isinstance(given, Mapping | str | bytes) or not isinstance(given, Iterable):
        raise InvalidValueError(f"{given!r:.60} is no list of {what}", code=code, hint=hint)
