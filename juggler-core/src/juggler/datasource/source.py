"""The data source: a connector with settings, and the models that are attached to it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from juggler.connector import registry
from juggler.connector.host import Host
from juggler.connector.port import RetryPolicy, Shared, SyncPort, drive
from juggler.connector.port import options as call_options
from juggler.datasource import _io
from juggler.datasource._connection import Connection
from juggler.datasource._events import Events
from juggler.datasource._facade import ConnectorFacade
from juggler.datasource._models import Attached
from juggler.datasource._remote import OperationRegistry
from juggler.datasource._resolve import resolve
from juggler.datasource._schemas import Schemas
from juggler.datasource._sync import SyncIO
from juggler.datasource._transactions import Transaction, handle_of
from juggler.errors import CapabilityError
from juggler.operations import Operations
from juggler.query.tokens import TokenCodec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from juggler.connector.capabilities import Capabilities
    from juggler.connector.plan import Plan
    from juggler.connector.port import AsyncPort, CallOptions, Layer, Port
    from juggler.connector.settings import Settings
    from juggler.datasource._events import Event
    from juggler.datasource.aio import AioDataSource
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema


#: Levels of a connector that names none: what it does is its own.
_ALWAYS = frozenset({"default", "eventual"})


class DataSource(SyncIO, Attached, OperationRegistry):
    """Models of one store.

    Args:
        target: the connector: a name (``"cassandra"``), a URL (``"cassandra://h/shop"``), a
            settings file (``"juggler.toml#shop"``), a settings mapping with ``connector`` or
            ``url``, a module, a class, an instance, or a function of the settings.
        settings: settings of the connector, in snake_case or camelCase; they win over a URL's.
        clock: gives the seconds since the epoch, for times to live and tokens.

    Nothing is sent before the first operation, unless ``lazy_connect=False``.

    Raises:
        ConfigurationError: for everything that is wrong with it, with what to type.
    """

    def __init__(
        self, target: Any, settings: Any = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        resolved = resolve(target, settings)
        OperationRegistry.__init__(self)
        Attached.__init__(self)
        self.label = resolved.label
        self.policy: Settings = resolved.settings
        self.clock = clock
        self.host = Host(resolved.info, resolved.connector, registry.plugins())
        self.default_id_type = self.host.info.default_id_type
        self.tokens = TokenCodec(self.policy.signing_secrets)
        self.events = Events(self.host.name)
        self.shared = self._ports(clock)
        self.shared.transaction = partial(handle_of, self)
        self.shared.check_level = self.check_level
        self.port = SyncPort(self.shared)
        self.schemas = Schemas(self._specs)
        self.connection = Connection(
            self.host, self.shared, self.events, self.policy.connect_timeout, self._on_open
        )
        self.operations_table = Operations(self, self.port)
        self.plan_query: Callable[[QuerySpec, StoreSchema], Plan] = self.host.plan
        self._claims: dict[int, tuple[ModelSpec | None, Capabilities]] = {}
        #: Consistency levels that a claim was found to have.
        self._levelled: tuple[Any, frozenset[str]] = (None, frozenset())
        if self.policy.debug:
            self._trace()
        if not self.policy.lazy_connect:
            drive(self.connection.ensure(self.port))

    # ------------------------------------------------------------ what it is

    @property
    def name(self) -> str:
        """The connector's name."""
        return self.host.name

    @property
    def connector_name(self) -> str:
        """The connector's name."""
        return self.host.name

    @cached_property
    def connector(self) -> Any:
        """The connector, with ``execute`` and ``data_source``."""
        return ConnectorFacade(self)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All settings by name; secrets are ``***``."""
        return MappingProxyType(self.policy.masked())

    @property
    def connected(self) -> bool:
        """Whether the connector is open."""
        return self.connection.connected

    @property
    def types(self) -> tuple[str, ...]:
        """The connector's tags, such as ``("db", "nosql")``."""
        return self.host.info.types

    def get_types(self) -> list[str]:
        """The connector's tags in a list."""
        return list(self.types)

    def support_types(self, types: str | Iterable[str]) -> bool:
        """Whether the connector has all of these tags."""
        wanted = {types} if isinstance(types, str) else set(types)
        return wanted <= set(self.types)

    def is_relational(self) -> bool:
        """Whether the store has tables with fixed columns and foreign keys."""
        return self.host.info.relational or bool(self.capabilities_of(None).relational)

    # ------------------------------------------------------------ life and options

    def on(self, event: Event, listener: Callable[..., object]) -> Callable[[], None]:
        """Call ``listener`` at an event.

        Args:
            event: ``connected``, ``disconnected``, or ``error`` (of connecting).
            listener: a function without arguments; for ``error`` it gets the error.

        Returns:
            A function that takes the listener off again.

        Raises:
            ConfigurationError: ``unknown-event``.
        """
        return self.events.on(event, listener)

    def options(self, **changes: Any) -> AbstractContextManager[CallOptions]:
        """Options of the calls in a block: ``with db.options(timeout=2, consistency="strong"):``.

        Blocks nest; threads and tasks have their own.  The options are ``timeout consistency ttl
        timestamp allow_scan max_scanned max_sort page_size``.

        Raises:
            ConfigurationError: ``unknown-option``.
        """
        return call_options(**changes)

    def transaction(self) -> Transaction:
        """A block of operations that take effect together: ``with db.transaction():``.

        It commits at the end of the block and rolls back when an error leaves it; ``async with``
        does the same.  Operations in it, those of hooks and nested calls too, join it.

        Raises:
            CapabilityError: when the block begins, where the connector has no transactions.
        """
        return Transaction(self)

    def around(self, layer: Layer) -> Callable[[], None]:
        """Put a layer around every request: ``async def layer(call, proceed)``.

        Returns:
            A function that takes it off again.
        """
        with self._lock:
            self.shared.layers = (layer, *self.shared.layers)

        def off() -> None:
            with self._lock:
                kept = list(self.shared.layers)
                if layer in kept:
                    kept.remove(layer)
                self.shared.layers = tuple(kept)

        return off

    def use(self, plugin: Any, name: str = "") -> None:
        """Let a plugin wrap pure hooks (``capabilities bind plan plan_schema``) from now on.

        Raises:
            ConfigurationError: ``plugin-wrapper`` when it does anything else.
        """
        self.host.add(name or type(plugin).__name__, plugin)
        self.plan_query = self.host.plan
        self._changed()

    @contextmanager
    def isolated(self, target: Any = None, settings: Any = None) -> Iterator[DataSource]:
        """A fresh data source for the models of this one, within the block: for tests.

        Args:
            target: what to use, by default a memory store that plans and refuses as this connector.
            settings: its settings.

        The models are attached to it in the block and come back at its end; this holds for the
        whole process, not for a thread or a task alone.
        """
        if target is None:
            target = "memory:" if self.name == "memory" else f"memory:?emulate={self.name}"
        other = DataSource(target, settings, clock=self.clock)
        mine = [link.model for link in self.links()]
        try:
            other.attach(*mine)
            yield other
        finally:
            self.attach(*mine)
            other.close()

    @cached_property
    def aio(self) -> AioDataSource:
        """The asynchronous twins: ``await db.aio.ready()``, ``execute``, ``plan`` and so on."""
        from juggler.datasource.aio import AioDataSource  # noqa: PLC0415 - loads on first use

        return AioDataSource(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aio.close()

    def __repr__(self) -> str:
        where = ",".join(host for host, _ in self.policy.endpoints)
        place = "/".join(part for part in (where, self.policy.database) if part)
        state = "connected" if self.connected else "not connected"
        named = " ".join(part for part in (self.name, self.label, place) if part)
        return f"<DataSource {named}: {len(self.models)} models, {state}>"

    # ------------------------------------------------------------ for the layers below

    def capabilities_of(self, spec: ModelSpec | None) -> Capabilities:
        """The connector's claims for a model, or in general."""
        found = self._claims.get(id(spec))
        if found is None:
            found = self._claims[id(spec)] = (spec, self.host.capabilities(spec))
        return found[1]

    def check_level(self, level: str) -> None:
        """Refuse a consistency level that the connector does not have.

        Raises:
            CapabilityError: with the levels that there are.
        """
        claim = self.capabilities_of(None).consistency
        if claim is self._levelled[0] and level in self._levelled[1]:
            return
        levels = claim.get("levels") or _ALWAYS
        levels = levels | claim.get("reads", frozenset()) | claim.get("writes", frozenset())
        if level not in levels and level.upper() not in levels:
            raise CapabilityError(
                f"connector {self.name!r} has no consistency level {level!r}",
                feature="consistency",
                alternatives=(f"one of {', '.join(sorted(levels))}",),
                connector=self.name,
            )
        known = self._levelled[1] if claim is self._levelled[0] else frozenset()
        self._levelled = (claim, known | {level})

    def schema_of(self, spec: ModelSpec) -> StoreSchema:
        """What is known to exist for a model, as read, else as declared."""
        return self.schemas.of(spec)

    async def refresh_schema(self, port: Port, spec: ModelSpec) -> StoreSchema:
        """Read the schema of a model anew."""
        await self.schemas.refresh(port, (spec,))
        return self.schemas.of(spec)

    @cached_property
    def async_port(self) -> AsyncPort:
        """The port for asyncio."""
        from juggler.connector.port import AsyncPort  # noqa: PLC0415 - asyncio loads on first use

        return AsyncPort(self.shared)

    @cached_property
    def async_operations(self) -> Operations:
        """The operations in the asynchronous colour."""
        return Operations(self, self.async_port)

    def _ports(self, clock: Callable[[], float]) -> Shared:
        return Shared(
            self.host.name,
            self.host.io_hooks(),
            io=self.host.info.io,
            timeout=self.policy.timeout,
            retry=RetryPolicy(tries=self.policy.retries + 1),
            clock=clock,
        )

    async def _on_open(self, port: Port) -> None:
        """The server may have refined what can be done."""
        self._claims = {}
        if self.policy.check_on_open:
            await _io.check_schema(self, port)

    def _trace(self) -> None:
        from juggler.datasource._debug import DebugLayer  # noqa: PLC0415 - only with debug=True

        layer = DebugLayer(self.name)
        layer.follow(self.events)
        self.around(layer)


def connect(
    target: Any, settings: Any = None, *, clock: Callable[[], float] = time.time
) -> DataSource:
    """A data source; see :class:`DataSource`.

    ``connect("memory:")``, ``connect("cassandra://h1,h2:9042/shop")``,
    ``connect("juggler.toml#shop")``, ``connect({"connector": "cloudant", "url": "https://…"})``.
    """
    return DataSource(target, settings, clock=clock)
