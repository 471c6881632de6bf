"""A real Apache Cassandra on loopback: one node, or several on 127.0.0.1, and so on."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from . import cassandra_config, ports
from .cassandra_node import START_SECONDS, Node
from .errors import ServerError
from .jars import cassandra_jars
from .java import find_java
from .places import run_folder
from .process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

VERSION = "5.0.5"
_LOGIN = ("cassandra", "cassandra")  # the superuser of a new server


class Cassandra:
    """A cluster of one or more nodes; its methods act on all of them.

    Args:
        nodes: the nodes, made but not started.
        auth: whether they ask for a name and password.
        version: Cassandra's.
    """

    username, password = _LOGIN

    def __init__(self, nodes: Sequence[Node], *, auth: bool, version: str) -> None:
        self.nodes = tuple(nodes)
        self.version = version
        self.auth = auth
        for node in self.nodes:
            node.others = tuple(other for other in self.nodes if other is not node)

    @property
    def name(self) -> str:
        """Product, version and size, for a report."""
        nodes = f", {len(self.nodes)} nodes" if len(self.nodes) > 1 else ""
        return f"Cassandra {self.version}{nodes}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The nodes' addresses."""
        return tuple(node.host for node in self.nodes)

    @property
    def port(self) -> int:
        """The CQL port, the same on every node."""
        return self.nodes[0].port

    @property
    def url(self) -> str:
        """All nodes in one URL, `cassandra://127.0.0.1,127.0.0.2:9042`, with name and password."""
        login = f"{self.username}:{self.password}@" if self.auth else ""
        return f"cassandra://{login}{','.join(self.hosts)}:{self.port}"

    def start(self) -> None:
        """Start the nodes that do not run."""
        for node in self.nodes:
            if not node.running:
                node.start()

    def kill(self) -> None:
        """End all nodes at once (SIGKILL)."""
        for node in self.nodes:
            node.kill()

    def stop(self) -> None:
        """End all nodes in order."""
        for node in self.nodes:
            node.stop()

    def wait_ready(self, timeout: float = START_SECONDS) -> None:
        """Wait until every node takes CQL and all see each other up.

        Raises:
            ServerError: a node ended or took too long; with the end of its log.
        """
        for node in self.nodes:
            node.wait_ready(timeout)


@contextlib.contextmanager
def cassandra(
    *,
    nodes: int = 1,
    port: int | None = None,
    data: Path | None = None,
    auth: bool = False,
    views: bool = True,
    durable: bool | None = None,
    lasting: bool = True,
    heap_mb: int = 512,
    config: Mapping[str, Any] | None = None,
    version: str = VERSION,
) -> Iterator[Cassandra]:
    """Start Cassandra on loopback, wait until it is ready, and end it with the block.

    Args:
        nodes: how many; node n listens on 127.0.0.n.
        port: for CQL; a free one by default.
        data: a folder whose data are used and kept; by default nothing is kept.
        auth: ask for a name and password; `cassandra`, `cassandra` is the superuser.
        views: whether materialized views may be made.
        durable: whether a write is on disk before it is acknowledged, so that not even a killed
            node forgets one. It costs a disk flush a write; by default only several nodes do it.
        lasting: whether a node that was killed knows its tables when it is started again. What
            makes and drops tables takes a fifth of the time without it.
        heap_mb: Java heap of each node, in MiB.
        config: entries for cassandra.yaml, over ours: guardrails, timeouts.
        version: of the Maven artifact `org.apache.cassandra:cassandra-all`.

    Raises:
        ServerError: no Java 17, nothing to fetch it with, or it does not start (with its log).
    """
    hosts = [f"127.0.0.{number}" for number in range(1, nodes + 1)]
    java = find_java()
    jars = cassandra_jars(version)
    with run_folder("cassandra", data) as folder:
        native_port, storage_port = _ports(folder, hosts, port)
        made: list[Node] = []
        for index, host in enumerate(hosts):
            place = folder / f"node{index + 1}"
            cassandra_config.write_config(
                place,
                hosts=hosts,
                index=index,
                native_port=native_port,
                storage_port=storage_port,
                auth=auth,
                views=views,
                durable=nodes > 1 if durable is None else durable,
                extra=config or {},
            )
            command = [
                str(java),
                *cassandra_config.java_arguments(place, jars, heap_mb, lasting=lasting),
            ]
            process = ServerProcess(f"Cassandra on {host}", command, log=place / "node.log")
            made.append(Node(host, native_port, storage_port, _LOGIN if auth else None, process))
        cluster = Cassandra(made, auth=auth, version=version)
        try:
            cluster.start()
            cluster.wait_ready()
            yield cluster
        finally:
            if data is None:
                cluster.kill()
            else:
                cluster.stop()


def _ports(folder: Path, hosts: Sequence[str], port: int | None) -> tuple[int, int]:
    """Free ports; kept data need those they were made with, which other nodes know them by."""
    note = folder / "ports.json"
    if note.exists():
        kept = json.loads(note.read_text(encoding="utf-8"))
        if kept["hosts"] != list(hosts):
            raise ServerError(f"the data in {folder} are of {len(kept['hosts'])} node(s)")
        native_port, storage_port = port or kept["native"], kept["storage"]
    else:
        native_port = port or ports.free_port(*hosts)
        storage_port = ports.free_port(*hosts, besides=native_port)
    for number in (native_port, storage_port):
        for host in hosts:
            if not ports.is_free(host, number):
                raise ServerError(f"port {number} on {host} is taken by another program")
    noted = {"hosts": list(hosts), "native": native_port, "storage": storage_port}
    note.write_text(json.dumps(noted), encoding="utf-8")
    return native_port, storage_port
