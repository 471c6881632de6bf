"""The connector: hooks only; each hook's work is in the module of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector import hookimpl
from juggler.connector.port import current_options
from juggler_cassandra.capabilities import consistency
from juggler_cassandra.io import discover, fetch, native, schema_apply, schema_read, write
from juggler_cassandra.io.get import Reader
from juggler_cassandra.io.planned import Planned
from juggler_cassandra.io.session import Session
from juggler_cassandra.pure import CassandraPlanning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import (
        Capabilities,
        Change,
        DiscoverRequest,
        Discovery,
        Key,
        NativeResult,
        OpContext,
        Page,
        Plan,
        Rows,
        SchemaStep,
        ServerInfo,
        StepResult,
        WriteOp,
        WriteOptions,
        WriteResult,
    )
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema


class CassandraConnector(CassandraPlanning):
    """Cassandra by its Python driver.

    Args:
        settings: of the data source.
    """

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.session = Session(self.settings)

    # ------------------------------------------------------------ life cycle

    @hookimpl
    async def open(self, ctx: OpContext) -> None:
        """Connect."""
        await self.session.open(ctx)

    @hookimpl
    async def close(self, ctx: OpContext) -> None:
        """Disconnect; a session of the caller's stays open."""
        await self.session.close(ctx)

    @hookimpl
    async def ping(self, ctx: OpContext) -> ServerInfo:
        """Version and switches of the server."""
        return await schema_read.ping(self.session, ctx)

    # ------------------------------------------------------------ pure

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The claims; consistency levels as the keyspace that is there can reach them."""
        claims = super().capabilities(model)
        there = self.session.replication
        return evolve(claims, consistency=consistency(there)) if there else claims

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """As the planner plans it, with a note of what it was made of.

        What the driver knows of a table counts more than what a model declares.
        """
        if schema.declared and self.session.connected:
            schema = self.session.facts(query.model).schema or schema
        plan = super().plan(query, schema)
        return evolve(plan, opaque=Planned(plan.opaque, schema, plan.relation))

    # ------------------------------------------------------------ data

    @hookimpl
    async def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """One page."""
        return await fetch.fetch(self.session, plan, cursor, want, ctx)

    @hookimpl
    async def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Rows by key."""
        asked = self.settings.read_level(_asked(model))
        reader = Reader(self.session, self.session.facts(model), ctx, asked)
        return await reader.get(keys, fields)

    @hookimpl
    async def count(self, plan: Plan, ctx: OpContext) -> Any:
        """``count(*)``, where one statement per partition says it."""
        return await fetch.count(self.session, plan, ctx)

    @hookimpl
    async def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """One statement per row, many at the same time."""
        return await write.write(self.session, model, ops, opts, ctx)

    @hookimpl
    async def write_where(
        self, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
    ) -> Any:
        """A range delete, where the model writes blindly; else the core goes by key."""
        return await write.write_where(self.session, model, plan, change, ctx)

    # ------------------------------------------------------------ schema

    @hookimpl
    async def read_schema(self, models: Sequence[ModelSpec] | None, ctx: OpContext) -> StoreSchema:
        """Tables, views, indexes and types of the keyspace."""
        return await schema_read.read_schema(self.session, models, ctx)

    @hookimpl
    async def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """One step; returns when all nodes know it and what it builds is built."""
        return await schema_apply.apply(self.session, step, ctx)

    @hookimpl
    async def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """Tables and views as models."""
        return await discover.discover(self.session, request, ctx)

    @hookimpl
    async def native(
        self, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
    ) -> NativeResult:
        """CQL; rows are dictionaries."""
        return await native.native(self.session, statement, params, opts, ctx)


def _asked(model: ModelSpec) -> str:
    """The consistency of the call, else of the model."""
    block = current_options()
    asked: str | None = block.consistency if block is not None else None
    return asked or model.options.get("consistency") or "default"
