"""The attachments of a document."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import frozen

from juggler.errors import ConfigurationError
from juggler_cloudant.beyond.beside import Beside
from juggler_cloudant.beyond.colours import Awaited, Blocking, twin, twin_pieces
from juggler_cloudant.io.streams import Upload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator
    from typing import BinaryIO


@frozen
class Attachment:
    """An attachment without its content: name, media type, size in bytes."""

    name: str
    content_type: str
    length: int


class _Attachments(Beside):
    @twin
    async def list(self) -> list[Attachment]:
        """All of them, by name, without their contents."""
        stubs = (await self._ask(f"GET {self.path}")).get("_attachments") or {}
        return [
            Attachment(name, one["content_type"], one["length"])
            for name, one in sorted(stubs.items())
        ]

    @twin
    async def get(self, name: str) -> bytes:
        """The content of one.

        Raises:
            BackendError: ``not-found``: there is none of that name.
        """
        content: bytes = await self._ask(f"GET {self._of(name)}", raw=True)
        return content

    @twin_pieces
    async def stream(self, name: str) -> AsyncGenerator[bytes, None]:
        """The content of one, piece by piece as it comes: ``async for piece in …``.

        The operation's timeout bounds the beginning, ``read_timeout`` each piece.

        Raises:
            BackendError: ``not-found``: there is none of that name.
            UnavailableError: the connection broke off.
        """
        pieces: Any = await self._ask(f"GET {self._of(name)}", stream=True)
        try:
            while piece := await self._next(pieces):
                yield piece
        finally:
            pieces.close()

    async def _next(self, pieces: Iterator[bytes]) -> bytes:
        if self.blocks:
            return next(pieces, b"")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.port.shared.pool, next, pieces, b"")

    @twin
    async def put(
        self,
        name: str,
        content: bytes | BinaryIO | Iterable[bytes],
        content_type: str = "application/octet-stream",
    ) -> str:
        """Write one, under the instance's version, which becomes the new one.

        Args:
            name: of the attachment.
            content: bytes; a file opened with ``"rb"`` or an iterable of bytes is sent as it is
                read, so that it need not fit into memory.
            content_type: media type.

        Raises:
            ConflictError: the document changed since it was read.
            InvalidValueError: the content is none of these.
        """
        place, body = self._of(name), content if isinstance(content, bytes) else Upload(content)
        answer = await self._ask(
            f"PUT {place}?rev={await self._revision()}",
            body,
            # The SDK would compress it, and the server keep it as it came.
            headers={"Content-Type": content_type, "Content-Encoding": "identity"},
        )
        self._wrote(answer["rev"])
        return str(answer["rev"])

    @twin
    async def delete(self, name: str) -> str:
        """Delete one, under the instance's version, which becomes the new one.

        Raises:
            ConflictError: the document changed since it was read.
            BackendError: ``not-found``: there is none of that name.
        """
        answer = await self._ask(f"DELETE {self._of(name)}?rev={await self._revision()}")
        self._wrote(answer["rev"])
        return str(answer["rev"])

    def _of(self, name: str) -> str:
        if not name or name.startswith("_") or name in {".", ".."}:
            raise ConfigurationError(
                f"an attachment cannot be named {name!r}",
                code="invalid-setting",
                hint="names are not empty, not '.' or '..', and do not begin with '_'",
            )
        return f"{self.path}/{quote(name, safe='')}"


class AsyncAttachments(_Attachments, Awaited):
    """The attachments of an instance's document, awaited."""


class Attachments(_Attachments, Blocking):
    """The attachments of an instance's document; ``.aio`` has the same, awaited.

    Args:
        instance: a row of an attached model that is stored.
    """

    def __init__(self, instance: Any) -> None:
        super().__init__(instance)
        self.aio = AsyncAttachments(instance)
