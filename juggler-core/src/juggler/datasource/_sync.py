"""The blocking methods of a data source; each drives the function that its twin awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from juggler.connector.port import drive
from juggler.datasource import _io, copying, discovery, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, MutableMapping

    from juggler.connector.port import Port
    from juggler.connector.results import NativeResult, ServerInfo
    from juggler.connector.schema import Mode, StepResult
    from juggler.datasource._connection import Connection
    from juggler.datasource._discovered import Discovered
    from juggler.datasource.copying import CopyProgress
    from juggler.datasource.schema import SchemaPlan
    from juggler.datasource.source import DataSource
    from juggler.operations.copying import CopyResult


class SyncIO:
    """What blocks."""

    connection: Connection
    port: Port

    # ------------------------------------------------------------ life

    def ready(self, timeout: float | None = None) -> None:
        """Connect now, or wait for whoever is connecting.

        Args:
            timeout: seconds, the setting ``connect_timeout`` by default.

        Raises:
            UnavailableError: it could not be reached in time.
            AuthenticationError: it did not let us in.
        """
        drive(self.connection.ensure(self.port, timeout))

    def close(self) -> None:
        """Close the connection; the next operation would open it again.  Twice is no error."""
        drive(self.connection.close(self.port))

    disconnect = close

    def ping(self) -> ServerInfo:
        """Product and version of the server."""
        return drive(_io.ping(self._me, self.port))

    def execute(self, statement: Any, params: Any = None, **options: Any) -> NativeResult:
        """Run a statement of the store's own language.

        Args:
            statement: CQL, a Mango body, SQL, … as the connector says.
            params: its values; they are bound, never pasted in.
            options: ``timeout`` in seconds, ``consistency``, and the connector's own.

        Raises:
            CapabilityError: the connector has no language of its own.
        """
        return drive(_io.execute(self._me, self.port, statement, params, options))

    # ------------------------------------------------------------ schema

    def plan(self, models: Any = None, mode: Mode = "update") -> SchemaPlan:
        """What would have to be done in the store for the models; nothing is changed.

        Args:
            models: a name or class, several, or None for all.
            mode: ``update`` (bring up to date), ``create``, ``recreate`` or ``check``.
        """
        return drive(schema.plan(self._me, self.port, models, mode))

    def check(self, models: Any = None) -> SchemaPlan:
        """The plan in mode ``check``; its ``is_actual`` says whether the store is as declared."""
        return drive(schema.plan(self._me, self.port, models, "check"))

    def apply(
        self,
        models: Any = None,
        allow: Collection[str] = (),
        *,
        wait: bool = True,
        timeout: float = 300.0,
        progress: Callable[..., object] | None = None,
    ) -> list[StepResult]:
        """Plan and apply in one call; see :meth:`SchemaPlan.apply`."""
        return self.plan(models).apply(allow, wait=wait, timeout=timeout, progress=progress)

    def automigrate(self, models: Any = None, *, allow_data_loss: bool = False) -> list[StepResult]:
        """Create what the models need, anew where it exists.

        Raises:
            UnsafeMigrationError: rows would be lost and ``allow_data_loss`` is not given; nothing
                was applied.
        """
        return drive(
            schema.automigrate(self._me, self.port, models, allow_data_loss=allow_data_loss)
        )

    def autoupdate(self, models: Any = None) -> list[StepResult]:
        """Bring the store up to the models where no row can be lost.

        Raises:
            UnsafeMigrationError: a needed step is not safe; nothing was applied.
        """
        return drive(schema.autoupdate(self._me, self.port, models))

    def is_actual(self, models: Any = None) -> bool:
        """Whether the store is as the models declare."""
        return drive(schema.is_actual(self._me, self.port, models))

    # ------------------------------------------------------------ copying

    def copy_to(
        self,
        target: DataSource,
        *models: Any,
        where: Any = None,
        replace: bool = False,
        create: bool = False,
        batch: int = 500,
        progress: CopyProgress | None = None,
    ) -> list[CopyResult]:
        """Copy the rows of models to another data source: ``db.copy_to(other, "User", "Post")``.

        A row that the target has already is left alone, so that a copy that broke off is finished
        by doing it again; nothing is ever deleted.  Rows go as they are stored, with hidden and
        undeclared properties; no hook runs, and no default scope holds, on either side.

        Args:
            target: the other data source; it needs no models of its own.  A model of the same name
                that it has says how the rows are stored there.
            models: names or classes, none for all models of this data source.
            where: only the rows that fulfil this condition; it goes with one model.
            replace: replace rows of the target that differ, instead of reporting them.
            create: first take the safe steps of the target's schema.
            batch: rows per request.
            progress: called after each batch with the model's name, the rows read so far, and
                how many there are (None where the store would have to read them to know).

        Returns:
            One result per model: rows read, written, there already, different and failed.

        Raises:
            ConfigurationError: ``unknown-model``; ``copy-target`` for the same place;
                ``copy-models`` for a view, counters, and a model without a key.
            UnsupportedModelError: the target cannot hold a model.
            CapabilityError: the target cannot leave rows alone (writes blindly): ``replace=True``.
            SchemaMissingError: the target's tables are not there.
        """
        return drive(
            copying.copy(
                self._me.operations_table,
                copying.target_of(self._me, target).operations_table,
                models,
                where=where,
                replace=replace,
                create=create,
                batch=batch,
                progress=progress,
            )
        )

    # ------------------------------------------------------------ discovery

    def discover_model_definitions(
        self,
        *,
        views: bool = False,
        owner: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        all_owners: bool = False,
    ) -> list[dict[str, Any]]:
        """``{"type", "name", "owner"}`` of each table, and of each view with ``views=True``."""
        return drive(
            discovery.model_definitions(
                self._me,
                self.port,
                views=views,
                owner=owner,
                limit=limit,
                offset=offset,
                all_owners=all_owners,
            )
        )

    def discover_model_properties(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The columns of a table or view: ``owner tableName columnName dataType dataLength
        dataPrecision dataScale nullable``."""  # noqa: D205, D209 - one list
        return drive(discovery.model_properties(self._me, self.port, name, owner=owner))

    def discover_primary_keys(self, name: str, *, owner: str | None = None) -> list[dict[str, Any]]:
        """The key's columns: ``owner tableName columnName keySeq pkName``."""
        return drive(discovery.primary_keys(self._me, self.port, name, owner=owner))

    def discover_foreign_keys(self, name: str, *, owner: str | None = None) -> list[dict[str, Any]]:
        """The foreign keys of a table: ``fkTableName fkColumnName pkTableName pkColumnName …``."""
        return drive(discovery.foreign_keys(self._me, self.port, name, owner=owner))

    def discover_exported_foreign_keys(
        self, name: str, *, owner: str | None = None
    ) -> list[dict[str, Any]]:
        """The foreign keys of other tables that refer to this one."""
        return drive(discovery.exported_foreign_keys(self._me, self.port, name, owner=owner))

    def discover_schema(self, name: str, *, owner: str | None = None) -> dict[str, Any]:
        """The LDL document of a table or view."""
        return drive(discovery.schema(self._me, self.port, name, owner=owner))

    def discover_schemas(
        self,
        name: str,
        *,
        owner: str | None = None,
        associations: bool = False,
        views: bool = True,
        all_owners: bool = False,
        visited: MutableMapping[str, Any] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """LDL documents by table; with ``associations`` those it refers to, too.

        Args:
            name: the table or view, as the store calls it.
            owner: its owner, the data source's own by default.
            associations: follow foreign keys.
            views: look among views, too.
            all_owners: look among the tables of all owners.
            visited: what is known already, by table: it is not read again, and what is read is
                added to it.
        """
        return drive(
            discovery.schemas(
                self._me,
                self.port,
                name,
                owner=owner,
                associations=associations,
                views=views,
                all_owners=all_owners,
                visited=visited,
            )
        )

    def discover_and_build_models(
        self,
        name: str,
        *,
        owner: str | None = None,
        associations: bool = True,
        views: bool = True,
        all_owners: bool = False,
        visited: MutableMapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Model classes by name, out of a table and those it refers to.

        Args:
            name: the table or view, as the store calls it.
            owner: its owner, the data source's own by default.
            associations: follow foreign keys.
            views: look among views, too.
            all_owners: look among the tables of all owners.
            visited: models that are built already, by table: they are not built again, and those
                that are built are added to it.
        """
        return drive(
            discovery.build(
                self._me,
                self.port,
                name,
                owner=owner,
                associations=associations,
                views=views,
                all_owners=all_owners,
                visited=visited,
            )
        )

    def discover(
        self, owner: str | None = None, *, views: bool = True, relations: bool = True
    ) -> Discovered:
        """All tables of an owner; ``.write("models.py")`` gives typed classes, ``.ldl()`` LDL."""
        return drive(
            discovery.everything(self._me, self.port, owner, views=views, relations=relations)
        )

    # ------------------------------------------------------------ driving

    @property
    def _me(self) -> DataSource:
        return cast("DataSource", self)
