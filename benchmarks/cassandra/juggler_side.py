"""The cases through Juggler."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from places import KEYSPACE, STORED, keys, row

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[int, Callable[[], Any]]

PROPERTIES = {
    "id": {"type": "uuid", "id": True, "generated": True},
    "name": "string",
    "age": "integer",
    "score": "number",
    "ok": "boolean",
    "at": "date",
    "team": "string",
    "note": "string",
}


class Juggler:
    """Models over the tables ``read``, ``blind`` and ``safe``."""

    def __init__(self, url: str) -> None:
        settings = {"create_keyspace": True, "consistency": "ONE", "page_size": 1000}
        self.db = connect(f"{url}/{KEYSPACE}", settings)
        self.read = self.db.define("read", PROPERTIES, {"writes": "blind"})
        self.blind = self.db.define("blind", PROPERTIES, {"writes": "blind"})
        self.safe = self.db.define("safe", PROPERTIES)
        self.db.automigrate(allow_data_loss=True)
        self.keys = keys()
        for number, key in enumerate(self.keys):
            self.read.replace_or_create(row(number, key))

    def close(self) -> None:
        """Drop everything and close."""
        self.db.execute(f"DROP KEYSPACE {KEYSPACE}")
        self.db.close()

    def get(self, count: int) -> Case:
        """Point reads."""
        wanted, find = self.keys[:count], self.read.find_by_id
        return count, lambda: [find(key) for key in wanted]

    def get_async(self, count: int) -> Case:
        """Point reads, awaited one after the other."""
        wanted, find = self.keys[:count], self.read.aio.find_by_id

        async def run() -> None:
            for key in wanted:
                await find(key)

        return count, lambda: asyncio.run(run())

    def put(self, count: int) -> Case:
        """Plain writes of whole rows."""
        rows, write = [row(n) for n in range(count)], self.blind.replace_or_create
        return count, lambda: [write(one) for one in rows]

    def create(self, count: int) -> Case:
        """INSERT IF NOT EXISTS."""
        rows, create = [row(n) for n in range(count)], self.safe.create
        return count, lambda: [create(one) for one in rows]

    def patch(self, count: int) -> Case:
        """UPDATE IF EXISTS of one value."""
        held = [self.safe.create(row(n)) for n in range(count)]
        return count, lambda: [one.patch({"age": 7}) for one in held]

    def bulk(self, count: int) -> Case:
        """Many rows at once."""
        rows = [row(n) for n in range(count)]
        for one in rows:
            del one["id"]
        return count, lambda: self.blind.create_all(rows)

    def scan(self, _count: int) -> Case:
        """All rows as instances."""
        return STORED, self.read.find
