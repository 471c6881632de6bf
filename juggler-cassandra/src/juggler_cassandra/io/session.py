"""The one session of a process: connecting, prepared statements, sending, what tables there are."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from cassandra.cluster import _discard_cluster_shutdown

from juggler.errors import ConfigurationError, UnavailableError
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import connect, level, profile_of
from juggler_cassandra.io.facts import Facts, facts_of
from juggler_cassandra.io.request import Request, Window
from juggler_cassandra.io.wire import tame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import OpContext
    from juggler.spec import ModelSpec
    from juggler_cassandra.io.request import Answer, Fail
    from juggler_cassandra.settings import CassandraSettings

#: The keyspace where neither a setting nor a session names one.
DEFAULT_KEYSPACE: Final = "juggler"
#: Statements kept prepared; a program that makes more has texts with values in them.
_PREPARED: Final = 4096
#: The driver gives up this much before the operation's end, so that its answer is the one told;
#: of short operations this part.
_MARGIN: Final = 0.5
_PART: Final = 0.1
#: Far longer than a server takes for a write before it gives up itself (2 s by default).
_WRITE: Final = 10.0


def time_of(ctx: OpContext) -> float | None:
    """Seconds for one request: a little less than the operation has left."""
    left = ctx.remaining
    return None if left is None else left - min(_MARGIN, left * _PART)


def write_time(ctx: OpContext) -> float | None:
    """Seconds for one write: of a long time half, so that a lost answer can be looked up."""
    seconds = time_of(ctx)
    return None if seconds is None else min(seconds, max(_WRITE, seconds / 2))


class Session:
    """The connection of a data source, one per process.

    Args:
        settings: of the data source.
    """

    def __init__(self, settings: CassandraSettings) -> None:
        self.settings = settings
        self.keyspace: str = settings.database or DEFAULT_KEYSPACE
        self._cluster: Any = None
        self._session: Any = None
        self._profile: Any = None
        self._pid = os.getpid()
        self._prepared: dict[str, Any] = {}
        self._facts: dict[int, Facts] = {}
        self._lock = threading.Lock()

    # ------------------------------------------------------------ life cycle

    async def open(self, ctx: OpContext) -> None:
        """Connect, if this process has not yet."""
        if self._session is not None and self._pid == os.getpid():
            return
        if self._session is not None:
            self._forget_parent()
        own = self.settings.session
        try:
            cluster, session = (
                (None, own)
                if own is not None
                else await ctx.wait(ctx.submit(connect, self.settings, ctx.remaining))
            )
        except Exception as error:
            raise errors.reading(error) from error
        with self._lock:
            self._pid = os.getpid()
            self._profile = profile_of(session, self.settings)
            self._cluster, self._session = cluster, session
            self.keyspace = self.settings.database or session.keyspace or DEFAULT_KEYSPACE

    async def close(self, ctx: OpContext) -> None:
        """Shut our own cluster down; a caller's session stays open."""
        with self._lock:
            cluster, self._cluster, self._session = self._cluster, None, None
            self._prepared.clear()
            self._facts.clear()
        if cluster is not None and self._pid == os.getpid():
            await ctx.wait(ctx.submit(cluster.shutdown))

    def _forget_parent(self) -> None:
        """In a child process: the parent's connection is not ours to use or to close."""
        if self._cluster is None:
            raise ConfigurationError(
                "the session was made in another process and does not work in this one",
                code="forked-session",
                hint="make the session and the data source in each worker, after the fork",
                connector=errors.NAME,
            )
        _discard_cluster_shutdown(self._cluster)
        self._cluster = self._session = None
        self._prepared, self._facts = {}, {}
        self._lock = threading.Lock()

    @property
    def connected(self) -> bool:
        """Whether this process has a session."""
        return self._session is not None and self._pid == os.getpid()

    @property
    def replication(self) -> dict[str, Any]:
        """The keyspace's replication as in CQL; empty where it is not there or not known yet."""
        keyspace = self._metadata() if self.connected else None
        strategy = keyspace and keyspace.replication_strategy
        found: dict[str, Any] = json.loads(
            strategy.export_for_schema().replace("'", '"') if strategy else "{}"
        )
        return found

    @property
    def driver(self) -> Any:
        """The driver's session."""
        if self._session is None:
            raise UnavailableError("the connection was closed", connector=errors.NAME)
        return self._session

    # ------------------------------------------------------------ statements

    async def prepare(self, text: str, ctx: OpContext, *, writes: bool = False) -> Any:
        """The prepared statement of a text."""
        prepared: Any = self._prepared.get(text)
        if prepared is None:
            try:
                prepared = await ctx.wait(ctx.submit(self.driver.prepare, text))
            except Exception as error:
                raise errors.preparing(error) from error
            tame(prepared)
            prepared.is_idempotent = not writes
            if len(self._prepared) >= _PREPARED:
                self._prepared.clear()
            self._prepared[text] = prepared
        return prepared

    def forget_statements(self) -> None:
        """The schema changed: statements are prepared anew."""
        self._prepared = {}

    def known(self, text: str) -> Any:
        """The prepared statement of a text if there is one already."""
        return self._prepared.get(text)

    def send(
        self,
        statement: Any,
        consistency: int,
        seconds: float | None,
        *,
        size: int | None = None,
        state: Any = None,
    ) -> Any:
        """Send a bound (or simple) statement; the driver's future."""
        statement.consistency_level = consistency
        if size is not None:
            statement.fetch_size = size
        return self.driver.execute_async(
            statement,
            timeout=seconds,
            execution_profile=self._profile,
            paging_state=state,
        )

    def request(
        self,
        statement: Any,
        consistency: int,
        ctx: OpContext,
        *,
        fail: Fail = errors.reading,
        seconds: Callable[[OpContext], float | None] = time_of,
        size: int | None = None,
        state: Any = None,
    ) -> Request:
        """Send a statement; a deferred of its answer."""
        try:
            future = self.send(statement, consistency, seconds(ctx), size=size, state=state)
        except Exception as error:
            raise fail(error) from error
        return Request(future, fail)

    async def read(
        self, text: str, values: Sequence[Any], consistency: str, ctx: OpContext, **more: Any
    ) -> Answer:
        """Prepare, bind and send one read, and wait for its answer."""
        prepared = await self.prepare(text, ctx)
        ctx.note(text, values)
        bound = bind(prepared, values, errors.reading)
        return await ctx.wait(self.request(bound, level(consistency), ctx, **more))

    def window(self, send: Callable[[int], Any], count: int, fail: Fail, width: int) -> Window:
        """Many requests, ``width`` at the same time."""
        return Window(send, count, fail, width)

    # ------------------------------------------------------------ tables

    def facts(self, model: ModelSpec) -> Facts:
        """What is known of a model's table or view; no request is made."""
        keyspace = self._metadata()
        source: Any = None
        views: dict[str, Any] = {}
        if keyspace is not None:
            name = model.storage_name
            source = keyspace.tables.get(name) or keyspace.views.get(name)
            views = getattr(source, "views", None) or {}
        known = self._facts.get(id(model))
        if known is None or known.model is not model or known.source is not source:
            known = self._facts[id(model)] = facts_of(model, source, views)
        return known

    def _metadata(self) -> Any:
        return self.driver.cluster.metadata.keyspaces.get(self.keyspace)


def bind(prepared: Any, values: Sequence[Any], fail: Fail) -> Any:
    """A statement with its values; what cannot be serialised is an error of ours."""
    try:
        return prepared.bind(values)
    except Exception as error:
        raise fail(error) from error
