"""The same statements by the driver alone: prepared, bound, rows as tuples."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import tuple_factory
from places import COLUMNS, KEYSPACE, STORED, keys, row

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[int, Callable[[], Any]]

_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))
IN_FLIGHT = 64


class Driver:
    """A session of the driver, as a careful program would use it."""

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("/")[2].rpartition(":")
        profile = ExecutionProfile(
            row_factory=tuple_factory,
            consistency_level=ConsistencyLevel.ONE,
            load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy()),
        )
        self.cluster = Cluster(
            [host],
            port=int(port),
            protocol_version=5,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        )
        self.session = self.cluster.connect(KEYSPACE)
        prepare = self.session.prepare
        self.select = prepare(f'SELECT {_NAMES} FROM "read" WHERE "id" = ?')
        self.every = prepare(f'SELECT {_NAMES} FROM "read"')
        self.every.fetch_size = 1000
        self.insert = prepare(f'INSERT INTO "blind" ({_NAMES}) VALUES ({_MARKS})')
        self.absent = prepare(f'INSERT INTO "safe" ({_NAMES}) VALUES ({_MARKS}) IF NOT EXISTS')
        self.update = prepare('UPDATE "safe" SET "age" = ? WHERE "id" = ? IF EXISTS')
        self.keys = keys()

    def close(self) -> None:
        """Disconnect."""
        self.cluster.shutdown()

    def get(self, count: int) -> Case:
        """Point reads."""
        wanted, execute, select = self.keys[:count], self.session.execute, self.select
        return count, lambda: [execute(select, (key,)).one() for key in wanted]

    def get_async(self, count: int) -> Case:
        """Point reads over the thinnest bridge to asyncio."""
        wanted, send, select = self.keys[:count], self.session.execute_async, self.select

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for key in wanted:
                waiting = loop.create_future()
                send(select, (key,)).add_callbacks(
                    lambda rows, f=waiting: loop.call_soon_threadsafe(f.set_result, rows),
                    lambda error, f=waiting: loop.call_soon_threadsafe(f.set_exception, error),
                )
                await waiting

        return count, lambda: asyncio.run(run())

    def put(self, count: int) -> Case:
        """INSERT."""
        rows, execute = [row(n) for n in range(count)], self.session.execute
        return count, lambda: [execute(self.insert, tuple(one.values())) for one in rows]

    def create(self, count: int) -> Case:
        """INSERT IF NOT EXISTS."""
        rows, execute = [row(n) for n in range(count)], self.session.execute
        return count, lambda: [execute(self.absent, tuple(one.values())).one() for one in rows]

    def patch(self, count: int) -> Case:
        """UPDATE IF EXISTS."""
        made = [row(n) for n in range(count)]
        for one in made:
            self.session.execute(self.absent, tuple(one.values()))
        execute = self.session.execute
        return count, lambda: [execute(self.update, (7, one["id"])).one() for one in made]

    def bulk(self, count: int) -> Case:
        """INSERT with callbacks, 64 of them in flight."""
        rows = [tuple(row(n).values())[1:] for n in range(count)]
        return count, lambda: _Callbacks(self.session, self.insert, rows).run()

    def scan(self, _count: int) -> Case:
        """All rows as tuples."""
        return STORED, lambda: list(self.session.execute(self.every))


class _Callbacks:
    """Sends the next row when one is answered."""

    def __init__(self, session: Any, statement: Any, rows: list[Any]) -> None:
        self.session = session
        self.statement = statement
        self.rows = iter(rows)
        self.left = len(rows)
        self.lock = threading.Lock()
        self.done = threading.Event()

    def run(self) -> None:
        for _ in range(IN_FLIGHT):
            self.send()
        self.done.wait()

    def send(self) -> None:
        with self.lock:
            values = next(self.rows, None)
        if values is not None:
            future = self.session.execute_async(self.statement, (uuid4(), *values))
            future.add_callbacks(self.arrived, self.arrived)

    def arrived(self, _answer: Any) -> None:
        with self.lock:
            self.left -= 1
            if not self.left:
                self.done.set()
        self.send()
