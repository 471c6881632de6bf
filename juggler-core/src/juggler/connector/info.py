"""What a plugin says of its connector before anything is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from attrs import field, frozen

from juggler.connector.hookspecs import CONTRACT
from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


Colour = Literal["instant", "blocking", "future", "async"]
COLOURS = get_args(Colour)


@frozen
class ConnectorInfo:
    """A connector's card.

    Attributes:
        name: the name in ``connector=`` and the URL scheme.
        factory: makes the connector object of a settings object; imports the driver, not before.
        settings: an attrs class that extends :class:`juggler.connector.Settings`.
        version: version of the distribution.
        aliases: other names (package names such as ``juggler-x`` and ``loopback-connector-x`` are
            aliases by themselves).
        io: the colour of its I/O hooks.
        contract: version of the contract it was written for.
        types: LoopBack's tags, such as ``("db", "nosql", "cassandra")``.
        relational: what ``db.is_relational()`` says.
        default_id_type: type name of an injected id (``integer``, ``uuid``, ``string``).
        data_access: a class whose methods join the models instead of the built-in operations.
        emulator: gives the pure hooks without a server (``capabilities bind plan plan_schema``) for
            ``memory:?emulate=name``; takes the settings; None when the connector object itself can
            be made without a driver.
        install: the line to type when something is missing.
        summary: one line for lists.
    """

    name: str
    factory: Callable[[Any], Any]
    settings: type | None = None
    version: str = ""
    aliases: tuple[str, ...] = ()
    io: Colour = "blocking"
    contract: tuple[int, int] = CONTRACT
    types: tuple[str, ...] = ("db",)
    relational: bool = False
    default_id_type: str = "string"
    data_access: type | None = None
    emulator: Callable[[Any], Any] | None = None
    install: str = ""
    summary: str = ""
    extra: Mapping[str, Any] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.io not in COLOURS:
            raise ConfigurationError(
                f"io={self.io!r} of connector {self.name!r} is no colour",
                code="connector-hooks",
                hint=did_you_mean(str(self.io), COLOURS),
            )
