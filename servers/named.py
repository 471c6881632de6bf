"""A server's URL for a test run: the one that is named, else one that is started."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from .cassandra import cassandra
from .couchdb import couchdb

if TYPE_CHECKING:
    from collections.abc import Iterator

CASSANDRA_URL = "JUGGLER_CASSANDRA_URL"
CLOUDANT_URL = "JUGGLER_CLOUDANT_URL"
ENDS = "JUGGLER_SERVER_ENDS"
"""Set for a command whose server ends with it."""
VARIABLES = {"cassandra": CASSANDRA_URL, "couchdb": CLOUDANT_URL}
"""The variable that names another server, by the name of ours."""


def server_lasts() -> bool:
    """Whether somebody uses the server afterwards: only then is it worth tidying up.

    Cassandra takes half a second to drop a table.
    """
    return ENDS not in os.environ


@contextlib.contextmanager
def cassandra_url() -> Iterator[str]:
    """Give the URL in JUGGLER_CASSANDRA_URL as it is, else that of a node started for the block.

    Raises:
        ServerError: nothing is named, and no server can be started.
    """
    if named := os.environ.get(CASSANDRA_URL):
        yield named
        return
    with cassandra(lasting=False) as cluster:
        yield cluster.url


@contextlib.contextmanager
def cloudant_url() -> Iterator[str]:
    """Give the URL in JUGGLER_CLOUDANT_URL as it is, else that of a server started for the block.

    Raises:
        ServerError: nothing is named, and no server can be started.
    """
    if named := os.environ.get(CLOUDANT_URL):
        yield named
        return
    with couchdb() as server:
        yield server.url
