"""How a node is set up: cassandra.yaml, logback.xml and the JVM's flags.

Small, quick to start, and otherwise like production: nothing that changes what CQL means.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TOKENS_PER_NODE = 16

_LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %logger{0}: %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""

# What Cassandra reaches into on Java 17.
_EXPORTS = (
    "java.base/java.lang.ref",
    "java.base/jdk.internal.misc",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.unsupported/sun.misc",
)
_OPENS = (
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.management/com.sun.management.internal",
)

_PROPERTIES = {
    "cassandra-foreground": "yes",
    "cassandra.consistent.rangemovement": "false",  # several nodes may join at once
    "cassandra.ring_delay_ms": "1000",
    "cassandra.shutdown_announce_in_ms": "0",
    "cassandra.skip_wait_for_gossip_to_settle": "0",
    "cassandra.superuser_setup_delay_ms": "0",
    "io.netty.tryReflectionSetAccessible": "true",
    "java.net.preferIPv4Stack": "true",
    "jdk.attach.allowAttachSelf": "true",
}
#: Every change of the schema is written to disk as it is made, unless this is "false".
_FLUSH = "cassandra.test.flush_local_schema_changes"


def write_config(
    folder: Path,
    *,
    hosts: Sequence[str],
    index: int,
    native_port: int,
    storage_port: int,
    auth: bool,
    views: bool,
    durable: bool,
    extra: Mapping[str, Any],
) -> None:
    """Write the files of node `index` of these hosts into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "logback.xml").write_text(_LOGBACK, encoding="utf-8")
    settings = {
        **network(hosts, index, native_port, storage_port),
        **_storage(folder, durable=durable),
        **_timeouts(),
        "cluster_name": "juggler",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "materialized_views_enabled": views,
        "sasi_indexes_enabled": True,
        "user_defined_functions_enabled": True,
        **_authentication(auth=auth),
        **extra,
    }
    # JSON is YAML too.
    text = json.dumps(settings, indent=2)
    (folder / "cassandra.yaml").write_text(text, encoding="utf-8")


def network(
    hosts: Sequence[str], index: int, native_port: int, storage_port: int
) -> dict[str, Any]:
    """Return where node `index` of these hosts is found, and its share of the ring."""
    seeds = ",".join(f"{host}:{storage_port}" for host in hosts)
    return {
        "listen_address": hosts[index],
        "rpc_address": hosts[index],
        "native_transport_port": native_port,
        "storage_port": storage_port,
        "endpoint_snitch": "SimpleSnitch",
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": seeds}],
            }
        ],
        "auto_bootstrap": False,
        "num_tokens": TOKENS_PER_NODE,
        "initial_token": ",".join(map(str, _tokens(len(hosts), index))),
    }


def java_arguments(
    folder: Path, jars: Sequence[Path], heap_mb: int, *, lasting: bool = True
) -> list[str]:
    """Return what stands after `java` on the command line of the node in this folder."""
    jamm = next(jar for jar in jars if jar.name.startswith("jamm-"))
    properties = {
        **_PROPERTIES,
        _FLUSH: str(lasting).lower(),
        "cassandra.config": (folder / "cassandra.yaml").as_uri(),
        "cassandra.logdir": str(folder),
        "cassandra.storagedir": str(folder),
        "java.io.tmpdir": str(folder / "tmp"),  # unpacked native libraries go with the folder
        "logback.configurationFile": str(folder / "logback.xml"),
    }
    return [
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        f"-XX:MaxDirectMemorySize={heap_mb // 2}m",
        "-Xss256k",
        "-XX:+UseSerialGC",  # the least work on a small heap and two cores
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+PerfDisableSharedMem",
        f"-javaagent:{jamm}",
        *(f"--add-exports={name}=ALL-UNNAMED" for name in _EXPORTS),
        *(f"--add-opens={name}=ALL-UNNAMED" for name in _OPENS),
        *(f"-D{name}={value}" for name, value in properties.items()),
        "-cp",
        ":".join(map(str, jars)),
        "org.apache.cassandra.service.CassandraDaemon",
    ]


def _tokens(nodes: int, index: int) -> list[int]:
    """Even shares of the ring, interleaved, the same at every start."""
    every = nodes * TOKENS_PER_NODE
    return [-(2**63) + 1 + place * 2**64 // every for place in range(index, every, nodes)]


def _storage(folder: Path, *, durable: bool) -> dict[str, Any]:
    sync = (
        {"commitlog_sync": "batch"}
        if durable
        else {"commitlog_sync": "periodic", "commitlog_sync_period": "10000ms"}
    )
    return {
        **sync,
        "data_file_directories": [str(folder / "data")],
        "commitlog_directory": str(folder / "commitlog"),
        "hints_directory": str(folder / "hints"),
        "saved_caches_directory": str(folder / "saved_caches"),
        "commitlog_segment_size": "16MiB",
        "commitlog_total_space": "256MiB",
        "auto_snapshot": False,  # dropping a table is quick and frees its space
        "disk_failure_policy": "die",
        "commit_failure_policy": "die",
    }


def _timeouts() -> dict[str, Any]:
    """Longer than the defaults: a busy laptop is no failed cluster."""
    return {
        "read_request_timeout": "10s",
        "range_request_timeout": "20s",
        "write_request_timeout": "10s",
        "counter_write_request_timeout": "10s",
        "cas_contention_timeout": "5s",
        "truncate_request_timeout": "60s",
        "request_timeout": "20s",
        "slow_query_log_timeout": "0ms",
    }


def _authentication(*, auth: bool) -> dict[str, Any]:
    if not auth:
        return {"authenticator": "AllowAllAuthenticator", "authorizer": "AllowAllAuthorizer"}
    return {
        "authenticator": "PasswordAuthenticator",
        "authorizer": "CassandraAuthorizer",
        "role_manager": "CassandraRoleManager",
        # Nothing is cached: a grant or a changed password holds from the next statement.
        "roles_validity": "0ms",
        "permissions_validity": "0ms",
        "credentials_validity": "0ms",
    }
