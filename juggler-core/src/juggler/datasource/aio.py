"""The asynchronous twins of a data source's blocking methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.datasource import _io, copying, discovery, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, MutableMapping

    from juggler.connector.port import Port
    from juggler.connector.results import NativeResult, ServerInfo
    from juggler.connector.schema import Mode, StepResult
    from juggler.datasource._discovered import Discovered
    from juggler.datasource.copying import CopyProgress
    from juggler.datasource.schema import SchemaPlan
    from juggler.datasource.source import DataSource
    from juggler.operations.copying import CopyResult


class AioDataSource:
    """``db.aio``: what blocks on the data source is awaited here; arguments are the same."""

    def __init__(self, source: DataSource) -> None:
        self._source = source

    @property
    def _port(self) -> Port:
        return self._source.async_port

    # ------------------------------------------------------------ life

    async def ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as its twin
        """Connect now, or wait for whoever is connecting."""
        await self._source.connection.ensure(self._port, timeout)

    async def close(self) -> None:
        """Close the connection; the next operation would open it again."""
        await self._source.connection.close(self._port)

    disconnect = close

    async def ping(self) -> ServerInfo:
        """Product and version of the server."""
        return await _io.ping(self._source, self._port)

    async def execute(self, statement: Any, params: Any = None, **options: Any) -> NativeResult:
        """Run a statement of the store's own language."""
        return await _io.execute(self._source, self._port, statement, params, options)

    # ------------------------------------------------------------ schema

    async def plan(self, models: Any = None, mode: Mode = "update") -> SchemaPlan:
        """What would have to be done in the store; apply it with ``await plan.aio.apply()``."""
        return await schema.plan(self._source, self._port, models, mode)

    async def check(self, models: Any = None) -> SchemaPlan:
        """The plan in mode ``check``."""
        return await schema.plan(self._source, self._port, models, "check")

    async def apply(
        self,
        models: Any = None,
        allow: Collection[str] = (),
        *,
        wait: bool = True,
        timeout: float = schema.PATIENCE,  # noqa: ASYNC109 - as its twin
        progress: Callable[..., object] | None = None,
    ) -> list[StepResult]:
        """Plan and apply in one call."""
        todo = await self.plan(models)
        return await todo.aio.apply(allow, wait=wait, timeout=timeout, progress=progress)

    async def automigrate(
        self, models: Any = None, *, allow_data_loss: bool = False
    ) -> list[StepResult]:
        """Create what the models need, anew where it exists."""
        return await schema.automigrate(
            self._source, self._port, models, allow_data_loss=allow_data_loss
        )

    async def autoupdate(self, models: Any = None) -> list[StepResult]:
        """Bring the store up to the models where no row can be lost."""
        return await schema.autoupdate(self._source, self._port, models)

    async def is_actual(self, models: Any = None) -> bool:
        """Whether the store is as the models declare."""
        return await schema.is_actual(self._source, self._port, models)

    # ------------------------------------------------------------ copying

    async def copy_to(
        self,
        target: DataSource,
        *models: Any,
        where: Any = None,
        replace: bool = False,
        create: bool = False,
        batch: int = 500,
        progress: CopyProgress | None = None,
    ) -> list[CopyResult]:
        """Copy the rows of models to another data source."""
        return await copying.copy(
            self._source.async_operations,
            copying.target_of(self._source, target).async_operations,
            models,
            where=where,
            replace=replace,
            create=create,
            batch=batch,
            progress=progress,
        )

    # ------------------------------------------------------------ discovery

    async def discover_model_definitions(
        self,
        *,
        views: bool = False,
        owner: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        all_owners: bool = False,
    ) -> list[dict[str, Any]]:
        """The tables, and with ``views`` the views."""
        return await discovery.model_definitions(
            self._source,
            self._port,
            views=views,
            owner=owner,
            limit=limit,
            offset=offset,
            all_owners=all_owners,
        )

    async def discover_model_properties(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The columns of a table or view."""
        return await discovery.model_properties(self._source, self._port, name, owner=owner)

    async def discover_primary_keys(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The key's columns."""
        return await discovery.primary_keys(self._source, self._port, name, owner=owner)

    async def discover_foreign_keys(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The foreign keys of a table."""
        return await discovery.foreign_keys(self._source, self._port, name, owner=owner)

    async def discover_exported_foreign_keys(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The foreign keys of other tables that refer to this one."""
        return await discovery.exported_foreign_keys(self._source, self._port, name, owner=owner)

    async def discover_schema(self, name: str, *, owner: str | None = None) -> dict[str, Any]:
        """The LDL document of a table or view."""
        return await discovery.schema(self._source, self._port, name, owner=owner)

    async def discover_schemas(
        self,
        name: str,
        *,
        owner: str | None = None,
        associations: bool = False,
        views: bool = True,
        all_owners: bool = False,
        visited: MutableMapping[str, Any] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """LDL documents by table."""
        return await discovery.schemas(
            self._source,
            self._port,
            name,
            owner=owner,
            associations=associations,
            views=views,
            all_owners=all_owners,
            visited=visited,
        )

    async def discover_and_build_models(
        self,
        name: str,
        *,
        owner: str | None = None,
        associations: bool = True,
        views: bool = True,
        all_owners: bool = False,
        visited: MutableMapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Model classes by name, out of a table and those it refers to."""
        return await discovery.build(
            self._source,
            self._port,
            name,
            owner=owner,
            associations=associations,
            views=views,
            all_owners=all_owners,
            visited=visited,
        )

    async def discover(
        self, owner: str | None = None, *, views: bool = True, relations: bool = True
    ) -> Discovered:
        """All tables of an owner."""
        return await discovery.everything(
            self._source, self._port, owner, views=views, relations=relations
        )
