"""``db.connector``: the connector as the data source's users see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from juggler.connector.capabilities import Capabilities
    from juggler.connector.info import ConnectorInfo
    from juggler.connector.results import NativeResult
    from juggler.datasource.source import DataSource


class ConnectorFacade:
    """The connector object, with ``execute`` and ``data_source`` (LoopBack's ``connector``).

    Everything else is the connector's own: ``db.connector.whatever``.
    """

    def __init__(self, source: DataSource) -> None:
        self.data_source = source

    @property
    def name(self) -> str:
        """The connector's name."""
        return self.data_source.host.name

    @property
    def info(self) -> ConnectorInfo:
        """The connector's card."""
        return self.data_source.host.info

    @property
    def capabilities(self) -> Capabilities:
        """What it claims in general."""
        return self.data_source.capabilities_of(None)

    def execute(self, statement: Any, params: Any = None, **options: Any) -> NativeResult:
        """Run a statement of the store's own language; the same as ``db.execute``."""
        return self.data_source.execute(statement, params, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.data_source.host.connector, name)

    def __repr__(self) -> str:
        return f"<connector {self.name}>"
