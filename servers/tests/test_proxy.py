"""What the proxy does to a connection, seen from the client and from the server."""

from __future__ import annotations

import http.client
import http.server
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from servers import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = 20


class Echo:
    """A server that sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self.got = b""
        self.ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65_536):
                    self.got += data
                    connection.sendall(data)
            except OSError:
                pass
            finally:
                self.ended.set()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.port) as between:
        yield between


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection((proxy.host, proxy.port), timeout=TIMEOUT)


def receive(connection: socket.socket, count: int) -> bytes:
    """Up to count bytes; fewer when the connection ends before."""
    data = b""
    while len(data) < count:
        try:
            piece = connection.recv(count - len(data))
        except ConnectionError:
            break
        if not piece:
            break
        data += piece
    return data


def is_silent(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        return not connection.recv(1) and False
    except TimeoutError:
        return True
    finally:
        connection.settimeout(TIMEOUT)


def is_reset(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_forwards_in_both_directions_and_passes_on_the_end(echo: Echo, proxy: Proxy) -> None:
    data = bytes(range(256)) * 4096
    with connect(proxy) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        assert receive(client, len(data)) == data
        sender.join()
        assert proxy.connections == 1
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert echo.ended.wait(TIMEOUT)
    assert proxy.accepted == 1


def test_hang_holds_open_and_new_connections_and_forward_delivers(proxy: Proxy) -> None:
    with connect(proxy) as old:
        old.sendall(b"1")
        assert receive(old, 1) == b"1"
        proxy.hang()
        old.sendall(b"2")
        with connect(proxy) as new:
            new.sendall(b"3")
            assert is_silent(old)
            assert is_silent(new)
            proxy.forward()
            assert receive(old, 1) == b"2"
            assert receive(new, 1) == b"3"


def test_delay_holds_every_piece_back(proxy: Proxy) -> None:
    with connect(proxy) as client:
        proxy.delay(0.2)
        before = time.monotonic()
        client.sendall(b"x")
        assert receive(client, 1) == b"x"
        assert time.monotonic() - before >= 0.4  # once there, once back


@pytest.mark.parametrize("after", [0, 1, 7, 100_000])
def test_cut_delivers_so_many_bytes_of_the_response(proxy: Proxy, after: int) -> None:
    with connect(proxy) as client:
        client.sendall(b"before")
        assert receive(client, 6) == b"before"
        proxy.cut(after)
        sender = threading.Thread(target=swallow_errors, args=(client, b"x" * 200_000))
        sender.start()
        assert receive(client, 200_000) == b"x" * after
        sender.join()


@pytest.mark.parametrize("after", [0, 5, 100_000])
def test_cut_delivers_so_many_bytes_of_the_request(echo: Echo, proxy: Proxy, after: int) -> None:
    proxy.cut(after, "request")
    with connect(proxy) as client:
        sender = threading.Thread(target=swallow_errors, args=(client, b"x" * 200_000))
        sender.start()
        receive(client, 200_000)
        sender.join()
    assert echo.ended.wait(TIMEOUT)
    assert echo.got == b"x" * after


def swallow_errors(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        return


def test_cut_spares_the_connection_after_the_last_time(proxy: Proxy) -> None:
    proxy.cut(1, times=2)
    for _ in range(2):
        with connect(proxy) as client:
            client.sendall(b"abc")
            assert receive(client, 3) == b"a"
    with connect(proxy) as client:
        client.sendall(b"abc")
        assert receive(client, 3) == b"abc"


def test_cut_now_resets_what_is_open_and_takes_new_ones(echo: Echo, proxy: Proxy) -> None:
    with connect(proxy) as old:
        old.sendall(b"a")
        assert receive(old, 1) == b"a"
        proxy.cut_now()
        assert is_reset(old)
    assert echo.ended.wait(TIMEOUT)
    with connect(proxy) as new:
        new.sendall(b"b")
        assert receive(new, 1) == b"b"


def test_refuse_until_forward(proxy: Proxy) -> None:
    with connect(proxy) as old:
        old.sendall(b"a")
        assert receive(old, 1) == b"a"
        proxy.refuse()
        assert is_reset(old)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.forward()
    with connect(proxy) as new:
        new.sendall(b"b")
        assert receive(new, 1) == b"b"


def test_a_server_that_is_gone_is_a_reset_for_the_client(echo: Echo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        nobody = closing.getsockname()[1]
    # Connecting itself is what fails where the reset comes before connect has looked.
    with Proxy(nobody) as proxy, pytest.raises(ConnectionResetError), connect(proxy) as client:
        client.recv(1)


def test_ends_while_connections_hang(echo: Echo) -> None:
    with Proxy(echo.port) as proxy:
        client = connect(proxy)
        proxy.hang()
        client.sendall(b"x")
    assert is_reset(client)
    client.close()


class Counting(http.server.BaseHTTPRequestHandler):
    """Says 200 and keeps the connection."""

    protocol_version = "HTTP/1.1"
    paths: list[str]

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._reply()

    def log_message(self, *_: object) -> None:
        pass

    def _reply(self) -> None:
        self.paths.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


Web = tuple[Proxy, list[str], http.client.HTTPConnection]


@pytest.fixture
def web() -> Iterator[Web]:
    seen: list[str] = []
    handler = type("Handler", (Counting,), {"paths": seen})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Proxy(server.server_port) as proxy:
            client = http.client.HTTPConnection(proxy.host, proxy.port, timeout=TIMEOUT)
            yield proxy, seen, client
            client.close()
        server.shutdown()


def ask(
    client: http.client.HTTPConnection, method: str, path: str, body: object = None
) -> http.client.HTTPResponse:
    client.request(method, path, body)  # type: ignore[arg-type]
    answer = client.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    return answer


def test_answers_the_next_requests_itself_on_the_same_connection(web: Web) -> None:
    proxy, seen, client = web
    proxy.answer(429, times=2, headers={"Retry-After": "3"}, body=b'{"error":"slow down"}')
    first = ask(client, "GET", "/a")
    assert (first.status, first.headers["Retry-After"]) == (429, "3")
    assert first.body == b'{"error":"slow down"}'
    assert ask(client, "POST", "/b", b"x" * 300_000).status == 429
    assert ask(client, "POST", "/c", b"y").status == 200
    assert seen == ["POST /c"]
    assert (proxy.answered, proxy.accepted) == (2, 1)


def test_answers_a_request_whose_body_comes_in_chunks(web: Web) -> None:
    proxy, seen, client = web
    proxy.answer(503)
    assert ask(client, "POST", "/b", iter([b"abc", b"d" * 100_000])).status == 503
    assert ask(client, "GET", "/c").status == 200
    assert seen == ["GET /c"]


def test_answers_only_the_paths_that_were_named(web: Web) -> None:
    proxy, seen, client = web
    proxy.answer(503, path="_bulk_docs")
    assert ask(client, "GET", "/db/x").status == 200
    assert ask(client, "POST", "/db/_bulk_docs", b"{}").status == 503
    assert ask(client, "POST", "/db/_bulk_docs", b"{}").status == 200
    assert seen == ["GET /db/x", "POST /db/_bulk_docs"]


def test_forward_forgets_answers(web: Web) -> None:
    proxy, _, client = web
    proxy.answer(503, times=5)
    proxy.forward()
    assert ask(client, "GET", "/x").status == 200
