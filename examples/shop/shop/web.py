"""A small HTTP/1.1 server on asyncio streams; what it serves is in `pages`."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from shop import pages

LONGEST: Final = 1 << 20
PATIENCE: Final = 10.0


class Unreadable(Exception):  # noqa: N818 - a status, not a failure
    """A request that is not answered by a page."""


async def serve(port: int, host: str = "127.0.0.1") -> None:
    """Serve until the task is cancelled."""
    server = await asyncio.start_server(talk, host, port, limit=LONGEST)
    for socket in server.sockets:
        print(f"http://{socket.getsockname()[0]}:{socket.getsockname()[1]}/products")
    async with server:
        await server.serve_forever()


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the one request of a connection."""
    try:
        status, data = await asyncio.wait_for(respond(reader), PATIENCE)
    except Unreadable as error:
        status, data = pages.BAD, {"error": str(error)}
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        status, data = pages.BAD, {"error": "no request that can be read"}
    body = json.dumps(data, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"Content-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode("ascii") + body)
    try:
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    except ConnectionError:
        return  # who asked has gone


async def respond(reader: asyncio.StreamReader) -> tuple[int, Any]:
    """Read a request and answer it."""
    line = (await reader.readuntil(b"\r\n")).decode("latin-1").split()
    if len(line) != 3:  # noqa: PLR2004 - method, target, version
        raise Unreadable("no request line")
    method, target, _ = line
    length = await content_length(reader)
    data = None
    if length:
        try:
            data = json.loads(await reader.readexactly(length))
        except (ValueError, RecursionError) as error:
            raise Unreadable("the body is no JSON") from error
    return await pages.answer(method, unquote(urlsplit(target).path), data)


async def content_length(reader: asyncio.StreamReader) -> int:
    """Read the headers; gives the length of what follows them."""
    length = 0
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        name, _, value = line.decode("latin-1").partition(":")
        if name.strip().lower() == "content-length":
            length = int(value)
    if not 0 <= length <= LONGEST:
        raise Unreadable("the body is too long")
    return length
