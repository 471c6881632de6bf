"""The table that all three use, and the rows that they write."""

from __future__ import annotations

import datetime as dt
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from servers import cassandra_url

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYSPACE = "juggler_bench"
COLUMNS = ("id", "name", "age", "score", "ok", "at", "team", "note")
TYPES = ("uuid", "text", "bigint", "double", "boolean", "timestamp", "text", "text")
#: Rows of the table that is read.
STORED = 5000
_EPOCH = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


def row(number: int, key: UUID | None = None) -> dict[str, Any]:
    """The values of a row, eight of them."""
    return {
        "id": key or uuid4(),
        "name": f"name {number}",
        "age": number % 90,
        "score": number / 7,
        "ok": number % 2 == 0,
        "at": _EPOCH + dt.timedelta(seconds=number),
        "team": f"team {number % 20}",
        "note": "some words about this row",
    }


def keys() -> list[UUID]:
    """The keys of the rows that are stored, the same in every run."""
    return [UUID(int=number + 1) for number in range(STORED)]


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server: ``JUGGLER_CASSANDRA_URL``, or one that is started for the time."""
    if "JUGGLER_CASSANDRA_URL" in os.environ:
        print("server: JUGGLER_CASSANDRA_URL")
    with cassandra_url() as url:
        yield url.rstrip("/")
