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

    @property
    def scan(self) -> str:
        """``refuse``, ``warn`` or ``allow``."""
        ...

    @property
    def allow_scan(self) -> bool:
        """Whether scans are allowed."""
        ...

    @property
    def max_scanned(self) -> int | None:
        """Rows that unindexed work may read."""
        ...

    @property
    def max_sort(self) -> int | None:
        """Rows that may be sorted in memory."""
        ...

    @property
    def max_partitions(self) -> int | None:
        """Partitions that one query may read."""
        ...

    @property
    def page_size(self) -> int | None:
        """Rows per request."""
        ...

    @property
    def consistency(self) -> str:
        """The level that ``default`` stands for."""
        ...

    @property
    def writes(self) -> str | None:
        """``safe`` or ``blind``."""
        ...

    @property
    def naive_utc(self) -> bool:
        """Whether datetimes without a zone are UTC."""
        ...


class Source(Protocol):
    """A data source as operations see it."""

    tokens: TokenCodec
    clock: Callable[[], float]
    #: The host's bound pure hooks.
    plan_query: Callable[[QuerySpec, StoreSchema], Plan]

    @property
    def name(self) -> str:
        """The connector's name."""
        ...

    @property
    def policy(self) -> Policy:
        """Its cost policy and defaults."""
        ...

    def capabilities_of(self, spec: ModelSpec | None) -> Capabilities:
        """The connector's claims for a model."""
        ...

    def check_level(self, level: str) -> None:
        """Refuse a consistency level that the connector does not have."""
        ...

    def schema_of(self, spec: ModelSpec) -> StoreSchema:
        """What is known to exist for a model, as read, else as declared."""
        ...

    async def refresh_schema(self, port: Port, spec: ModelSpec) -> StoreSchema:
        """Read the schema of a model anew."""
        ...
