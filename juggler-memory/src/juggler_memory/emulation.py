"""``memory:?emulate=X``: plans, refuses and counts as connector X would, stores in memory.

X's pure hooks decide; a fetch runs what X's plan says that the store evaluates (never the plan's
statements), in the order that it promises, and gives just the columns that it names.  So refusals
and costs are X's own, and rows that X would leave to the core are left to the core here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import evolve

from juggler.connector import (
    Capabilities,
    Page,
    Rows,
    SchemaStep,
    SchemaSteps,
    ServerInfo,
    StepResult,
    WhereResult,
    checks,
    hookimpl,
    impossible,
    registry,
)
from juggler.errors import ConfigurationError, SchemaMissingError
from juggler.query.tree import IsNull, Not, all_of
from juggler.spec import StoreSchema
from juggler_memory import emulated_values as values
from juggler_memory import reader, views, writer
from juggler_memory.access import Access, Scan
from juggler_memory.binding import Binding
from juggler_memory.connector import MemoryConnector
from juggler_memory.definition import collection_of, definition_of
from juggler_memory.drift import Change, differences, relation_of
from juggler_memory.reader import Reading
from juggler_memory.settings import MemorySettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.connector import Change as WhereChange
    from juggler.connector import (
        ConnectorInfo,
        DiscoverRequest,
        Discovery,
        Key,
        OpContext,
        Plan,
        Settings,
        WriteOp,
        WriteOptions,
        WriteResult,
    )
    from juggler.connector.schema import Mode
    from juggler.query import QuerySpec, Where
    from juggler.spec import ModelSpec

#: What memory cannot pretend, whatever X can do.
_NOT_HERE = {
    "timestamp": impossible("the emulation in memory has no write times"),
    "native_query": impossible("the emulation in memory runs no statements"),
    "changes_feed": impossible("the emulation in memory keeps no history"),
    "vector": impossible("the emulation in memory has no nearest-neighbour search"),
    "transactions": impossible("the emulation in memory has no transactions"),
}


def emulated(settings: MemorySettings) -> EmulatingConnector:
    """The connector for ``emulate=NAME``.

    Raises:
        ConfigurationError: there is no connector of that name, or it is memory itself.
    """
    info = registry.find(settings.emulate or "")
    if info.name == "memory":
        raise ConfigurationError(
            "memory emulates other connectors, not itself",
            code="invalid-setting",
            hint="memory:?guard=true refuses scans",
            connector="memory",
        )
    cls = cast("type[Settings] | None", info.settings)
    given = dict(settings.emulate_settings)
    own = cls.of(given, connector=info.name) if cls else None
    pure = (info.emulator or info.factory)(own)
    return EmulatingConnector(settings, info, pure)


class EmulatingConnector:
    """A memory store behind the pure hooks of another connector.

    Args:
        settings: settings of memory.
        info: the other connector's card.
        pure: an object with its pure hooks.
    """

    def __init__(self, settings: MemorySettings, info: ConnectorInfo, pure: Any) -> None:
        self.memory = MemoryConnector(settings)
        self.store = self.memory.store
        self.pure = pure
        self.models: dict[str, ModelSpec] = {}
        #: The card that a data source shows: hints and ids are those of the other connector.
        self.info = evolve(info, settings=MemorySettings, io="instant", data_access=None)

    # ------------------------------------------------------------ life cycle

    @hookimpl
    def open(self, ctx: OpContext) -> None:
        """Lock and read the file, if there is one."""
        self.memory.open(ctx)

    @hookimpl
    def close(self, ctx: OpContext) -> None:
        """Give the file back."""
        self.memory.close(ctx)

    @hookimpl
    def ping(self, ctx: OpContext) -> ServerInfo:
        """What this is."""
        found = self.memory.ping(ctx)
        return evolve(found, product=f"{found.product}, emulating {self.info.name}")

    # ------------------------------------------------------------ pure

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The other connector's, without what memory cannot pretend."""
        claims: Capabilities = self.pure.capabilities(model)
        own = self.memory.capabilities(model)
        return evolve(claims, persistence=own.persistence, paging=own.paging, **_NOT_HERE)

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        """Refuse what the other connector would refuse."""
        bind = getattr(self.pure, "bind", None)  # kept nowhere: it would count as a hook of ours
        if bind is not None:
            bind(model)
        else:
            checks.check_model(self.info.name, model, self.pure.capabilities(model))
        self.models[model.name] = model

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """The other connector's plan."""
        plan: Plan = self.pure.plan(query, schema)
        return plan

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        """Everything declared is there; what the other connector could not make is impossible."""
        plan_schema = getattr(self.pure, "plan_schema", None)
        made: Sequence[SchemaStep] = ()
        if plan_schema is not None:
            made = plan_schema(desired, StoreSchema(), "create").steps
        steps = [step for step in made if step.safety == "impossible"]
        if mode in {"check", "update"}:
            steps += self._retyped(desired)
        if mode == "recreate" and not steps:
            steps = [self._recreation(model, made) for model in desired if model.view is None]
        return SchemaSteps(tuple(steps), actual.fingerprint)

    def _retyped(self, desired: Sequence[ModelSpec]) -> Iterator[SchemaStep]:
        """Columns of another type than declared, judged as the other connector would."""
        claimed = self.pure.capabilities(None).schema.get("steps", {})
        for model in desired:
            table = self.store.tables.get(collection_of(model))
            if table is None or model.view is not None:
                continue
            for step in differences(model, relation_of(table, (model,))):
                if step.kind == "change-type" and step.kind in claimed:
                    safety = claimed[step.kind]
                    yield evolve(step, safety=safety)

    def _recreation(self, model: ModelSpec, made: Sequence[SchemaStep]) -> SchemaStep:
        table = self.store.tables.get(collection_of(model))
        empty = table is None or not table.rows
        return SchemaStep(
            "recreate-table",
            model.storage_name,
            "safe" if empty else "destructive",
            tuple(text for step in made if step.model == model.name for text in step.native),
            "it has no rows" if empty else "its rows are lost",
            model.name,
            opaque=Change(model, definition_of(model)),
        )

    # ------------------------------------------------------------ reading

    @hookimpl
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """A page of what the plan says that the store evaluates."""
        if plan.path == "empty":
            return Page(())
        with self.store.lock:
            binding = self._bound(plan.query.model, ctx)
            order = () if plan.order == "none" else plan.query.order
            reading = Reading(binding, self._where(plan), order, _SCAN)
            page = reader.page(reading, plan, cursor, want)
        versions = page.versions if self._claims(plan.query.model).versions else None
        return evolve(page, versions=versions, scanned=len(page.rows))

    @hookimpl
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Rows by key; of a view, those whose base row has that key in the view."""
        with self.store.lock:
            binding = self._bound(model, ctx)
            if model.view is None:
                found = reader.get(binding, keys, fields, self.store.lock)
            else:
                found = views.get(binding, keys, fields)
        return found if self._claims(model).versions else Rows(found.rows)

    @hookimpl
    def count(self, plan: Plan, ctx: OpContext) -> Any:
        """The number of rows, where the other connector counts without reading them."""
        claims = self._claims(plan.query.model)
        if claims.count.get("kind") != "exact-fast":
            return NotImplemented
        if plan.path == "empty":
            return 0
        with self.store.lock:
            binding = self._bound(plan.query.model, ctx)
            return len(reader.matching(binding, self._where(plan), _SCAN))

    # ------------------------------------------------------------ writing

    @hookimpl
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """Write rows as the other connector stores them; results say what it would know.

        What it could not store is refused where its pure hooks come with a ``check_writes``.
        """
        claims = self._claims(model)
        values.check_deltas(claims, model, ops)
        check_writes = getattr(self.pure, "check_writes", None)
        if check_writes is not None:
            check_writes(model, ops)
        unlooked = opts.mode == "blind" and claims.affected.get("kind") != "exact"
        with self.store.lock:
            self._bound(model, ctx)
            sent = [values.blind(op) for op in ops] if unlooked else ops
            results = self.memory.write(model, sent, opts, ctx)
        return [
            values.reported(claims, op, result, unlooked=unlooked)
            for op, result in zip(ops, results, strict=True)
        ]

    @hookimpl
    def write_where(
        self, model: ModelSpec, plan: Plan, change: WhereChange, ctx: OpContext
    ) -> WhereResult | Any:
        """By condition, where the other connector has a native form; the core goes by key else."""
        claims = self._claims(model)
        form = claims.update_where if change.kind == "patch" else claims.delete_where
        if form.get("kind") != "native":
            return NotImplemented
        if plan.path == "empty":
            return WhereResult(0, 0)
        with self.store.lock:
            binding = self._bound(model, ctx)
            rows = reader.matching(binding, self._where(plan), _SCAN)
            changes = (change.values or {}) if change.kind == "patch" else None
            done = writer.write_where(self.store, binding, rows, changes, ctx.now())
        return done if claims.affected.get("kind") == "exact" else WhereResult(None, None)

    # ------------------------------------------------------------ schema

    @hookimpl
    def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """Empty a table; everything else is there by declaration."""
        if isinstance(step.opaque, Change):
            return self.memory.apply_schema(step, ctx)
        return StepResult(step)

    @hookimpl
    def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """The models of the tables that are there."""
        return self.memory.discover(request, ctx)

    # ------------------------------------------------------------ inside

    def _claims(self, model: ModelSpec) -> Capabilities:
        claims: Capabilities = self.pure.capabilities(model)
        return claims

    def _bound(self, model: ModelSpec, ctx: OpContext) -> Binding:
        if model.view is None:
            binding = self.memory.binding(model)
            if binding.settle is None:
                binding.settle = values.settling(self._claims(model), binding)
        else:
            binding = Binding(model, self.memory.binding(self._base(model.view.of)).table)
        binding.table.purge(ctx.now())
        return binding

    def _base(self, name: str) -> ModelSpec:
        base = self.models.get(name)
        if base is None:
            raise SchemaMissingError(
                f"the base model {name} of the view is not attached",
                connector=self.info.name,
                model=name,
                hint=f"db.attach({name}) first",
            )
        return base

    def _where(self, plan: Plan) -> Where:
        """What the store evaluates; a view has only rows whose key is complete."""
        model = plan.query.model
        if model.view is None:
            return plan.pushed
        return all_of(plan.pushed, *(Not(IsNull(name)) for name in model.key.names))


_SCAN = Access(Scan(), "scan")
