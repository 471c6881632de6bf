"""Answers to HTTP requests that a proxy gives itself: 429 with Retry-After, 503."""

from __future__ import annotations

import dataclasses
import http
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

_REQUEST_LINE = re.compile(rb"[A-Z]+ (\S+) HTTP/1\.[01]\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_END = b"\r\n\r\n"
_LAST_CHUNK = b"0" + _END
_PIECE = 65_536


@dataclasses.dataclass
class _Expected:
    left: int
    path: bytes
    response: bytes


class Answers:
    """The answers that are still to be given, in the order they were asked for."""

    def __init__(self) -> None:
        self.given = 0
        self._expected: list[_Expected] = []

    def expect(
        self, status: int, times: int, path: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Answer the next `times` requests whose path contains `path`."""
        fields = {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        head = "\r\n".join(lines).encode("latin-1")
        self._expected.append(_Expected(times, path.encode(), head + _END + body))

    def clear(self) -> None:
        """Forget what was not given yet."""
        self._expected.clear()

    async def take(
        self, chunk: bytes, source: asyncio.StreamReader, client: asyncio.StreamWriter
    ) -> bool:
        """Answer the request that begins with this piece, if it is one to be answered here.

        A client sends no request before it has the last answer, so a request begins a piece.
        """
        line = _REQUEST_LINE.match(chunk)
        if line is None:
            return False
        expected = next((each for each in self._expected if each.path in line[1]), None)
        if expected is None:
            return False
        expected.left -= 1
        if not expected.left:
            self._expected.remove(expected)
        await _swallow(chunk, source)
        self.given += 1
        client.write(expected.response)
        await client.drain()
        return True


async def _swallow(chunk: bytes, source: asyncio.StreamReader) -> None:
    """Read the rest of the request."""
    if _END not in chunk:
        chunk += await source.readuntil(_END)
    head, _, body = chunk.partition(_END)
    if length := _LENGTH.search(head):
        await source.readexactly(max(0, int(length[1]) - len(body)))
    elif _CHUNKED.search(head):
        while not body.endswith(_LAST_CHUNK):
            piece = await source.read(_PIECE)
            if not piece:
                return
            body = body[-len(_LAST_CHUNK) :] + piece
