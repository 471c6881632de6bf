"""The whole contract of a connector: every hook, its arguments, what it returns.

A connector is an object whose methods carry :data:`hookimpl`.  Required are ``capabilities``,
``plan``, ``fetch``, ``get`` and ``write``; the rest have a stated default.  A hook's parameters
have to be exactly those written here; the host checks it when it loads a connector.

*Pure* hooks (``capabilities bind plan plan_schema``) do no I/O and return plain values; plugins may
wrap them.  *I/O* hooks (the others) are one request in, one value out, never an iterator.  They are
plain functions (``io`` instant or blocking) or ``async def`` functions that await nothing but
``ctx.wait``, ``ctx.gather`` and ``ctx.sleep``; only ``io="async"`` may await anything else.  A hook
never returns None as an answer, except ``open``, ``close``, ``bind`` and ``freeze``.
"""

# pyright: reportReturnType=false
# A specification has a docstring for a body.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector.capabilities import Capabilities
    from juggler.connector.context import OpContext
    from juggler.connector.info import ConnectorInfo
    from juggler.connector.plan import Plan
    from juggler.connector.results import (
        ChangePage,
        DiscoverRequest,
        Discovery,
        Key,
        NativeResult,
        Page,
        Rows,
        ServerInfo,
    )
    from juggler.connector.schema import Mode, SchemaStep, SchemaSteps, StepResult
    from juggler.connector.writes import Change, WhereResult, WriteOp, WriteOptions, WriteResult
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

PROJECT = "juggler"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

#: Version of this contract: a connector written for 1.0 loads on every 1.x.
CONTRACT = (1, 0)
REQUIRED = frozenset({"capabilities", "plan", "fetch", "get", "write"})
PURE = frozenset({"capabilities", "bind", "plan", "plan_schema"})


class PluginSpec:
    """The process-level hook, on the entry point's object."""

    @hookspec(firstresult=True)
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, aliases, settings, factory and versions of the connector."""
        raise NotImplementedError  # pragma: no cover - a specification


class ConnectorSpec:
    """The hooks of a connector object."""

    # ------------------------------------------------------------ life cycle

    @hookspec(firstresult=True)
    def open(self, ctx: OpContext) -> None:
        """Connect.  Idempotent, safe after a fork.  Default: nothing to do."""

    @hookspec(firstresult=True)
    def close(self, ctx: OpContext) -> None:
        """Release everything.  Idempotent.  Default: nothing to do."""

    @hookspec(firstresult=True)
    def ping(self, ctx: OpContext) -> ServerInfo:
        """Product and version of the server.  Default: the connector's name and version."""

    @hookspec(firstresult=True)
    def freeze(self) -> None:
        """No definition or schema change comes after this.  Default: nothing to do."""

    # ------------------------------------------------------------ pure

    @hookspec(firstresult=True)
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """What can be done, for one model or in general (None).  Required.

        After ``open`` it may be refined by what the server said.
        """

    @hookspec(firstresult=True)
    def bind(self, model: ModelSpec) -> None:
        """Check that the store can hold the model; called when a model is attached.

        Raises ``UnsupportedModelError(problems=[...])``.  Default: the core's own checks
        against the capabilities.
        """

    @hookspec(firstresult=True)
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """How the query will be answered.  Required; no I/O, no driver import, deterministic."""

    @hookspec(firstresult=True)
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        """The steps from ``actual`` to ``desired``.  Default: no steps."""

    # ------------------------------------------------------------ reading

    @hookspec(firstresult=True)
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """At most ``want`` rows from ``cursor`` on, in ``plan.fields`` order.  Required.

        A page may be shorter, even empty, as long as its cursor says that there is more.
        """

    @hookspec(firstresult=True)
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """The rows of the keys, in their order, None for a missing one.  Required."""

    @hookspec(firstresult=True)
    def count(self, plan: Plan, ctx: OpContext) -> Any:
        """The number of rows of a plan, or ``NotImplemented`` (the core then counts by fetching).

        Called only for plans whose residual is TRUE.
        """

    # ------------------------------------------------------------ writing

    @hookspec(firstresult=True)
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """Write each row; results in the order of ``ops``.  Required.

        A key occurs once in ``ops``.  Raises only if nothing was applied for sure.
        """

    @hookspec(firstresult=True)
    def write_where(
        self, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
    ) -> WhereResult | Any:
        """Patch or delete all rows of a plan whose residual is TRUE, or ``NotImplemented``.

        The core then collects the keys and writes them in waves.
        """

    # ------------------------------------------------------------ schema

    @hookspec(firstresult=True)
    def read_schema(self, models: Sequence[ModelSpec] | None, ctx: OpContext) -> StoreSchema:
        """What exists, for some models or (None) all.  Default: what is declared."""

    @hookspec(firstresult=True)
    def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """Apply one step and wait until it is effective."""

    @hookspec(firstresult=True)
    def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """Models that the store holds."""

    # ------------------------------------------------------------ beyond

    @hookspec(firstresult=True)
    def native(
        self, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
    ) -> NativeResult:
        """Run a statement of the store's own language (``db.execute``)."""

    @hookspec(firstresult=True)
    def changes(
        self, model: ModelSpec | None, since: str | None, want: int, ctx: OpContext
    ) -> ChangePage:
        """About ``want`` changes after ``since``."""

    @hookspec(firstresult=True)
    def transact(self, action: str, handle: Any, ctx: OpContext) -> Any:
        """``begin`` (returns a handle), ``commit`` or ``rollback`` of a transaction.

        While a transaction is active its handle is ``ctx.transaction``.
        """


#: Hooks and their parameter names, in order.
SIGNATURES: dict[str, tuple[str, ...]] = {
    name: tuple(member.__code__.co_varnames[1 : member.__code__.co_argcount])
    for name, member in vars(ConnectorSpec).items()
    if callable(member) and not name.startswith("_")
}
