"""The pure hooks, which need no server and no SDK: for emulation, and the base of the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import Capabilities, Plan, hookimpl
from juggler_cloudant.binding import check_model
from juggler_cloudant.capabilities import capabilities_of, keeps_of
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of
from juggler_cloudant.patching import prepared
from juggler_cloudant.planning import plan_query
from juggler_cloudant.schema import plan_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import SchemaSteps, WriteOp
    from juggler.connector.schema import Mode
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_cloudant.settings import CloudantSettings


class PureHooks:
    """Capabilities, binding and planning.

    Args:
        settings: of the data source.
    """

    name = "cloudant"

    def __init__(self, settings: CloudantSettings) -> None:
        self.settings = settings
        #: What the server is; ``couchdb`` until it said so.
        self.product: str = settings.product or "couchdb"

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """Those of the product."""
        del model
        return capabilities_of(self.product)

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        """Refuse what documents cannot hold."""
        check_model(model, self.settings, capabilities_of(self.product))

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """See ``planning``."""
        return plan_query(query, schema, self.settings, indexed=self._indexed)

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        """See ``schema``."""
        return plan_steps(desired, actual, mode, self.settings, indexed=self._indexed)

    def check_writes(self, model: ModelSpec, ops: Sequence[WriteOp]) -> None:
        """For emulation: refuse rows that no document can hold.

        Raises:
            InvalidValueError: of the first.
        """
        documents = Documents(model, home_of(model, self.settings), keeps_of(self.product))
        for op in ops:
            prepared(documents, op)

    @property
    def _indexed(self) -> bool:
        return bool(capabilities_of(self.product).push)
