"""Real servers on loopback for tests, examples and benchmarks: `python -m servers --help`."""

from .cassandra import Cassandra, cassandra
from .cassandra_node import Node
from .couchdb import CouchDB, couchdb
from .errors import ServerError
from .named import cassandra_url, cloudant_url, server_lasts
from .proxy import Proxy

__all__ = [
    "Cassandra",
    "CouchDB",
    "Node",
    "Proxy",
    "ServerError",
    "cassandra",
    "cassandra_url",
    "cloudant_url",
    "couchdb",
    "server_lasts",
]
