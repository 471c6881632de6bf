"""A TCP proxy on loopback that does what networks do: hang, delay, cut, refuse, overload."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from .http_answers import Answers
from .ports import free_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

T = TypeVar("T")
Side = Literal["request", "response"]

_CHUNK = 65_536
_CONTROL_SECONDS = 30
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: closing sends RST


@dataclasses.dataclass(eq=False)
class _Link:
    """One client's connection and, once it is made, ours to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    passed: dict[Side, int] = dataclasses.field(
        default_factory=lambda: {"request": 0, "response": 0}
    )

    async def close(self) -> None:
        """Close both connections after what was written has left."""
        for writer in (self.client, self.server):
            if writer is not None:
                await _finish(writer)

    def abort(self) -> None:
        """Reset both connections, as a broken network does."""
        for writer in (self.client, self.server):
            if writer is not None:
                raw = writer.get_extra_info("socket")
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.transport.abort()


class _CutError(Exception):
    """A connection ends here because it was asked for."""


@dataclasses.dataclass
class _Cut:
    side: Side
    after: int
    times: int


class Proxy:
    """Stands between a client and a server; use it in a `with` block and connect to `port`.

    It forwards until told otherwise. What a method asks for holds, when it returns, for open and
    new connections; delays, cuts and answers add up; `forward` ends them all. The methods may be
    called from any thread.

    Args:
        port: the server's port.
        host: the server's address.
        listen_host: where clients connect; the port is a free one.
    """

    def __init__(
        self, port: int, host: str = "127.0.0.1", *, listen_host: str = "127.0.0.1"
    ) -> None:
        self.target = (host, port)
        self.host = listen_host
        self.port = free_port(listen_host)
        self.accepted = 0
        """Connections taken since the start."""
        self._answers = Answers()
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._delay = 0.0
        self._cut: _Cut | None = None
        self._flows = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="proxy")

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._links)

    @property
    def answered(self) -> int:
        """Requests that the proxy answered itself since the start."""
        return self._answers.given

    def __enter__(self) -> Self:
        self._thread.start()
        self.forward()
        return self

    def __exit__(self, *_: object) -> None:
        self._control(self._close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CONTROL_SECONDS)
        self._loop.close()

    def forward(self) -> None:
        """Pass everything on; what `hang` held back comes first."""

        async def forward() -> None:
            self._delay, self._cut = 0.0, None
            self._answers.clear()
            self._flows.set()
            await self._listen()

        self._control(forward)

    def hang(self) -> None:
        """Take connections and bytes, and deliver nothing in either direction."""

        async def hang() -> None:
            self._flows.clear()

        self._control(hang)

    def delay(self, seconds: float) -> None:
        """Deliver every piece, in both directions, this much later."""

        async def delay() -> None:
            self._delay = seconds

        self._control(delay)

    def cut(self, after: int, side: Side = "response", *, times: int = 1) -> None:
        """End a connection when it has passed `after` more bytes of the requests or responses.

        Args:
            after: bytes that are still delivered, all of them; counted for every connection.
            side: which direction is counted.
            times: how many connections are cut; then it forwards.
        """

        async def cut() -> None:
            for link in self._links:
                link.passed[side] = 0
            self._cut = _Cut(side, after, times)

        self._control(cut)

    def cut_now(self) -> None:
        """Reset all open connections; new ones are taken."""

        async def cut_now() -> None:
            for link in self._links:
                link.abort()

        self._control(cut_now)

    def refuse(self) -> None:
        """Reset all connections and refuse new ones, until `forward`."""
        self._control(self._close)

    def answer(
        self,
        status: int,
        *,
        times: int = 1,
        path: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Answer the next HTTP requests here; the server never sees them.

        Args:
            status: such as 429 or 503.
            times: how many requests.
            path: only those whose path and query contain this.
            headers: more of them, such as `{"Retry-After": "1"}`.
            body: what is sent after them.
        """

        async def answer() -> None:
            self._answers.expect(status, times, path, headers or {}, body)

        self._control(answer)

    def _control(self, change: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return asyncio.run_coroutine_threadsafe(change(), self._loop).result(_CONTROL_SECONDS)

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._take, self.host, self.port, reuse_address=True
            )

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for link in self._links:
            link.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = _Link(writer)
        self._links.add(link)
        task = self._loop.create_task(self._hold(link, reader))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self, link: _Link, reader: asyncio.StreamReader) -> None:
        try:
            with contextlib.suppress(OSError, _CutError):
                await self._serve(link, reader)
                await link.close()
        finally:
            link.abort()
            self._links.discard(link)

    async def _serve(self, link: _Link, reader: asyncio.StreamReader) -> None:
        await self._flows.wait()
        answers, link.server = await asyncio.open_connection(*self.target)
        await _together(
            self._pump(link, "request", reader, link.server),
            self._pump(link, "response", answers, link.client),
        )

    async def _pump(
        self,
        link: _Link,
        side: Side,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
    ) -> None:
        while chunk := await source.read(_CHUNK):
            await self._flows.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            if side == "request" and await self._answers.take(chunk, source, link.client):
                continue
            rest, cut = self._measure(link, side, chunk)
            sink.write(rest)
            await sink.drain()
            if cut:
                await _finish(sink)
                raise _CutError
        if sink.can_write_eof():
            sink.write_eof()

    def _measure(self, link: _Link, side: Side, chunk: bytes) -> tuple[bytes, bool]:
        """Return what may pass of a piece, and whether the connection is to be cut after it."""
        cut = self._cut
        if cut is None or cut.side != side:
            return chunk, False
        left = cut.after - link.passed[side]
        link.passed[side] += len(chunk)
        if len(chunk) < left:
            return chunk, False
        cut.times -= 1
        if not cut.times:
            self._cut = None
        return chunk[:left], True


async def _together(*parts: Awaitable[None]) -> None:
    """Wait for both directions; a broken one ends the other."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _finish(writer: asyncio.StreamWriter) -> None:
    """Close a connection after everything that was written has left."""
    writer.close()
    await writer.wait_closed()
