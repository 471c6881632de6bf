"""A server with CouchDB's API on loopback: a real CouchDB, else the PouchDB server."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.client
import json
import os
from typing import TYPE_CHECKING, Any, Literal

from . import couchdb_home, ports
from .errors import ServerError
from .node import pouchdb_command
from .places import run_folder
from .process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Product = Literal["couchdb", "pouchdb"]

START_SECONDS = 60.0
_HOST = "127.0.0.1"
_LOGIN = ("admin", "juggler")  # on loopback, for as long as the server runs
_SYSTEM_DATABASES = ("_users", "_replicator")
_MADE = (http.client.CREATED, http.client.ACCEPTED, http.client.PRECONDITION_FAILED)


class CouchDB:
    """A running server: it can be killed, stopped, paused and started again.

    A CouchDB keeps its data over that, a PouchDB server forgets them.

    Args:
        product: which server it is.
        port: where it takes HTTP.
        login: the administrator's name and password; None when it asks for none.
        process: how it runs.
    """

    host = _HOST

    def __init__(
        self,
        product: Product,
        port: int,
        login: tuple[str, str] | None,
        process: ServerProcess,
    ) -> None:
        self.product: Product = product
        self.port = port
        self.username = login[0] if login else None
        self.password = login[1] if login else None
        self.process = process
        self.version = ""

    @property
    def name(self) -> str:
        """Product and version, for a report."""
        title = {"couchdb": "CouchDB", "pouchdb": "PouchDB server"}[self.product]
        return f"{title} {self.version}"

    @property
    def address(self) -> str:
        """Where it is, without name and password: `http://127.0.0.1:5984`."""
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Its URL for a data source, with name and password: `cloudant://…@127.0.0.1:5984`."""
        login = f"{self.username}:{self.password}@" if self.username else ""
        return f"cloudant://{login}{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.process.running

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers."""
        self.process.start()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.process.kill()

    def stop(self) -> None:
        """End it in order."""
        self.process.stop()

    def pause(self) -> None:
        """Hang it: connections stay open, nothing is answered."""
        self.process.pause()

    def resume(self) -> None:
        """Let a paused one go on."""
        self.process.resume()

    def wait_ready(self, timeout: float = START_SECONDS) -> None:
        """Wait until it answers and has its system databases.

        Raises:
            ServerError: it ended or took too long; with the end of its log.
        """
        where = f"answering on {self.address}"
        self.process.wait_until(lambda: self._try("GET", "/")[0] == http.client.OK, where, timeout)
        self.version = str(self._try("GET", "/")[1]["version"])
        for database in _SYSTEM_DATABASES:
            self.process.wait_until(
                functools.partial(self._make, database), f"done with making {database}", timeout
            )

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request as the administrator; returns the status and the decoded answer.

        Raises:
            OSError: it does not answer.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.username is not None:
            login = f"{self.username}:{self.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        text = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def _make(self, database: str) -> bool:
        return self._try("PUT", f"/{database}")[0] in _MADE

    def _try(self, method: str, path: str) -> tuple[int, Any]:
        try:
            return self.request(method, path)
        except (OSError, http.client.HTTPException):
            return 0, None


@contextlib.contextmanager
def couchdb(
    *,
    port: int | None = None,
    data: Path | None = None,
    product: Product | None = None,
    config: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[CouchDB]:
    """Start a server with CouchDB's API on loopback, and end it with the block.

    A CouchDB where one is installed (`COUCHDB_HOME`, `/opt/couchdb`, `couchdb` on the path), with
    an administrator and data of its own; else the PouchDB server from npm, in memory.

    Args:
        port: for HTTP; a free one by default.
        data: a folder whose data are used and kept; by default nothing is kept.
        product: insist on `couchdb` or on `pouchdb`.
        config: sections and entries of CouchDB's configuration, over ours.

    Raises:
        ServerError: the product is not to be had, or it does not start (with its log).
    """
    home = None if product == "pouchdb" else couchdb_home.find_couchdb()
    if home is None:
        _refuse_without_couchdb(product, data, config)
    number = port or ports.free_port()
    if not ports.is_free(_HOST, number):
        raise ServerError(f"port {number} on {_HOST} is taken by another program")
    with run_folder("couchdb", data) as folder:
        if home is None:
            server = _pouchdb(folder, number)
        else:
            server = _couchdb(home, folder, number, config or {})
        try:
            server.start()
            server.wait_ready()
            yield server
        finally:
            if data is None:
                server.kill()
            else:
                server.stop()


def _refuse_without_couchdb(product: Product | None, data: object, config: object) -> None:
    if product == "couchdb" or data or config:
        raise ServerError(
            "no CouchDB is installed: not in /opt/couchdb, not on PATH, COUCHDB_HOME is not set. "
            "(The PouchDB server would do without `data` and `config`: it keeps nothing.)"
        )


def _couchdb(
    home: Path, folder: Path, port: int, config: Mapping[str, Mapping[str, str]]
) -> CouchDB:
    ini = couchdb_home.write_config(folder, port=port, login=_LOGIN, extra=config)
    process = ServerProcess(
        f"CouchDB on port {port}",
        [str(home / "bin" / "couchdb")],
        log=folder / "couchdb.log",
        env=couchdb_home.environment(home, folder, ini),
    )
    return CouchDB("couchdb", port, _LOGIN, process)


def _pouchdb(folder: Path, port: int) -> CouchDB:
    settings = ["--in-memory", "--host", _HOST, "--port", str(port), "--no-color"]
    places = ["--dir", str(folder / "data"), "--config", str(folder / "config.json")]
    process = ServerProcess(
        f"PouchDB server on port {port}",
        [*pouchdb_command(), *settings, *places],
        log=folder / "pouchdb.log",
        env=dict(os.environ),
        cwd=folder,  # it writes a log.txt where it stands
    )
    return CouchDB("pouchdb", port, None, process)
