"""Servers of the tests, and the folders that tests import from: they are no packages."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from juggler import DataSource, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[2])]

#: Tests that need CouchDB's indexes and feeds, and those that start, kill and configure a CouchDB.
INDEXES = {
    f"test_server_{name}.py"
    for name in ("alone", "beyond", "drift", "indexes", "loopback", "partitions", "users")
}
OWN_COUCHDB = {"test_faults.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a CouchDB where there is none: the PouchDB server has no such claims."""
    from servers import couchdb_home  # noqa: PLC0415 - on the path since now

    left: set[str] = set()
    installed = couchdb_home.find_couchdb() is not None
    if not installed:
        left |= OWN_COUCHDB
    named = os.environ.get("JUGGLER_CLOUDANT_URL")
    if not (_is_couchdb(named) if named else installed):
        left |= INDEXES
    gone = [item for item in items if item.path.name in left]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item.path.name not in left]


def _is_couchdb(url: str) -> bool:
    place = url.partition("://")[2].rpartition("@")[2]
    with urllib.request.urlopen(f"http://{place}") as answer:
        return "express-pouchdb" not in json.load(answer)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A server's URL."""
    import servers  # noqa: PLC0415 - only tests with servers need it

    with servers.cloudant_url() as found:
        yield found


@pytest.fixture
def db(url: str) -> Iterator[DataSource]:
    """A data source with a database of its own, which is deleted in the end."""
    from server_support import http  # noqa: PLC0415 - as above

    name = f"t{uuid.uuid4().hex}"
    with connect(f"{url}/{name}") as made:
        yield made
        http(made, "DELETE", f"/{name}")
