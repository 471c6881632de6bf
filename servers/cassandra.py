"""A real Apache Cassandra on loopback: one node, or several on 127.0.0.1, and so on."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any

from . import cassandra_config, ports
from .errors import ServerError
from .jars import cassandra_jars
from .java import find_java
from .places import run_folder
from .process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

VERSION = "5.0.5"
START_SECONDS = 180.0
_OPTIONS_REQUEST = bytes([4, 0, 0, 0, 5, 0, 0, 0, 0])  # CQL v4: what do you support?
_SUPPORTED_REPLY = bytes([0x84, 0, 0, 0, 6])


class Node:
    """One node: it can be killed, stopped, paused and started again on its own data.

    Args:
        host: its loopback address.
        port: where it takes CQL.
        storage_port: where nodes talk to each other.
        process: how it runs.
    """

    def __init__(self, host: str, port: int, storage_port: int, process: ServerProcess) -> None:
        self.host = host
        self.port = port
        self.storage_port = storage_port
        self.process = process
        self.others: tuple[Node, ...] = ()
        self._seen_from: dict[str, int] = {}
        self._data_is_new = not (process.log.parent / "data").exists()
        self.auth = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.process.running

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers."""
        for other in self.others:
            other.expect(self)
        self.process.start()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.process.kill()

    def stop(self) -> None:
        """End it in order: it tells the others and writes its tables to disk."""
        self.process.stop()

    def pause(self) -> None:
        """Hang it: connections stay open, nothing is answered."""
        self.process.pause()

    def resume(self) -> None:
        """Let a paused one go on."""
        self.process.resume()

    def wait_ready(self, timeout: float = START_SECONDS) -> None:
        """Wait until it takes CQL, and it and every other running node see each other up.

        Raises:
            ServerError: it ended or took too long; with the end of its log.
        """
        self.process.wait_until(self._listens, f"ready for CQL on {self.host}:{self.port}", timeout)
        for other in self.others:
            if other.running:
                self.wait_for(other, timeout)
                other.wait_for(self, timeout)
        self._data_is_new = False

    def expect(self, other: Node) -> None:
        """Note that another node starts now: what the log said of it before is old."""
        self._seen_from[other.host] = self.process.log_size()

    def wait_for(self, other: Node, timeout: float) -> None:
        """Wait until this node has found the other one up.

        Raises:
            ServerError: this one ended, or it took too long.
        """
        since = self._seen_from.get(other.host, 0)
        endpoint = f"/{other.host}:{other.storage_port} is now UP"
        self.process.wait_until(
            lambda: endpoint in self.process.log_text(since), f"in touch with {other.host}", timeout
        )

    def _listens(self) -> bool:
        # Clients are let in before the first role is written.
        if self.auth and self._data_is_new and not self._has_roles():
            return False
        return _answers(self.host, self.port)

    def _has_roles(self) -> bool:
        nodes = (self, *self.others)
        return any("Created default superuser role" in node.process.log_text() for node in nodes)


class Cassandra:
    """A cluster of one or more nodes; its methods act on all of them.

    Args:
        nodes: the nodes, made but not started.
        auth: whether they ask for a name and password.
    """

    username = "cassandra"
    password = "cassandra"  # noqa: S105 - what a new server sets itself

    def __init__(self, nodes: Sequence[Node], *, auth: bool) -> None:
        self.nodes = tuple(nodes)
        self.auth = auth
        for node in self.nodes:
            node.auth = auth
            node.others = tuple(other for other in self.nodes if other is not node)

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
            command = [str(java), *cassandra_config.java_arguments(place, jars, heap_mb)]
            process = ServerProcess(f"Cassandra on {host}", command, log=place / "node.log")
            made.append(Node(host, native_port, storage_port, process))
        cluster = Cassandra(made, auth=auth)
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


def _answers(host: str, port: int) -> bool:
    """Whether a CQL server answers there."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(_OPTIONS_REQUEST)
            return connection.recv(len(_SUPPORTED_REPLY)) == _SUPPORTED_REPLY
    except OSError:
        return False
