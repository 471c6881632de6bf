"""The servers with CouchDB's API, started for real."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers import CouchDB, Proxy, ServerError, couchdb, couchdb_home

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]
FIND = {"selector": {"x": {"$gt": 0}}}


def ask(server: CouchDB, method: str, path: str, body: object = None) -> tuple[int, object]:
    return server.request(method, path, body)


def test_starts_what_is_installed_and_says_which_it_is() -> None:
    installed = couchdb_home.find_couchdb() is not None
    with couchdb() as server:
        assert server.product == ("couchdb" if installed else "pouchdb")
        status, banner = ask(server, "GET", "/")
        assert status == 200
        assert banner["version"] == server.version
        assert (banner.get("couchdb") == "Welcome") == installed
        assert server.name.endswith(server.version)
        assert set(ask(server, "GET", "/_all_dbs")[1]) == {"_users", "_replicator"}
        assert ask(server, "PUT", "/things")[0] == 201
        assert ask(server, "PUT", "/things/a", {"x": 1})[0] == 201
        assert [row["_id"] for row in ask(server, "POST", "/things/_find", FIND)[1]["docs"]] == [
            "a"
        ]
        pid = server.pid
    assert not server.running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_couchdb_keeps_its_data_over_a_crash_and_asks_for_its_password() -> None:
    with couchdb() as server:
        ask(server, "PUT", "/things")
        ask(server, "PUT", "/things/a", {"x": 1})
        server.kill()
        assert not server.running
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset
            ask(server, "GET", "/")
        server.start()
        server.wait_ready()
        status, document = ask(server, "GET", "/things/a")
        if server.product == "pouchdb":
            assert status == 404
            return
        assert document["x"] == 1
        server.username = None
        assert ask(server, "GET", "/things/a")[0] == 401


def test_a_kept_folder_brings_the_data_back(tmp_path: Path) -> None:
    if couchdb_home.find_couchdb() is None:
        with pytest.raises(ServerError, match="no CouchDB is installed"), couchdb(data=tmp_path):
            pass
        return
    with couchdb(data=tmp_path) as server:
        ask(server, "PUT", "/things")
    with couchdb(data=tmp_path) as server:
        assert ask(server, "GET", "/things")[0] == 200


def test_a_pouchdb_server_is_there_where_no_couchdb_is() -> None:
    with couchdb(product="pouchdb") as server:
        assert server.product == "pouchdb"
        assert "express-pouchdb" in ask(server, "GET", "/")[1]
        assert ask(server, "PUT", "/things")[0] == 201
        assert ask(server, "GET", "/things")[0] == 200
        assert server.url == f"cloudant://127.0.0.1:{server.port}"


def test_a_hanging_server_goes_on_and_a_proxy_stands_between() -> None:
    with couchdb() as server, Proxy(server.port) as proxy:
        server.pause()
        client = http.client.HTTPConnection(proxy.host, proxy.port, timeout=0.5)
        client.request("GET", "/")
        with pytest.raises(TimeoutError):
            client.getresponse()
        client.close()
        server.resume()
        client = http.client.HTTPConnection(proxy.host, proxy.port, timeout=30)
        client.request("GET", "/")
        assert client.getresponse().status == 200
        client.close()


def test_the_command_gives_its_url_to_a_program_and_ends_with_it() -> None:
    program = "import os; print(os.environ['JUGGLER_CLOUDANT_URL']); raise SystemExit(7)"
    run = subprocess.run(
        [sys.executable, "-m", "servers", "couchdb", "--", sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 7, run.stderr
    assert run.stdout.splitlines()[-1].startswith("cloudant://")
