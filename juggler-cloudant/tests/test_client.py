"""Requests: who we are, how long, how many at once, and what an answer that is none means."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import threading
import time
from collections import deque
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from juggler import connect
from juggler.errors import (
    AuthenticationError,
    AuthorizationError,
    BackendError,
    CapabilityError,
    ConfigurationError,
    ConflictError,
    DeadlineError,
    InvalidQueryError,
    JugglerError,
    OutcomeUnknownError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)
from juggler_cloudant.io.limits import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WELCOME = {"couchdb": "Welcome", "version": "3.5.0", "vendor": {"name": "The Apache"}}


def _part(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


#: As IAM's: head, body with its times, signature.
TOKEN = ".".join([_part({"alg": "HS256", "typ": "JWT"}), _part({"iat": 1, "exp": 1 << 40}), "c2ln"])


@define
class Service:
    """Answers on loopback: those that are queued, else a welcome."""

    port: int = 0
    requests: list[tuple[str, str, dict[str, str], str]] = field(factory=list)
    queued: deque[tuple[int, dict[str, str], Any]] = field(factory=deque)
    pause: float = 0.0
    login_pause: float = 0.0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        self.queued.append((status, {n.replace("_", "-"): v for n, v in headers.items()}, body))

    def sent(self, method: str) -> list[str]:
        return [path for verb, path, _, _ in self.requests if verb == method]


@contextmanager
def serving(secured: ssl.SSLContext | None = None) -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(
                errors="replace"
            )
            service.requests.append((self.command, self.path, dict(self.headers), body))
            status, headers, answer = 200, {}, WELCOME
            if self.path in {"/_session", "/identity/token"}:
                time.sleep(service.login_pause)
            if self.path == "/_session":
                headers, answer = {"Set-Cookie": "AuthSession=abc; Max-Age=600; Path=/"}, {"ok": 1}
            elif self.path == "/identity/token":
                answer = {"access_token": TOKEN, "expires_in": 3600, "expiration": 1 << 40,
                          "refresh_token": "r", "token_type": "Bearer"}  # fmt: skip
            elif self.path != "/" and service.queued:
                status, headers, answer = service.queued.popleft()
                time.sleep(service.pause)
            text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            kind = "text/html" if isinstance(answer, bytes) else "application/json"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    for verb in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.handle_one)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        yield made


def opened(service: Service, **settings: Any) -> Any:
    return connect(f"cloudant://{service.address}", {"retries": 0, **settings})


def last_header(service: Service, name: str) -> str:
    return service.requests[-1][2].get(name, "")


# ---------------------------------------------------------------- who we are


def test_nobody(service: Service) -> None:
    with opened(service) as db:
        assert db.ping().version == "3.5.0"
        service.answer(401, {"error": "unauthorized", "reason": "You are not authorized"})
        with pytest.raises(AuthenticationError) as caught:
            db.execute("GET /x")
        assert "username=" in caught.value.hint
    assert last_header(service, "Authorization") == ""


def test_the_environments_proxy(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{service.address}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with connect("cloudant:http://couch.example:5984/shop", {"retries": 0}) as db:
        assert db.ping().version == "3.5.0"
    assert set(service.sent("GET")) == {"http://couch.example:5984/"}
    with opened(service) as db:  # this machine is reached without one
        db.ping()
    assert service.sent("GET")[-1] == "/"


def test_name_and_password(service: Service) -> None:
    with opened(service, username="ann", password="p:w") as db:
        db.ping()
    wanted = base64.b64encode(b"ann:p:w").decode()
    assert last_header(service, "Authorization") == f"Basic {wanted}"


def test_a_session_logs_in_once(service: Service) -> None:
    with opened(service, username="ann", password="pw", auth="session") as db:
        db.ping()
        db.ping()
    assert service.sent("POST") == ["/_session"]
    assert "AuthSession=abc" in last_header(service, "Cookie")


def test_a_token_of_iam(service: Service) -> None:
    with opened(service, api_key="key", iam_url=f"http://{service.address}") as db:
        db.ping()
        db.ping()
    assert service.sent("POST") == ["/identity/token"]
    assert "apikey=key" in service.requests[0][3]
    assert last_header(service, "Authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize("way", ["session", "iam"])
def test_a_login_that_the_server_forgot_is_made_again(service: Service, way: str) -> None:
    given = (
        {"username": "ann", "password": "pw", "auth": "session"}
        if way == "session"
        else {"api_key": "key", "iam_url": f"http://{service.address}"}
    )
    with opened(service, **given) as db:
        db.ping()
        service.answer(401, {"error": "unauthorized", "reason": "restarted"})
        service.answer(200, {"ok": True})
        assert db.execute("PUT /x", {"a": 1}).rows == [{"ok": True}]
        assert service.sent("PUT") == ["/x", "/x"]
        assert len(service.sent("POST")) == 2  # logins
        for _ in range(2):
            service.answer(401, {"error": "unauthorized", "reason": "no more"})
        with pytest.raises(AuthenticationError):
            db.execute("PUT /y", {"a": 1})
        assert service.sent("PUT") == ["/x", "/x", "/y", "/y"]


@pytest.mark.parametrize("way", ["session", "iam"])
def test_a_login_without_an_answer_ends(service: Service, way: str) -> None:
    service.login_pause = 1.0
    given: dict[str, Any] = (
        {"username": "ann", "password": "pw", "auth": "session"}
        if way == "session"
        else {"api_key": "key", "iam_url": f"http://{service.address}"}
    )
    given |= {"read_timeout": 0.2, "connect_timeout": 0.5}
    with opened(service, **given) as db, pytest.raises(UnavailableError):
        db.execute("POST /x", {"a": 1})
    assert "/x" not in service.sent("POST")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_certificates(tmp_path: Path) -> None:
    key, pem = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = ("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2",
               "-pkeyopt", "ec_paramgen_curve:prime256v1")  # fmt: skip
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(key), "-out", str(pem))
    subprocess.run([*request, *names, *files], check=True, capture_output=True)  # noqa: S603
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    with serving(context) as service:
        given = {"username": "ann", "password": "pw", "tls": True}
        for more in ({"ca_certs": str(pem)}, {"ca_certs": str(pem), "auth": "session"},
                     {"verify": False}):  # fmt: skip
            with opened(service, **given, **more) as db:
                assert db.ping().version == "3.5.0"
        seen = len(service.requests)
        with opened(service, **given) as db, pytest.raises(ConfigurationError) as caught:
            db.ping()
        assert caught.value.code == "tls"
        assert "ca_certs=" in caught.value.hint
        assert len(service.requests) == seen


@pytest.mark.parametrize("status", [400, 403])
def test_a_login_that_fails_is_no_unknown_write(service: Service, status: int) -> None:
    service.answer(status, {"errorMessage": "no"})
    settings = {"api_key": "key", "iam_url": f"http://{service.address}/other"}
    with opened(service, **settings) as db, pytest.raises(AuthenticationError):
        db.execute("POST /x", {"a": 1})
    assert "/x" not in service.sent("POST")


def test_a_server_without_tls_is_told_as_that(service: Service) -> None:
    with (
        connect(f"cloudant://{service.address}", {"tls": True, "connect_timeout": 2}) as db,
        pytest.raises(ConfigurationError) as caught,
    ):
        db.ping()
    assert caught.value.code == "tls"
    assert "tls=False" in caught.value.hint


def test_a_handshake_without_an_answer_is_told_as_that(service: Service) -> None:
    with opened(service) as db:
        db.ping()  # what loads on first use takes none of the time below
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"cloudant:https://127.0.0.1:{silent.getsockname()[1]}/x"
        with (
            connect(url, {"connect_timeout": 1.5, "retries": 0}) as db,
            pytest.raises(ConfigurationError) as caught,
        ):
            db.ping()
    assert caught.value.code == "tls"
    assert "http://" in caught.value.hint


def test_authorities_that_are_not_there_are_told_before_anything_is_sent(
    service: Service,
) -> None:
    with opened(service, ca_certs="nowhere.pem") as db, pytest.raises(ConfigurationError) as caught:
        db.ping()
    assert (caught.value.code, "nowhere.pem" in str(caught.value)) == ("tls", True)
    assert service.requests == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, {"error": "not_found", "reason": "no"}), (404, b"no"), (200, b"<p>hello</p>"), (200, 7)],
)
def test_another_server_is_told_as_that(service: Service, status: int, body: Any) -> None:
    with connect(f"cloudant:http://{service.address}/behind/shop", {"retries": 0}) as db:
        service.answer(status, body)
        with pytest.raises(ConfigurationError) as caught:
            db.ping()
        assert (caught.value.code, "behind a path" in caught.value.hint) == ("no-couchdb", True)
        service.answer(200, WELCOME)
        assert db.ping().version == "3.5.0"
    assert set(service.sent("GET")) == {"/behind/"}


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": "unauthorized", "reason": "no"}, AuthenticationError),
        (403, {"error": "forbidden", "reason": "no"}, AuthorizationError),
        (401, {"error": "unauthorized", "reason": "You are not a server admin."},
         AuthorizationError),
        (500, {"error": "error_saving_ddoc", "reason": "Unknown error while saving the design "
               "document: forbidden"}, AuthorizationError),
        (409, {"error": "conflict", "reason": "no"}, ConflictError),
        (412, {"error": "file_exists", "reason": "no"}, ConflictError),
        (413, {"error": "document_too_large", "reason": "no"}, TooLargeError),
        (429, {"error": "too_many_requests"}, RateLimitedError),
        (400, {"error": "no_usable_index", "reason": "no"}, InvalidQueryError),
        (400, {"error": "bad_request", "reason": "no"}, BackendError),
        (404, {"error": "not_found", "reason": "missing"}, BackendError),
        (500, {"error": "function_clause", "reason": "no"}, BackendError),
        (502, {}, UnavailableError),
        (503, {"error": "x", "reason": "required index service unavailable"}, CapabilityError),
        (504, [], UnavailableError),
    ],
)  # fmt: skip
def test_what_the_server_says_is_one_of_ours(
    service: Service, status: int, body: Any, error: type[JugglerError]
) -> None:
    with opened(service) as db:
        service.answer(status, body)
        with pytest.raises(error):
            db.execute("GET /x")
        if error is AuthorizationError:
            service.answer(status, body)
            with pytest.raises(error):
                db.execute("PUT /x")
    assert service.sent("GET").count("/x") == 1


def test_searches_are_statements(service: Service) -> None:
    with opened(service) as db:
        service.answer(200, {"total_rows": 1, "bookmark": "b", "rows": [{"id": "a"}]})
        found = db.execute("ddoc/_search/by_name", {"query": "x:y"}, database="d")
        assert (found.rows, found.meta["bookmark"]) == ([{"id": "a"}], "b")
        service.answer(200, {"hits": [{"id": "b"}]})
        assert db.execute("ddoc/_nouveau/index", {"q": "x"}, database="d").rows == [{"id": "b"}]
        for wrong in ("ddoc/_other/x", "ddoc", "a/b/c/d", "ddoc//x", ""):
            with pytest.raises(InvalidQueryError):
                db.execute(wrong)
    assert service.sent("POST") == [
        "/d/_design/ddoc/_search/by_name",
        "/d/_design/ddoc/_nouveau/index",
    ]


def test_a_server_that_is_not_there_says_why(service: Service) -> None:
    with opened(service) as db:
        db.ping()
        db.connector.client.service.set_service_url("http://127.0.0.1:1")
        with pytest.raises(UnavailableError, match="Connection refused"):
            db.ping()


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_write_that_got_no_answer_is_unknown_and_not_sent_again(
    service: Service, status: int
) -> None:
    with opened(service, retries=5) as db:
        service.answer(status, {})
        with pytest.raises(OutcomeUnknownError):
            db.execute("POST /x", {"a": 1})
    assert service.sent("POST") == ["/x"]


def test_the_time_of_retry_after_is_waited(service: Service) -> None:
    with opened(service, retries=2) as db:
        model = db.define("Pet", {"id": {"type": "string", "id": True}}, {"strict": True})
        service.answer(429, {}, Retry_After="1")
        service.answer(200, {"rows": []})
        start = time.monotonic()
        assert model.find_by_ids(["a", "b"]) == []
        assert time.monotonic() - start >= 1
    assert service.sent("POST") == ["/juggler/_all_docs?include_docs=true"] * 2


def test_a_read_ends_at_its_deadline(service: Service) -> None:
    service.pause = 1.0
    with opened(service) as db:
        service.answer(200, {})
        with db.options(timeout=0.2), pytest.raises(DeadlineError):
            db.execute("GET /x", timeout=0.2)


def test_a_silent_read_ends_before_the_deadline(service: Service) -> None:
    service.pause = 1.0
    with opened(service, read_timeout=0.2) as db:
        service.answer(200, {})
        with pytest.raises(UnavailableError):
            db.execute("GET /x")


def test_passwords_and_keys_stay_unseen(service: Service) -> None:
    given = {"username": "ann", "password": "pass-7", "api_key": "key-7", "auth": "basic"}
    with opened(service, **given) as db:
        service.answer(401, {"error": "unauthorized", "reason": "no"})
        with pytest.raises(AuthenticationError) as caught:
            db.execute("GET /x")
        shown = f"{db!r} {db.connector.settings!r} {caught.value!r} {caught.value}"
    assert "pass-7" not in shown
    assert "key-7" not in shown


# ---------------------------------------------------------------- how many at once


def test_threads_share_the_connections(service: Service) -> None:
    with opened(service, pool_size=20) as db:
        db.ping()
        threads = [threading.Thread(target=db.ping) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        adapter = db.connector.client.service.get_http_client().get_adapter("http://x")
        assert adapter._pool_maxsize == 20
    assert len(service.requests) >= 21


class _Patience:
    """A context with so many seconds left."""

    def __init__(self, remaining: float | None) -> None:
        self.remaining = remaining


def test_a_bucket_spreads_requests_and_refuses_what_would_come_too_late() -> None:
    bucket = Bucket(20)
    start = time.monotonic()
    for _ in range(30):
        bucket.take(_Patience(None))  # type: ignore[arg-type]
    assert time.monotonic() - start >= 0.45
    slow = Bucket(1)
    slow.take(_Patience(0.1))  # type: ignore[arg-type]
    with pytest.raises(RateLimitedError) as caught:
        slow.take(_Patience(0.1))  # type: ignore[arg-type]
    assert caught.value.retry_after is not None
