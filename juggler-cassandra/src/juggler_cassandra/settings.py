"""Settings of the Cassandra connector, beside the common ones."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - settings are read by annotation
from typing import Any, Final, Literal

from attrs import frozen

from juggler.connector import Settings, setting
from juggler.errors import CapabilityError, ConfigurationError, did_you_mean

#: Cassandra's own consistency levels.
LEVELS: Final = frozenset(
    {
        "ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE",
        "SERIAL", "LOCAL_SERIAL",
    }
)  # fmt: skip
SERIAL: Final = frozenset({"SERIAL", "LOCAL_SERIAL"})
#: Levels at which nothing can be read.
_ONLY_WRITES: Final = frozenset({"ANY"})
_NEUTRAL: Final = {
    "eventual": "LOCAL_ONE",
    "default": "LOCAL_QUORUM",
    "session": "LOCAL_QUORUM",
    "strong": "LOCAL_SERIAL",
}
#: Juggler's own words for levels.
NEUTRAL_LEVELS: Final = frozenset(_NEUTRAL)
#: Levels that promise no more than a view gives.
EVENTUAL: Final = frozenset({"eventual", "ONE", "LOCAL_ONE"})
_REPLICATION: Final[Mapping[str, Any]] = {"class": "SimpleStrategy", "replication_factor": 1}


@frozen(kw_only=True)
class CassandraSettings(Settings):
    """Settings of ``cassandra://``, beside the common ones.

    ``host`` (contact points), ``port`` (9042), ``database`` (keyspace), ``username``, ``password``,
    ``timeout``, ``consistency``, ``page_size``, ``writes`` and the cost limits are common settings.

    Attributes:
        create_keyspace: let a schema plan create the keyspace when it is not there.
        replication: of a keyspace that is created, as in CQL: ``{"class": …, …}``.
        local_dc: name of the data centre to talk to; None takes the first contact point's.
        load_balancing: ``dc-aware`` (the local data centre, replicas first) or ``round-robin``.
        protocol_version: of the native protocol; None negotiates.
        serial_consistency: ``LOCAL_SERIAL`` or ``SERIAL``, for light-weight transactions and for
            reads that are ``strong``.
        write_consistency: of writes, None for that of ``consistency``.
        tls: True for TLS, or what is in ``tls_options``.
        tls_options: ``ca_certs``, ``certfile``, ``keyfile``, ``check_hostname``, ``server_name``.
        concurrency: requests at the same time of one read.
        write_concurrency: requests at the same time of one bulk write.
        speculative_delay: seconds after which an idempotent read is also sent to another node;
            None never.
        speculative_attempts: how often.
        heartbeat: seconds between signs of life on idle connections, and for each to be answered;
            a connection that gives none is made again.
        views: reads of a base table that a view may serve by itself: ``eventual`` those with that
            consistency, ``all`` every one, ``never``.  A view that is read as a model, or named in
            the call, is read in any case.
        session: a session of your own; it is used as it is and left untouched and open.
        application: name that the server sees.
    """

    create_keyspace: bool = setting(default=False, doc="create the keyspace when it is missing")
    replication: Mapping[str, Any] = setting(_REPLICATION, doc="replication of a new keyspace")
    local_dc: str | None = setting(aliases=("local_data_center", "datacenter"), doc="data centre")
    load_balancing: Literal["dc-aware", "round-robin"] = setting("dc-aware", doc="which nodes")
    protocol_version: int | None = setting(doc="native protocol, None negotiates")
    serial_consistency: Literal["LOCAL_SERIAL", "SERIAL"] = setting(
        "LOCAL_SERIAL", doc="consistency of light-weight transactions"
    )
    write_consistency: str | None = setting(doc="consistency of writes")
    tls: bool = setting(default=False, aliases=("ssl",), doc="encrypt the connection")
    tls_options: Mapping[str, Any] = setting({}, aliases=("ssl_options",), doc="certificates")
    concurrency: int = setting(32, doc="requests at the same time of one read")
    write_concurrency: int = setting(64, doc="requests at the same time of one bulk write")
    speculative_delay: float | None = setting(doc="seconds before a read is also sent elsewhere")
    speculative_attempts: int = setting(2, doc="how often a read is also sent elsewhere")
    heartbeat: float = setting(10.0, doc="seconds between signs of life, and for each")
    views: Literal["eventual", "all", "never"] = setting(
        "eventual", aliases=("allow_views_for",), doc="which reads a view may serve by itself"
    )
    session: Any = setting(doc="a session of your own")  # noqa: RUF009 - a field
    application: str | None = setting(aliases=("application_name",), doc="name for the server")

    def guard(self) -> dict[str, Any]:
        """As every store behind a server; fewer partitions."""
        return {**super().guard(), "max_partitions": 100}

    def check(self) -> None:
        """Refuse levels and numbers that cannot be."""
        super().check()
        if self.consistency not in _NEUTRAL:
            _known(self.consistency, "consistency")
        if self.write_consistency is not None:
            _known(self.write_consistency, "write_consistency")
        for name in ("concurrency", "write_concurrency", "speculative_attempts"):
            if getattr(self, name) < 1:
                raise ConfigurationError(
                    f"setting {name!r} has to be at least 1",
                    code="invalid-setting",
                    hint=f"{name}=32",
                    connector="cassandra",
                )

    @property
    def default_port(self) -> int:
        """The port of hosts that name none."""
        return self.port or 9042

    def read_level(self, asked: str) -> str:
        """Cassandra's level for a read: of ``eventual default session strong``, or its own name.

        Raises:
            CapabilityError: there is no such level, or nothing can be read at it.
        """
        if asked == "default" and self.consistency != "default":
            asked = self.consistency
        if asked == "strong":
            return self.serial_consistency
        level = _NEUTRAL.get(asked, asked.upper())
        if level not in LEVELS or level in _ONLY_WRITES:
            raise _no_level(asked, "read")
        return level

    def write_level(self, asked: str) -> str:
        """Cassandra's level for a write (the commit level of a light-weight transaction).

        Raises:
            CapabilityError: there is no such level, or nothing can be written at it.
        """
        if asked == "default":
            asked = self.write_consistency or self.consistency
        level = "LOCAL_QUORUM" if asked == "strong" else _NEUTRAL.get(asked, asked.upper())
        if level not in LEVELS or level in SERIAL:
            raise _no_level(asked, "write")
        return level


def _no_level(asked: str, what: str) -> CapabilityError:
    return CapabilityError(
        f"Cassandra cannot {what} at consistency {asked!r}",
        feature="consistency",
        alternatives=(f"one of {', '.join(_NEUTRAL)}, or a level such as LOCAL_QUORUM",),
        connector="cassandra",
    )


def _known(level: str, name: str) -> None:
    if level.upper() not in LEVELS:
        known = [*_NEUTRAL, *sorted(name.lower() for name in LEVELS)]
        raise ConfigurationError(
            f"setting {name!r}: there is no consistency {level!r}",
            code="invalid-setting",
            hint=did_you_mean(level.lower(), known),
            connector="cassandra",
        )
