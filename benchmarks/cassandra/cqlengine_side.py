"""The cases through cqlengine, the object mapper that comes with the driver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

os.environ.setdefault("CQLENG_ALLOW_SCHEMA_MANAGEMENT", "1")

from cassandra import ConsistencyLevel
from cassandra.cqlengine import columns, connection
from cassandra.cqlengine.models import Model
from places import KEYSPACE, STORED, keys, row

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[int, Callable[[], Any]]


def _model(table: str) -> Any:
    return type(
        table.title(),
        (Model,),
        {
            "__keyspace__": KEYSPACE,
            "__table_name__": table,
            "id": columns.UUID(primary_key=True),
            "name": columns.Text(),
            "age": columns.BigInt(),
            "score": columns.Double(),
            "ok": columns.Boolean(),
            "at": columns.DateTime(),
            "team": columns.Text(),
            "note": columns.Text(),
        },
    )


class Engine:
    """The same tables as models of cqlengine."""

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("/")[2].rpartition(":")
        connection.setup(
            [host],
            KEYSPACE,
            port=int(port),
            protocol_version=5,
            consistency=ConsistencyLevel.ONE,
        )
        self.read, self.blind, self.safe = (_model(name) for name in ("read", "blind", "safe"))
        self.keys = keys()

    def close(self) -> None:
        """Disconnect."""
        connection.unregister_connection("default")

    def get(self, count: int) -> Case:
        """Point reads."""
        wanted, objects = self.keys[:count], self.read.objects
        return count, lambda: [objects.get(id=key) for key in wanted]

    def put(self, count: int) -> Case:
        """INSERT."""
        rows = [row(n) for n in range(count)]
        return count, lambda: [self.blind.create(**one) for one in rows]

    def create(self, count: int) -> Case:
        """INSERT IF NOT EXISTS."""
        rows = [row(n) for n in range(count)]
        return count, lambda: [self.safe.if_not_exists().create(**one) for one in rows]

    def patch(self, count: int) -> Case:
        """UPDATE IF EXISTS."""
        made = [self.safe.if_not_exists().create(**row(n)) for n in range(count)]
        return count, lambda: [one.if_exists().update(age=7) for one in made]

    def bulk(self, count: int) -> Case:
        """One after the other: cqlengine has nothing that sends several."""
        return self.put(count)

    def scan(self, _count: int) -> Case:
        """All rows as models; its own limit of 10,000 taken off."""
        return STORED, lambda: list(self.read.objects.limit(None))
