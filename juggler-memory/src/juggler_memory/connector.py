"""The memory connector: the hooks of the contract over a store."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from juggler.connector import (
    Capabilities,
    Discovery,
    Page,
    Rows,
    SchemaSteps,
    ServerInfo,
    StepResult,
    WhereResult,
    WriteResult,
    hookimpl,
)
from juggler_memory import discovery, reader, schema, writer
from juggler_memory.adopting import bind
from juggler_memory.capabilities import capabilities
from juggler_memory.checks import check_model
from juggler_memory.planner import Planner
from juggler_memory.settings import MemorySettings
from juggler_memory.storage import Journal
from juggler_memory.store import Store
from juggler_memory.transactions import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import (
        Change,
        DiscoverRequest,
        Key,
        OpContext,
        Plan,
        SchemaStep,
        WriteOp,
        WriteOptions,
    )
    from juggler.connector.schema import Mode
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_memory.binding import Binding


class MemoryConnector:
    """Keeps rows in dictionaries, and in a file where one is set.

    Safe under threads and tasks: writes and scans hold one lock, reading a row by its key needs
    none.

    Args:
        settings: its settings; the defaults when None.
    """

    name = "memory"
    io = "instant"
    default_id_type = "integer"

    def __init__(self, settings: MemorySettings | None = None) -> None:
        self.settings = settings or MemorySettings()
        self.store = Store(_journal(self.settings))
        self.store.forget_bindings = self._forget
        self._claims = capabilities(file=self.settings.file is not None)
        self._planner = Planner()
        self._bindings: dict[int, Binding] = {}

    # ------------------------------------------------------------ life cycle

    @hookimpl
    def open(self, ctx: OpContext) -> None:
        """Lock and read the file, if there is one."""
        del ctx
        self.store.open()

    @hookimpl
    def close(self, ctx: OpContext) -> None:
        """Give the file back; rows without a file stay as long as this object."""
        del ctx
        self.store.close()
        if self.store.journal is not None:
            self._forget()

    @hookimpl
    def ping(self, ctx: OpContext) -> ServerInfo:
        """What this is, and what opening the file found."""
        del ctx
        journal = self.store.journal
        recovered = journal.recovered if journal else None
        facts = (
            {} if recovered is None else {"file": str(recovered.path), "recovery": str(recovered)}
        )
        return ServerInfo("juggler-memory", version("juggler-memory"), limits=facts)

    # ------------------------------------------------------------ pure

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The same for every model."""
        del model
        return self._claims

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        """Refuse what cannot be held or indexed as declared."""
        check_model(model, self._claims)

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """The best way to the rows."""
        return self._planner.plan(query, schema)

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        """The steps from what is there to what is declared."""
        return schema.plan(desired, actual, mode)

    # ------------------------------------------------------------ reading

    @hookimpl
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """A page of a plan."""
        if plan.path == "empty":
            return Page(())
        store = self.store
        with store.lock:
            binding = self._reading(plan.query.model, ctx)
            return reader.fetch(binding, plan, cursor, want)

    @hookimpl
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Rows by key, without a lock."""
        while True:
            binding = self.binding(model)
            if binding.table.expires or ctx.transaction is not None:
                with self.store.lock:
                    binding = self._reading(model, ctx)
            found = reader.get(binding, keys, fields, self.store.lock)
            if binding.columns is binding.table.columns:  # nobody changed the rows' shape meanwhile
                return found

    @hookimpl
    def count(self, plan: Plan, ctx: OpContext) -> int:
        """The number of rows of a plan."""
        if plan.path == "empty":
            return 0
        with self.store.lock:
            return reader.count(self._reading(plan.query.model, ctx), plan)

    # ------------------------------------------------------------ writing

    @hookimpl
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """Write rows, as one line of the file."""
        with self.store.lock:
            sink, binding = self._writing(model, ctx)
            return writer.write(sink, binding, ops, opts, ctx.now())

    @hookimpl
    def write_where(
        self, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
    ) -> WhereResult:
        """Patch or delete all rows of a plan, or none of them."""
        if plan.path == "empty":
            return WhereResult(0, 0)
        with self.store.lock:
            sink, binding = self._writing(model, ctx)
            rows = reader.matching(binding, plan.pushed, plan.opaque)
            values = (change.values or {}) if change.kind == "patch" else None
            return writer.write_where(sink, binding, rows, values, ctx.now())

    # ------------------------------------------------------------ schema

    @hookimpl
    def read_schema(self, models: Sequence[ModelSpec] | None, ctx: OpContext) -> StoreSchema:
        """The tables, as they were declared when that was last applied."""
        del ctx
        return schema.read(self.store, models)

    @hookimpl
    def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """Apply one step, at once."""
        del ctx
        return schema.apply(self.store, step)

    @hookimpl
    def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """The models of the tables that are there."""
        del ctx
        return discovery.discover(self.store, request)

    @hookimpl
    def transact(self, action: str, handle: Any, ctx: OpContext) -> Any:
        """Begin, commit or roll back a transaction under snapshot isolation."""
        with self.store.lock:
            if action == "begin":
                return Transaction(self.store)
            if action == "commit":
                handle.commit(ctx.now())
            else:
                handle.rollback()
        return handle

    # ------------------------------------------------------------ bindings

    def binding(self, model: ModelSpec) -> Binding:
        """The model over its table.

        Raises:
            SchemaDriftError: the table is not what the model declares, and only a plan can help.
        """
        binding = self._bindings.get(id(model))
        if binding is None or binding.columns is not binding.table.columns:
            binding = self._bindings[id(model)] = bind(self.store, model)
        if binding.problem is not None:
            self._bindings.pop(id(model), None)
            raise binding.problem
        return binding

    def _reading(self, model: ModelSpec, ctx: OpContext) -> Binding:
        """The model over what the call may see: the table, or its transaction's view of it."""
        binding = self.binding(model)
        if ctx.transaction is not None:
            binding = ctx.transaction.binding(binding)
        if binding.table.expires:
            binding.table.purge(ctx.now())
        return binding

    def _writing(self, model: ModelSpec, ctx: OpContext) -> tuple[writer.Sink, Binding]:
        """Where the call writes to, and the model over what it may see."""
        sink: writer.Sink = self.store
        binding = self.binding(model)
        if binding.write_problem is not None:
            self._bindings.pop(id(model), None)
            raise binding.write_problem
        if ctx.transaction is not None:
            sink = ctx.transaction
            binding = ctx.transaction.binding(binding, to_write=True)
        if binding.table.expires:
            binding.table.purge(ctx.now())
        return sink, binding

    def _forget(self) -> None:
        self._bindings.clear()


def _journal(settings: MemorySettings) -> Journal | None:
    if settings.file is None:
        return None
    return Journal(
        settings.file,
        fsync=settings.fsync,
        interval=settings.fsync_interval,
        compact_at=settings.compact_at,
        repair=settings.repair,
    )
