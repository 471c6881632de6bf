"""The connector: hooks only; each hook's work is in the module of its name."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.connector import (
    Capabilities,
    NativeResult,
    ServerInfo,
    StepResult,
    WhereResult,
    emulated,
    full,
    hookimpl,
    impossible,
)
from juggler.errors import BackendError, SchemaMissingError
from juggler_sqlite import _discover, _plan, _read, _schema, _write
from juggler_sqlite._rows import COLUMN, COMPARABLE, EQUATABLE, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from juggler.connector import (
        Change,
        DiscoverRequest,
        Discovery,
        Key,
        OpContext,
        Page,
        Plan,
        Rows,
        SchemaStep,
        SchemaSteps,
        WriteOp,
        WriteOptions,
        WriteResult,
    )
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

T = TypeVar("T")

_PUSHED = {
    (kind, op): "exact" for kind in COMPARABLE for op in ("eq", "lt", "le", "gt", "ge", "in")
} | {(kind, op): "exact" for kind in EQUATABLE for op in ("eq", "in", "null")}

CLAIMS = Capabilities(
    push=full(ops=_PUSHED),
    order=full(kind="any"),
    paging=full(kind="keyset", anywhere=True),
    skip=emulated("rows are read and dropped", kind="stream"),
    count=full(kind="exact-fast"),
    union=full(max_branches=1000),
    nested_paths=emulated("in Python"),
    geo=emulated("in Python"),
    types=full(kinds=frozenset(COLUMN)),
    string_order=full(kind="codepoint"),
    datetime_precision=full(kind="ms"),
    decimal=full(kind="exact"),
    integer_range=full(min=-(2**63), max=2**63 - 1),
    empty_collection=full(kind="kept"),
    insert_if_absent=full(),
    patch=full(kind="native", create=False),
    put=full(),
    update_where=full(kind="native"),
    delete_where=full(kind="native"),
    affected=full(kind="exact"),
    atomic=full(levels=frozenset({"row", "batch"})),
    unique=full(kind="any"),
    generated_keys=full(kind="counter"),
    composite_keys=full(),
    indexes=full(kinds=frozenset({"btree"})),
    schema=full(steps={"create-table": "safe", "add-column": "safe", "create-index": "online"}),
    discovery=full(foreign_keys=True, owners=False),
    native_query=full(language="SQL"),
    consistency=full(levels=_plan.LEVELS),
    relational=full(),
    persistence=full(),
    versions=impossible("a table has no versions of its own"),
)


class SQLiteConnector:
    """One connection, used by one thread at a time."""

    name = "sqlite"

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.db: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    # ------------------------------------------------------------ life cycle

    @hookimpl
    def open(self, ctx: OpContext) -> None:
        """Open the file, or a database in memory."""
        del ctx
        with self._lock:
            if self.db is None:
                path = self.settings.database or ":memory:"
                try:
                    self.db = sqlite3.connect(path, check_same_thread=False)
                    self.db.execute("PRAGMA foreign_keys = ON")
                except sqlite3.Error as error:
                    raise BackendError(
                        f"cannot open {path}: {error}",
                        hint="the folder has to exist and be writable",
                        connector=self.name,
                    ) from error

    @hookimpl
    def close(self, ctx: OpContext) -> None:
        """Close the file."""
        del ctx
        with self._lock:
            if self.db is not None:
                self.db.close()
                self.db = None

    @hookimpl
    def ping(self, ctx: OpContext) -> ServerInfo:
        """The library's version."""
        self._run("SELECT 1", (), ctx)
        return ServerInfo("SQLite", sqlite3.sqlite_version)

    # ------------------------------------------------------------ pure

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The same for every model."""
        del model
        return CLAIMS

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """See ``_plan``."""
        return _plan.plan(query, schema)

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: str
    ) -> SchemaSteps:
        """See ``_schema``."""
        return _schema.plan(desired, actual, mode)

    # ------------------------------------------------------------ data

    @hookimpl
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """One page."""
        return _read.fetch(plan, cursor, want, lambda text, params: self._run(text, params, ctx))

    @hookimpl
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Rows by key."""
        return _read.get(model, keys, fields, lambda text, params: self._run(text, params, ctx))

    @hookimpl
    def count(self, plan: Plan, ctx: OpContext) -> int:
        """``count(*)`` of the plan's condition."""
        where = plan.opaque.where
        table = quoted(plan.relation)
        text = f"SELECT count(*) FROM {table} WHERE {where.text}"
        (row,) = self._run(text, where.params, ctx)
        return int(row[0])

    @hookimpl
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """All rows in one transaction."""
        ctx.note(f"write {model.storage_name}", [op.kind for op in ops])
        with self._lock:
            return self._mapped(lambda db: _write.write(db, model, ops, opts))

    @hookimpl
    def write_where(
        self, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
    ) -> WhereResult:
        """One statement."""
        ctx.note(
            f"{change.kind} {model.storage_name} WHERE {plan.opaque.where.text}",
            plan.opaque.where.params,
        )
        with self._lock:
            done = self._mapped(lambda db: _write.write_where(db, model, plan, change))
        return WhereResult(done, done)

    # ------------------------------------------------------------ schema

    @hookimpl
    def read_schema(self, models: Sequence[ModelSpec] | None, ctx: OpContext) -> StoreSchema:
        """What the database holds."""
        del ctx
        names = None if models is None else [m.storage_name for m in models]
        with self._lock:
            return self._mapped(lambda db: _schema.read(db, names))

    @hookimpl
    def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """One step in a transaction of its own."""
        for text in step.native:
            self._run(text, (), ctx)
        return StepResult(step)

    @hookimpl
    def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """Tables, views and foreign keys."""
        del ctx
        with self._lock:
            return self._mapped(lambda db: _discover.discover(db, request))

    @hookimpl
    def native(
        self, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
    ) -> NativeResult:
        """SQL with ``?`` or ``:name`` parameters; rows are dictionaries."""
        del opts
        ctx.note(statement, params)
        with self._lock:
            return self._mapped(lambda db: _native(db, statement, params))

    # ------------------------------------------------------------ helpers

    def _run(self, text: str, params: Sequence[Any], ctx: OpContext) -> list[tuple[Any, ...]]:
        ctx.note(text, params)
        with self._lock:
            return self._mapped(lambda db: _committed(db, text, params))

    def _mapped(self, work: Callable[[Any], T]) -> T:
        """The work's result; SQLite's errors as ours."""
        try:
            return work(self.db)
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                raise SchemaMissingError(
                    str(error),
                    hint="make it: db.autoupdate() or `juggler apply`",
                    connector=self.name,
                ) from error
            raise BackendError(str(error), connector=self.name) from error
        except sqlite3.Error as error:
            raise BackendError(str(error), connector=self.name) from error


def _committed(db: sqlite3.Connection, text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with db:
        return db.execute(text, tuple(params)).fetchall()


def _native(db: sqlite3.Connection, statement: str, params: Any) -> NativeResult:
    with db:
        cursor = db.execute(statement, params or ())
        names = [column[0] for column in cursor.description or ()]
        return NativeResult(
            [dict(zip(names, row, strict=True)) for row in cursor.fetchall()],
            {"rowcount": cursor.rowcount, "lastrowid": cursor.lastrowid},
        )
