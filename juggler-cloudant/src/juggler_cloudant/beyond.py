"""What a document has beyond its row: its history of changes, attachments, conflicts.

Each is written once, over the port, and comes in both colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import frozen

from juggler.connector.port import drive
from juggler.errors import ConfigurationError, ConflictError
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from juggler.connector import ChangeEvent
    from juggler.connector.port import Port

PAGE = 500


class Changes:
    """The changes of a model's documents, oldest first; iterate it, or ``async for``.

    A document is named once, with its last change.  Of deletions those are told that Juggler made:
    the server forgets of which model a document was that somebody else deletes.

    Args:
        model: the model's class, attached to a Cloudant data source.
        since: the ``token`` of the last change that was seen; None begins at the beginning.
        page: changes of one request.
    """

    def __init__(self, model: Any, since: str | None = None, page: int = PAGE) -> None:
        self.link = _link(model)
        self.since = since
        self.page = page

    def __iter__(self) -> Iterator[ChangeEvent]:
        while changes := drive(self._next(self.link.sync.port)):
            yield from changes

    async def __aiter__(self) -> AsyncIterator[ChangeEvent]:
        while changes := await self._next(self.link.aio.port):
            for change in changes:
                yield change

    async def _next(self, port: Port) -> Sequence[ChangeEvent]:
        found = await port.call("changes", self.link.spec, self.since, self.page)
        self.since = found.cursor
        changes: Sequence[ChangeEvent] = found.changes
        return changes


@frozen
class Attachment:
    """An attachment without its content: name, media type, size in bytes."""

    name: str
    content_type: str
    length: int


@frozen
class Conflict:
    """A revision that lost against the current one: its version and its row as a mapping."""

    version: str
    values: dict[str, Any]


class _Beside:
    """Requests beside the row of an instance."""

    def __init__(self, instance: Any, port: Port | None = None) -> None:
        link = _link(type(instance))
        self.instance = instance
        self.link = link
        settings = link.source.connector.settings
        self.documents = Documents(link.spec, home_of(link.spec, settings))
        row = link.codec.encode(instance)
        doc_id = self.documents.ids.make(link.codec.key_of(row))
        self.database = f"/{quote(self.documents.home.database, safe='')}"
        self.path = f"{self.database}/{quote(doc_id, safe='')}"
        self.port = port or link.sync.port

    async def _ask(self, statement: str, params: Any = None, **options: Any) -> Any:
        await self.link.source.connection.ensure(self.port)
        self.link.source.connector.require_documents()
        found = await self.port.call("native", statement, params, options)
        return found.rows[0]

    async def _revision(self) -> str:
        return str((await self._ask(f"GET {self.path}"))["_rev"])

    def _wrote(self, revision: str) -> None:
        self.instance._version = revision  # noqa: SLF001 - the row is the same, its version is new


class AsyncAttachments(_Beside):
    """The attachments of an instance's document, awaited."""

    async def list(self) -> list[Attachment]:
        """All of them, by name, without their contents."""
        stubs = (await self._ask(f"GET {self.path}")).get("_attachments") or {}
        return [
            Attachment(name, one["content_type"], one["length"])
            for name, one in sorted(stubs.items())
        ]

    async def get(self, name: str) -> bytes:
        """The content of one.

        Raises:
            BackendError: ``not-found``: there is none of that name.
        """
        content: bytes = await self._ask(f"GET {self._of(name)}", raw=True)
        return content

    async def put(
        self, name: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> str:
        """Write one, under the instance's version, which becomes the new one.

        Raises:
            ConflictError: the document changed since it was read.
        """
        version = self.instance._version or await self._revision()  # noqa: SLF001 - as above
        answer = await self._ask(
            f"PUT {self._of(name)}?rev={version}",
            content,
            headers={"Content-Type": content_type, "Content-Encoding": "identity"},
        )
        self._wrote(answer["rev"])
        return str(answer["rev"])

    async def delete(self, name: str) -> str:
        """Delete one, under the instance's version.

        Raises:
            ConflictError: the document changed since it was read.
        """
        version = self.instance._version or await self._revision()  # noqa: SLF001 - as above
        answer = await self._ask(f"DELETE {self._of(name)}?rev={version}")
        self._wrote(answer["rev"])
        return str(answer["rev"])

    def _of(self, name: str) -> str:
        if not name or name.startswith("_") or name in {".", ".."}:
            raise ConfigurationError(
                f"an attachment cannot be named {name!r}", code="invalid-setting"
            )
        return f"{self.path}/{quote(name, safe='')}"


class Attachments:
    """The attachments of an instance's document; ``.aio`` has the same, awaited.

    Args:
        instance: a row of an attached model that is stored.
    """

    def __init__(self, instance: Any) -> None:
        self._own = AsyncAttachments(instance)
        self.aio = AsyncAttachments(instance, self._own.link.aio.port)

    def list(self) -> list[Attachment]:
        """All of them, by name, without their contents."""
        return drive(self._own.list())

    def get(self, name: str) -> bytes:
        """The content of one.

        Raises:
            BackendError: ``not-found``: there is none of that name.
        """
        return drive(self._own.get(name))

    def put(self, name: str, content: bytes, content_type: str = "application/octet-stream") -> str:
        """Write one, under the instance's version, which becomes the new one.

        Raises:
            ConflictError: the document changed since it was read.
        """
        return drive(self._own.put(name, content, content_type))

    def delete(self, name: str) -> str:
        """Delete one, under the instance's version.

        Raises:
            ConflictError: the document changed since it was read.
        """
        return drive(self._own.delete(name))


class AsyncConflicts(_Beside):
    """The revisions of an instance's document that replication left beside the current one."""

    async def list(self) -> list[Conflict]:
        """All of them; none where the document has no conflict."""
        return [Conflict(str(doc["_rev"]), self._values(doc)) for doc in (await self._docs())[1]]

    async def resolve(self, keep: str | None = None) -> None:
        """End the conflict.

        Args:
            keep: version whose row is to stay; None keeps the current one.

        Raises:
            ConflictError: the document changed meanwhile, or has no such version; nothing is lost.
        """
        current, losers = await self._docs()
        docs = [{"_id": d["_id"], "_rev": d["_rev"], "_deleted": True} for d in losers]
        if keep is not None and keep != current["_rev"]:
            chosen = next((doc for doc in losers if doc["_rev"] == keep), None)
            if chosen is None:
                raise ConflictError(
                    f"there is no revision {keep!r} in conflict", connector="cloudant"
                )
            docs.insert(0, {**chosen, "_rev": current["_rev"]})
        if not docs:
            return
        # The winner first: when it moved, the others stay.
        for doc in docs:
            (answer,) = await self._ask_all([doc])
            if answer.get("error"):
                raise ConflictError(
                    f"the document changed meanwhile: {answer.get('reason')}",
                    hint="list the conflicts again",
                    connector="cloudant",
                )
            if not doc.get("_deleted"):
                self._wrote(answer["rev"])

    async def _ask_all(self, docs: Sequence[Any]) -> Sequence[Any]:
        found = await self.port.call(
            "native", f"POST {self.database}/_bulk_docs", {"docs": docs}, {}
        )
        rows: Sequence[Any] = found.rows
        return rows

    async def _docs(self) -> tuple[Any, Sequence[Any]]:
        current = await self._ask(f"GET {self.path}?conflicts=true")
        losers = [
            await self._ask(f"GET {self.path}?rev={revision}&attachments=true")
            for revision in current.get("_conflicts") or ()
        ]
        return current, losers

    def _values(self, doc: Any) -> dict[str, Any]:
        return dict(zip(self.documents.model.names, self.documents.row(doc), strict=True))


class Conflicts:
    """The revisions in conflict with an instance's document; ``.aio`` has the same, awaited.

    Args:
        instance: a row of an attached model that is stored.
    """

    def __init__(self, instance: Any) -> None:
        self._own = AsyncConflicts(instance)
        self.aio = AsyncConflicts(instance, self._own.link.aio.port)

    def list(self) -> list[Conflict]:
        """All of them; none where the document has no conflict."""
        return drive(self._own.list())

    def resolve(self, keep: str | None = None) -> None:
        """End the conflict.

        Args:
            keep: version whose row is to stay; None keeps the current one.

        Raises:
            ConflictError: the document changed meanwhile, or has no such version; nothing is lost.
        """
        drive(self._own.resolve(keep))


def _link(model: Any) -> Any:
    link = model.__link__
    source = getattr(link, "source", None)
    if source is None or getattr(source.connector, "name", "") != "cloudant":
        raise ConfigurationError(
            f"{model.__name__} is not attached to a Cloudant or CouchDB data source",
            code="not-attached",
            hint=f"connect('cloudant://…').attach({model.__name__})",
        )
    return link
