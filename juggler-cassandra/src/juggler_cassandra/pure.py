"""The pure hooks: capabilities, bind, plan, plan_schema; they need neither server nor driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import hookimpl
from juggler_cassandra.bind import check_model, check_place
from juggler_cassandra.capabilities import capabilities
from juggler_cassandra.planning import Planner
from juggler_cassandra.schema_plan import plan as schema_steps
from juggler_cassandra.settings import CassandraSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Capabilities, Plan, SchemaSteps
    from juggler.connector.schema import Mode
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema


class CassandraPlanning:
    """What Cassandra would do, without Cassandra; the connector itself builds on it.

    Args:
        settings: of the data source; the defaults when None.
    """

    name = "cassandra"

    def __init__(self, settings: Any = None) -> None:
        self.settings: CassandraSettings = settings or CassandraSettings()
        self._planner = Planner(self.settings)

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The claims for a model, or in general."""
        return capabilities(model, self.settings)

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        """Refuse what a table, index or view of Cassandra cannot be."""
        check_model(model, capabilities(model, self.settings))
        check_place(model, self.settings.database)

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """The cheapest way to the rows of a query."""
        return self._planner.plan(query, schema)

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        """The steps from what is there to what is declared."""
        return schema_steps(desired, actual, mode, self.settings)
