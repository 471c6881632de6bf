"""The rows that every subject gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

ROWS = 20_000
CUSTOMERS = 2_000
_START = datetime(2017, 7, 14, tzinfo=UTC)


def row(i: int) -> dict[str, Any]:
    """The row of a number: eight thousand names, a hundred groups, 97 ages."""
    return {
        "name": f"user {i * 7919 % 20000}",
        "group": f"g{i % 100}",
        "age": i * 31 % 97,
        "active": i % 3 == 0,
        "joined": _START + timedelta(minutes=i),
    }


def rows(count: int = ROWS) -> list[dict[str, Any]]:
    """The first rows."""
    return [row(i) for i in range(count)]


def orders() -> list[dict[str, Any]]:
    """Ten orders of each customer."""
    return [
        {"id": i, "customer_id": 1 + i % CUSTOMERS, "total": i % 89} for i in range(1, ROWS + 1)
    ]


def person(i: int) -> dict[str, Any]:
    """A person to validate; every tenth has a bad address."""
    return {
        "name": f"user {i}",
        "email": "a@b.c" if i % 10 else "nope",
        "age": i % 50,
        "role": "user",
    }
