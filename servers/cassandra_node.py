"""One node of a Cassandra cluster, and when it is ready."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from . import cql

if TYPE_CHECKING:
    from .process import ServerProcess

START_SECONDS = 180.0


class Node:
    """One node: it can be killed, stopped, paused and started again on its own data.

    Args:
        host: its loopback address.
        port: where it takes CQL.
        storage_port: where nodes talk to each other.
        login: name and password of a role that may read system tables, if it asks for one.
        process: how it runs.
    """

    def __init__(
        self,
        host: str,
        port: int,
        storage_port: int,
        login: tuple[str, str] | None,
        process: ServerProcess,
    ) -> None:
        self.host = host
        self.port = port
        self.storage_port = storage_port
        self.login = login
        self.process = process
        self.others: tuple[Node, ...] = ()
        self._seen_from: dict[str, int] = {}

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
        self.process.wait_until(self._answers, f"ready for CQL on {self.host}:{self.port}", timeout)
        for other in self.others:
            if other.running:
                self.wait_for(other, timeout)
                other.wait_for(self, timeout)

    def wait_for(self, other: Node, timeout: float) -> None:
        """Wait until this node sees the other one up, as a member with the same schema.

        Raises:
            ServerError: this one ended, or it took too long.
        """
        found = f"in touch with {other.host}"
        self.process.wait_until(lambda: self._sees(other) and self._agrees(other), found, timeout)

    def expect(self, other: Node) -> None:
        """Note that another node starts now: what the log said of it before is old."""
        self._seen_from[other.host] = self.process.log_size()

    def _answers(self) -> bool:
        try:
            return bool(self._query("SELECT key FROM system.local"))
        except OSError:
            return False

    def _sees(self, other: Node) -> bool:
        """Whether this node's failure detector found the other one up since that one's start."""
        up = f"/{other.host}:{other.storage_port} is now UP"
        return up in self.process.log_text(self._seen_from.get(other.host, 0))

    def _agrees(self, other: Node) -> bool:
        """Whether clients of this node are told of the other one, and schemas are equal."""
        peers = "SELECT peer, native_address, schema_version, tokens FROM system.peers_v2"
        try:
            rows = {row[0]: row for row in self._query(peers) if None not in row}
            ((schema,),) = self._query("SELECT schema_version FROM system.local")
        except OSError:
            return False
        row = rows.get(socket.inet_aton(other.host))
        return row is not None and row[2] == schema

    def _query(self, statement: str) -> list[cql.Row]:
        return cql.query(self.host, self.port, statement, self.login)
