"""The changes of a model's documents, as a stream that can be resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from attrs import frozen

from juggler.connector.port import drive_iter
from juggler_cloudant.beyond.beside import link_of
from juggler_cloudant.home import home_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence

    from juggler.connector import ChangeEvent
    from juggler.connector.port import Port

PAGE = 500
#: Seconds of one request that waits for a change, at most.
PATIENCE = 10.0
#: Seconds between two looks at a server that cannot wait for a change.
PAUSE = 0.5


@frozen
class Change:
    """One change.

    Attributes:
        kind: ``put`` or ``delete``.
        key: the row's key, a value, or a tuple where it has several parts.
        instance: the row as it is now; None for a delete, and for a document that cannot be read
            as a row (``find_by_id`` says why).
        version: of the document.
        token: where to go on after this change.
    """

    kind: Literal["put", "delete"]
    key: Any
    instance: Any
    version: str
    token: str


class Changes:
    """The changes of a model's documents, oldest first; iterate it, or ``async for``.

    Args:
        model: the model's class, attached to a Cloudant data source.
        since: the ``token`` of the last change that was seen, ``"now"`` for what comes from here
            on; None begins at the beginning.
        follow: whether to wait for more at the end, for ever.
        page: changes of one request.

    Attributes:
        since: where to go on after what was read.
    """

    def __init__(
        self, model: Any, since: str | None = None, *, follow: bool = False, page: int = PAGE
    ) -> None:
        self.link = link_of(model)
        self.since = since
        self.follow = follow
        self.page = page
        settings = self.link.source.connector.settings
        self._path = f"/{quote(home_of(self.link.spec, settings).database, safe='')}/_changes"
        bounds = (settings.read_timeout, settings.timeout or settings.read_timeout)
        self._patience = min(PATIENCE, *(seconds / 2 for seconds in bounds))

    def __iter__(self) -> Iterator[Change]:
        return drive_iter(self._all(self.link.sync.port))

    def __aiter__(self) -> AsyncIterator[Change]:
        return self._all(self.link.aio.port)

    async def _all(self, port: Port) -> AsyncGenerator[Change, None]:
        while True:
            changes = await self._next(port)
            for change in changes:
                yield change
            if changes:
                continue
            if not self.follow:
                return
            await self._wait(port)

    async def _next(self, port: Port) -> Sequence[Change]:
        found = await port.call("changes", self.link.spec, self.since, self.page)
        self.since = found.cursor
        return [self._change(event) for event in found.changes]

    async def _wait(self, port: Port) -> None:
        """Until any document of the database changes, or the patience is over."""
        claim = self.link.source.capabilities_of(None).changes_feed
        if claim.get("filter") == "client":  # which goes with servers that cannot wait
            await port.sleep(PAUSE)
            return
        params = {"feed": "longpoll", "since": self.since, "limit": 1,
                  "timeout": int(self._patience * 1000)}  # fmt: skip
        await port.call("native", f"GET {self._path}", params, {})

    def _change(self, event: ChangeEvent) -> Change:
        version = str(event.version)
        instance = None if event.row is None else self.link.codec.decode(event.row, version)
        key = event.key[0] if len(event.key) == 1 else event.key
        return Change(event.kind, key, instance, version, event.token)
