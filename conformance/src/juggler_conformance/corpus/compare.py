"""Comparing an answer with what is expected: absent as null, numbers by value, dates as moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any


def plain(value: Any, type_: Any) -> Any:
    """A value of a row or of an expectation in a form that can be compared."""
    if value is None:
        return None
    if isinstance(type_, Mapping):
        return _without_nulls({n: plain(value.get(n), t) for n, t in type_.items()}) or None
    if isinstance(type_, list):
        return tuple(plain(element, type_[0]) for element in value)
    if type_ == "Date":
        return _moment(value)
    if isinstance(value, bool):
        return ("boolean", value)
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return value.timestamp() if isinstance(value, dt.datetime) else value


def _without_nulls(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def plain_row(row: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its nulls; undeclared properties stay as they are."""
    return _without_nulls({name: plain(value, types.get(name)) for name, value in row.items()})


def difference(
    answered: Sequence[Mapping[str, Any]],
    expected: Sequence[Mapping[str, Any]],
    types: Mapping[str, Any],
    *,
    ordered: bool,
) -> str:
    """Why two lists of rows are not the same; empty when they are."""
    got = [plain_row(row, types) for row in answered]
    want = [plain_row(row, types) for row in expected]
    if len(got) != len(want):
        return f"{len(got)} rows instead of {len(want)}"
    if not ordered:
        got, want = sorted(got, key=_place), sorted(want, key=_place)
    for at, (one, other) in enumerate(zip(got, want, strict=True)):
        if one != other:
            return f"row {at} is {one!r} instead of {other!r}"
    return ""


def _place(row: Mapping[str, Any]) -> str:
    return repr(sorted((name, _number(value)) for name, value in row.items()))


def _number(value: Any) -> Any:
    """1 and 1.0 are the same number and have to sort to the same place."""
    whole = isinstance(value, float) and value.is_integer()
    return repr(int(value) if whole else value)
