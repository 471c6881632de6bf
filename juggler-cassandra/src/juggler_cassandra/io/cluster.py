"""Making the driver's Cluster and Session of our settings; a caller's own is used as it is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

from cassandra import ConsistencyLevel, UnresolvableContactPoints
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.policies import (
    ConstantSpeculativeExecutionPolicy,
    DCAwareRoundRobinPolicy,
    ExponentialReconnectionPolicy,
    FallthroughRetryPolicy,
    NoSpeculativeExecutionPolicy,
    RoundRobinPolicy,
    TokenAwarePolicy,
)
from cassandra.query import tuple_factory

from juggler.errors import ConfigurationError, UnavailableError
from juggler_cassandra.io.wire import HANDLER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler_cassandra.settings import CassandraSettings

#: Cassandra 4 and 5 speak it; said explicitly, the driver need not try newer ones first.
_PROTOCOL: Final = 5
#: Seconds between attempts to reach a node that is down: the first, and the most.
_RECONNECT: Final = (0.1, 10.0)
_DEFAULT_HOST: Final = "127.0.0.1"
# The driver has no annotations; what checkers guess from its defaults refuses seconds as a float.
_cluster_of: Any = Cluster
_profile_with: Any = ExecutionProfile
_levels: Any = ConsistencyLevel


def connect(settings: CassandraSettings, seconds: float | None) -> tuple[Any, Any]:
    """A new cluster and session; blocking.

    Args:
        settings: of the data source.
        seconds: for the whole, None for ``connect_timeout``.

    Raises:
        UnavailableError: no address is known of any host.
        ConfigurationError: no node is in ``local_dc``.
        Exception: the driver's own.
    """
    try:
        cluster = _cluster(settings, seconds or settings.connect_timeout)
    except UnresolvableContactPoints as error:
        hosts = ", ".join(host for host, _ in settings.endpoints)
        raise UnavailableError(
            f"no address is known of {hosts}",
            hint="is the host's name right? this machine's name server does not know it",
            connector="cassandra",
        ) from error
    try:
        session = cluster.connect()
        session.client_protocol_handler = HANDLER
    except BaseException as error:
        cluster.shutdown()
        _check_place(cluster, settings, error)
        raise
    return cluster, session


def _check_place(cluster: Any, settings: CassandraSettings, error: BaseException) -> None:
    """Where no node was tried at all: whether there are any in the data centre that is named."""
    tried = isinstance(getattr(error, "errors", None), dict)
    known = {host.datacenter for host in cluster.metadata.all_hosts()} - {None}
    named = settings.local_dc is not None and settings.local_dc not in known
    if not isinstance(error, NoHostAvailable) or tried or not (named and known):
        return
    raise ConfigurationError(
        f"no node is in the data centre {settings.local_dc!r}",
        code="invalid-setting",
        hint=f"there are: {', '.join(sorted(known))}; set local_dc to the nearest",
        connector="cassandra",
    ) from error


def profile_of(session: Any, settings: CassandraSettings) -> Any:
    """The execution profile of our requests, made of the session's own, which stays as it is.

    Raises:
        ConfigurationError: the session is of the driver's old kind, without profiles.
    """
    try:
        return session.execution_profile_clone_update(
            EXEC_PROFILE_DEFAULT,
            row_factory=tuple_factory,
            retry_policy=FallthroughRetryPolicy(),
            speculative_execution_policy=_speculation(settings),
            serial_consistency_level=level(settings.serial_consistency),
        )
    except ValueError as error:
        raise ConfigurationError(
            "the session was made with settings of the old kind (default_timeout, row_factory, …)",
            code="old-session",
            hint="Cluster(execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(…)})",
            connector="cassandra",
        ) from error


def level(name: str) -> int:
    """The driver's number of a consistency level."""
    return int(_levels.name_to_value[name])


def _cluster(settings: CassandraSettings, seconds: float) -> Any:
    port = settings.default_port
    hosts = settings.endpoints or ((_DEFAULT_HOST, port),)
    points = [(host, own or port) for host, own in hosts]
    profile = _profile_with(
        load_balancing_policy=_balancing(settings),
        retry_policy=FallthroughRetryPolicy(),
        request_timeout=settings.timeout,
        row_factory=tuple_factory,
        consistency_level=level(settings.read_level("default")),
    )
    return _cluster_of(
        contact_points=points,
        port=points[0][1],
        protocol_version=settings.protocol_version or _PROTOCOL,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        auth_provider=_credentials(settings),
        ssl_context=_tls(settings),
        ssl_options=_server_name(settings),
        connect_timeout=seconds,
        control_connection_timeout=seconds,
        reconnection_policy=ExponentialReconnectionPolicy(*_RECONNECT),
        idle_heartbeat_interval=settings.heartbeat,
        idle_heartbeat_timeout=settings.heartbeat,
        application_name=settings.application,
    )


def _balancing(settings: CassandraSettings) -> Any:
    if settings.load_balancing == "round-robin":
        return TokenAwarePolicy(RoundRobinPolicy())
    return TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc=settings.local_dc or ""))


def _speculation(settings: CassandraSettings) -> Any:
    if settings.speculative_delay is None:
        return NoSpeculativeExecutionPolicy()
    return ConstantSpeculativeExecutionPolicy(
        settings.speculative_delay, settings.speculative_attempts
    )


def _credentials(settings: CassandraSettings) -> Any:
    if settings.username is None:
        return None
    return PlainTextAuthProvider(settings.username, settings.password or "")


def _tls(settings: CassandraSettings) -> ssl.SSLContext | None:
    options: Mapping[str, Any] = settings.tls_options
    if not settings.tls and not options:
        return None
    try:
        context = ssl.create_default_context(cafile=options.get("ca_certs"))
        if options.get("certfile"):
            context.load_cert_chain(options["certfile"], options.get("keyfile"))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"the certificates of tls_options cannot be used: {error}",
            code="invalid-setting",
            hint='tls_options={"ca_certs": "ca.pem", "certfile": "me.pem", "keyfile": "me.key"}',
            connector="cassandra",
        ) from error
    context.check_hostname = bool(options.get("check_hostname", True))
    return context


def _server_name(settings: CassandraSettings) -> dict[str, Any] | None:
    name = settings.tls_options.get("server_name")
    return {"server_hostname": name} if name else None
