"""Makes the support modules and the servers importable; a session on a real server."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYSPACE = "juggler_pure"


@pytest.fixture(scope="session")
def cassandra_run() -> Iterator[Callable[..., Any]]:
    """Runs a statement with values on a server, in a keyspace of its own; gives tuples."""
    from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile  # noqa: PLC0415
    from cassandra.query import tuple_factory  # noqa: PLC0415 - only where a server is wanted

    from juggler.connector.url import parse_url  # noqa: PLC0415
    from juggler_cassandra.settings import CassandraSettings  # noqa: PLC0415
    from servers import cassandra_url, server_lasts  # noqa: PLC0415

    logging.getLogger("cassandra").setLevel(logging.CRITICAL)
    with cassandra_url() as url:
        endpoints = CassandraSettings.of(parse_url(url)[1]).endpoints
        profile = ExecutionProfile(row_factory=tuple_factory, request_timeout=60)
        cluster = Cluster(
            [host for host, _ in endpoints],
            port=endpoints[0][1] or 9042,
            protocol_version=5,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        )
        session = cluster.connect()
        prepared: dict[str, Any] = {}

        def run(text: str, values: Any = ()) -> list[tuple[Any, ...]]:
            try:
                if not values:
                    return list(session.execute(text))
                if text not in prepared:
                    prepared[text] = session.prepare(text)
                return list(session.execute(prepared[text], values))
            except Exception as error:
                error.add_note(f"{text}  {values}")
                raise

        run(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
        run(
            f"CREATE KEYSPACE {KEYSPACE} WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        session.set_keyspace(KEYSPACE)
        try:
            yield run
        finally:
            if server_lasts():
                run(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
            cluster.shutdown()
