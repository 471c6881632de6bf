"""What operations need of a data source; the data source is above them and fits this shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.connector.capabilities import Capabilities
    from juggler.connector.plan import Plan
    from juggler.connector.port import Port
    from juggler.query.spec import QuerySpec
    from juggler.query.tokens import TokenCodec
    from juggler.spec import ModelSpec, StoreSchema


class Policy(Protocol):
    """The cost policy and defaults of a data source, out of its settings."""

    scan: str
    allow_scan: bool
    max_scanned: int | None
    max_sort: int | None
    max_partitions: int | None
    page_size: int | None
    consistency: str
    writes: str | None
    naive_utc: bool


class Source(Protocol):
    """A data source as operations see it."""

    name: str
    policy: Policy
    tokens: TokenCodec
    clock: Callable[[], float]
    #: The host's bound pure hooks.
    plan_query: Callable[[QuerySpec, StoreSchema], Plan]

    def capabilities_of(self, spec: ModelSpec | None) -> Capabilities:
        """The connector's claims for a model."""
        ...

    def schema_of(self, spec: ModelSpec) -> StoreSchema:
        """What is known to exist for a model, as read, else as declared."""
        ...

    async def refresh_schema(self, port: Port, spec: ModelSpec) -> StoreSchema:
        """Read the schema of a model anew."""
        ...
