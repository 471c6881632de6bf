"""Requests beside the row of an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from juggler.errors import ConfigurationError
from juggler_cloudant.beyond.colours import Blocking
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of

if TYPE_CHECKING:
    from juggler.connector.port import Port


class Beside:
    """An instance's document.

    Args:
        instance: a row of an attached model that is stored.
    """

    def __init__(self, instance: Any) -> None:
        link = link_of(type(instance))
        self.instance = instance
        self.link = link
        settings = link.source.connector.settings
        self.documents = Documents(link.spec, home_of(link.spec, settings))
        row = link.codec.encode(instance)
        doc_id = self.documents.ids.make(link.codec.key_of(row))
        self.database = f"/{quote(self.documents.home.database, safe='')}"
        self.path = f"{self.database}/{quote(doc_id, safe='')}"
        self.blocks = isinstance(self, Blocking)
        self.port: Port = (link.sync if self.blocks else link.aio).port

    async def _ask(self, statement: str, params: Any = None, **options: Any) -> Any:
        await self.link.source.connection.ensure(self.port)
        self.link.source.connector.require_documents()
        found = await self.port.call("native", statement, params, options)
        return found.rows[0]

    async def _revision(self) -> str:
        """The version to write under: the instance's, else the document's own."""
        version = self.instance._version  # noqa: SLF001 - of the instance that this stands beside
        return str(version or (await self._ask(f"GET {self.path}"))["_rev"])

    def _wrote(self, revision: str) -> None:
        self.instance._version = revision  # noqa: SLF001 - the row is the same, its version is new


def link_of(model: Any) -> Any:
    """What attaches a model to its data source.

    Raises:
        ConfigurationError: that is none of this connector's.
    """
    link = getattr(model, "__link__", None)
    source = getattr(link, "source", None)
    if source is None or getattr(source.connector, "name", "") != "cloudant":
        name = getattr(model, "__name__", str(model))
        raise ConfigurationError(
            f"{name} is not attached to a Cloudant or CouchDB data source",
            code="not-attached",
            hint=f"connect('cloudant://…').attach({name})",
        )
    return link
