"""Three Cassandra nodes, started for real; run apart from the rest: they need 3 GB of memory."""

from __future__ import annotations

import pytest
from cassandra import ConsistencyLevel
from cassandra.cluster import Cluster
from cassandra.query import SimpleStatement

from servers import cassandra

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(900),
    # The driver's own business: its deprecations, and sockets it leaves to the collector.
    pytest.mark.filterwarnings("ignore"),
]


def quorum(statement: str) -> SimpleStatement:
    return SimpleStatement(statement, consistency_level=ConsistencyLevel.QUORUM, is_idempotent=True)


INSERT = quorum("INSERT INTO shop.t (a, b) VALUES (%s, %s)")
UPDATE = quorum("UPDATE shop.t SET b = %s WHERE a = %s")
SELECT = quorum("SELECT a, b FROM shop.t")


def test_three_nodes_lose_one_get_it_back_and_lose_nothing() -> None:
    with cassandra(nodes=3) as servers:
        assert servers.hosts == ("127.0.0.1", "127.0.0.2", "127.0.0.3")
        assert servers.url == f"cassandra://127.0.0.1,127.0.0.2,127.0.0.3:{servers.port}"
        cluster = Cluster(list(servers.hosts), port=servers.port)
        session = cluster.connect()
        assert {host.address for host in cluster.metadata.all_hosts()} == set(servers.hosts)
        session.execute(
            "CREATE KEYSPACE shop WITH replication = "
            "{'class': 'NetworkTopologyStrategy', 'replication_factor': 3}"
        )
        session.execute("CREATE TABLE shop.t (a int PRIMARY KEY, b int)")
        for number in range(50):
            session.execute(INSERT, (number, 0))

        for killed, victim in enumerate(servers.nodes, 1):
            victim.kill()
            assert [node.running for node in servers.nodes].count(False) == 1
            for number in range(50):
                session.execute(UPDATE, (killed, number))
            victim.start()
            victim.wait_ready()
            rows = session.execute(SELECT).all()
            assert {row.a: row.b for row in rows} == dict.fromkeys(range(50), killed)
        cluster.shutdown()
