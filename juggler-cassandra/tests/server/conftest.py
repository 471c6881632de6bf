"""A data source on a real server, in a keyspace of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from servers import server_lasts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource

KEYSPACE = "juggler_io"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    from servers import cassandra_url  # noqa: PLC0415 - only where a server is wanted

    with cassandra_url() as url:
        yield url.rstrip("/")


@pytest.fixture(scope="session")
def url(server: str) -> str:
    return f"{server}/{KEYSPACE}"


@pytest.fixture(scope="session")
def opened(url: str) -> Iterator[DataSource]:
    with connect(url, {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60}) as db:
        db.ping()
        db.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
        yield db
        if server_lasts():
            db.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")


@pytest.fixture
def db(opened: DataSource) -> DataSource:
    return opened


@pytest.fixture(scope="session")
def table(opened: DataSource) -> Callable[..., Any]:
    """Defines a model once and makes its table; the rows are those that tests leave."""
    models: dict[str, Any] = {}

    def make(name: str, properties: dict[str, Any], **settings: Any) -> Any:
        if name not in models:
            models[name] = opened.define(name, properties, settings)
            opened.autoupdate(name)
        return models[name]

    return make
