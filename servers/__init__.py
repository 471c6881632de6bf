"""Real servers on loopback for tests, examples and benchmarks: `python -m servers --help`."""

from .cassandra import Cassandra, Node, cassandra
from .errors import ServerError

__all__ = ["Cassandra", "Node", "ServerError", "cassandra"]
