"""One Cassandra node, started for real. The three nodes are in test_cassandra_cluster.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cassandra import InvalidRequest, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable, Session

from servers import Cassandra, Proxy, ServerError, cassandra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.server,
    # The driver's own business: its deprecations, and sockets it leaves to the collector.
    pytest.mark.filterwarnings("ignore"),
]
KEYSPACE = (
    "CREATE KEYSPACE IF NOT EXISTS shop "
    "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)


class Client:
    """The driver's cluster and session on a server, closed with the block."""

    def __init__(self, server: Cassandra, port: int | None = None, **options: object) -> None:
        self.cluster = Cluster(list(server.hosts), port=port or server.port, **options)

    def __enter__(self) -> Session:
        return self.cluster.connect()

    def __exit__(self, *_: object) -> None:
        self.cluster.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[Cassandra]:
    with cassandra() as started:
        yield started


def test_views_and_every_kind_of_index_can_be_made(server: Cassandra) -> None:
    with Client(server) as session:
        session.execute(KEYSPACE)
        session.execute("CREATE TABLE shop.t (a int PRIMARY KEY, b text, c text, d text)")
        session.execute(
            "CREATE MATERIALIZED VIEW shop.v AS SELECT * FROM shop.t "
            "WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)"
        )
        session.execute("CREATE INDEX ON shop.t (b)")
        session.execute("CREATE INDEX ON shop.t (c) USING 'sai'")
        session.execute(
            "CREATE CUSTOM INDEX ON shop.t (d) USING 'org.apache.cassandra.index.sasi.SASIIndex'"
        )
        session.execute("INSERT INTO shop.t (a, b, c, d) VALUES (1, 'x', 'y', 'z')")
        assert session.execute("SELECT a FROM shop.v WHERE b = 'x'").one().a == 1
        assert session.execute("SELECT a FROM shop.t WHERE c = 'y'").one().a == 1
        version = session.execute("SELECT release_version FROM system.local").one()
        assert version.release_version.startswith("5.0.")


def test_it_survives_a_crash_with_its_data(server: Cassandra) -> None:
    (node,) = server.nodes
    with Client(server) as session:
        session.execute(KEYSPACE)
        session.execute("CREATE TABLE IF NOT EXISTS shop.kept (a int PRIMARY KEY)")
    first = node.pid
    node.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    with pytest.raises(NoHostAvailable), Client(server):
        pass
    node.start()
    node.wait_ready()
    assert node.pid != first
    with Client(server) as session:
        assert session.execute("SELECT * FROM shop.kept").all() == []


def test_a_proxy_stands_between(server: Cassandra) -> None:
    with (
        Proxy(server.port) as proxy,
        Client(server, proxy.port, connect_timeout=20) as session,
    ):
        assert session.execute("SELECT key FROM system.local").one().key == "local"
        assert proxy.accepted


def test_authentication_a_server_without_views_and_a_guardrail(tmp_path: Path) -> None:
    config = {"page_size_fail_threshold": 100}
    login = PlainTextAuthProvider("cassandra", "cassandra")
    with cassandra(auth=True, views=False, config=config, data=tmp_path) as server:
        assert server.url == f"cassandra://cassandra:cassandra@127.0.0.1:{server.port}"
        with pytest.raises(NoHostAvailable), Client(server):
            pass
        with Client(server, auth_provider=login) as session:
            session.execute(KEYSPACE)
            session.execute("CREATE TABLE shop.t (a int PRIMARY KEY, b int)")
            with pytest.raises(InvalidRequest, match="Materialized views are disabled"):
                session.execute(
                    "CREATE MATERIALIZED VIEW shop.v AS SELECT * FROM shop.t "
                    "WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)"
                )
            session.execute("CREATE ROLE ada WITH PASSWORD = 'secret' AND LOGIN = true")
            session.execute("GRANT SELECT ON KEYSPACE system TO ada")
        with Client(server, auth_provider=PlainTextAuthProvider("ada", "secret")) as session:
            with pytest.raises(Unauthorized):
                session.execute("SELECT * FROM shop.t")
            session.default_fetch_size = 1000
            with pytest.raises(InvalidRequest, match="Guardrail page_size violated"):
                session.execute("SELECT * FROM system.local")
    with cassandra(auth=True, data=tmp_path) as server, Client(server, auth_provider=login) as kept:
        assert kept.execute("SELECT * FROM shop.t").all() == []
    with pytest.raises(ServerError, match="are of 1 node"), cassandra(nodes=2, data=tmp_path):
        pass


def test_a_setting_that_it_refuses_is_an_error_with_its_log() -> None:
    with (
        pytest.raises(ServerError, match=r"(?s)ended .*no_such_setting"),
        cassandra(config={"no_such_setting": 1}),
    ):
        pass
