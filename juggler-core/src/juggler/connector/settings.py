"""Settings of a data source: the common ones, and the base of every connector's own.

A connector's settings are an attrs class::

    @frozen(kw_only=True)
    class ShopSettings(Settings):
        region: str = setting("eu", aliases=("zone",))
        api_key: str | None = setting(None, secret=True)

Names are accepted in snake_case and camelCase; texts (from URLs and files) become what the
annotation says; an unknown name is an error with a suggestion; secrets are never shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence  # noqa: TC003 - settings are read by annotation
from typing import Any, Literal, Self

from attrs import field, frozen

from juggler.connector._coerce import Unfit, fit, misfit
from juggler.connector._described import describe, folded, snake
from juggler.connector._masking import MASK, mask_all, mask_url
from juggler.errors import ConfigurationError, did_you_mean
from juggler.values.missing import MISSING

ScanPolicy = Literal["refuse", "warn", "allow"]

#: Seconds; more is a mistake of the unit.
LONGEST = 3600.0
#: The default that the connector's `guard` decides.
GUARD = MISSING
TOKEN_SECRET = "JUGGLER_TOKEN_SECRET"  # noqa: S105 - the variable's name


def setting(
    default: Any = None,
    *,
    aliases: Sequence[str] = (),
    secret: bool = False,
    doc: str = "",
) -> Any:
    """A setting of a :class:`Settings` class.

    Args:
        default: its value when it is not given.
        aliases: other names, in snake_case.
        secret: whether its value must never be shown.
        doc: one line for lists of settings.
    """
    shown: Any = _hidden if secret else True
    metadata = {"aliases": tuple(aliases), "secret": secret, "doc": doc}
    return field(default=default, repr=shown, metadata=metadata)


def _hidden(value: Any) -> str:
    return repr(value) if value is None or value == () else MASK


def _masked_url_repr(value: str | None) -> str:
    return repr(value and mask_url(value))


@frozen(kw_only=True)
class Settings:
    """The settings that every data source takes.

    Attributes:
        url: where the store is, as a URL; its parts fill the other settings.
        host: host name, or several separated by commas, each with an optional port.
        port: port, for the hosts that name none.
        username: who we are.
        password: how we prove it.
        database: database, keyspace or schema.
        debug: log native statements and the life cycle to the logger ``juggler.<connector>``.
        lazy_connect: connect at the first operation; False connects when the data source is made.
        connect_timeout: seconds that operations wait for the connection.
        timeout: seconds for one request, None for no bound.
        scan: what happens to a query that would scan: ``refuse``, ``warn``, or ``allow``, which
            also lifts the bounds that are not given.
        allow_scan: True allows scans within the bounds.
        max_scanned: rows that unindexed work may read, None for no bound.
        max_sort: rows that may be sorted in memory, None for no bound.
        max_partitions: partitions that one query may read, None for no bound.
        token_secret: signs page tokens; several for rotation, the first one signs.  The variable
            ``JUGGLER_TOKEN_SECRET`` is taken when it is not given.
        naive: what datetimes without a zone are: ``refuse`` them, or take them as ``utc``.
        consistency: the level that ``default`` stands for.
        writes: ``safe`` or ``blind``, for models that do not say.
        page_size: rows per request, None for the connector's own.
        retries: how often a failed request may be sent again.
        check_on_open: compare the models with the store when it connects.
        extra: settings that nobody declared, where a connector takes any.
    """

    url: str | None = field(default=None, repr=_masked_url_repr)
    host: str | None = setting(aliases=("hostname", "hosts", "contact_points"))
    port: int | None = setting()
    username: str | None = setting(aliases=("user",))
    password: str | None = setting(secret=True)
    database: str | None = setting(aliases=("db", "keyspace"))
    debug: bool = setting(default=False)
    lazy_connect: bool = setting(default=True)
    connect_timeout: float = setting(5.0, aliases=("connection_timeout",))
    timeout: float | None = setting(30.0)
    scan: ScanPolicy = setting(default=GUARD)  # noqa: RUF009 - evaluated once, like field
    allow_scan: bool = setting(default=False)
    max_scanned: int | None = setting(default=GUARD)
    max_sort: int | None = setting(default=GUARD)
    max_partitions: int | None = setting(default=GUARD)
    token_secret: tuple[str, ...] = setting((), aliases=("token_secrets",), secret=True)
    naive: Literal["refuse", "utc"] = setting("refuse")
    consistency: str = setting("default")
    writes: Literal["safe", "blind"] = setting("safe")
    page_size: int | None = setting()
    retries: int = setting(3)
    check_on_open: bool = setting(default=False)
    extra: Mapping[str, Any] = field(factory=dict, repr=lambda value: repr(mask_all(value)))

    def __attrs_post_init__(self) -> None:
        guard = dict(OPEN_GUARD) if self.scan == "allow" else self.guard()
        if self.allow_scan:
            guard["scan"] = "allow"
        for name, value in guard.items():
            if getattr(self, name) is MISSING:
                object.__setattr__(self, name, value)
        self.check()

    def guard(self) -> dict[str, Any]:
        """The cost guard's defaults; stores inside the process override it (see `OPEN_GUARD`)."""
        return dict(REMOTE_GUARD)

    def check(self) -> None:
        """Refuse values that do not go together; connectors extend it.

        Raises:
            ConfigurationError: naming the setting.
        """
        _bounded("port", self.port, 1, 65535)
        _bounded("connect_timeout", self.connect_timeout, 0, LONGEST, "seconds")
        _bounded("timeout", self.timeout, 0, LONGEST, "seconds")
        _bounded("retries", self.retries, 0, 100)
        _bounded("page_size", self.page_size, 1, None)
        for name in ("max_scanned", "max_sort", "max_partitions"):
            _bounded(name, getattr(self, name), 0, None)

    # ------------------------------------------------------------ made of

    @classmethod
    def of(cls, data: Mapping[Any, Any], *, connector: str = "", open_ended: bool = False) -> Self:
        """Settings of a mapping.

        Args:
            data: names in snake_case or camelCase; a value is of its type, or a text of it.
            connector: the connector's name, for errors.
            open_ended: keep unknown names in ``extra`` instead of refusing them.

        Raises:
            ConfigurationError: for an unknown or doubly given name and for a value that does not
                fit; nothing else.
        """
        names = describe(cls).names
        given: dict[str, tuple[str, Any]] = {}
        extra: dict[str, Any] = {}
        for key, value in data.items():
            text = key if isinstance(key, str) else ""
            name = names.get(folded(text))
            if name is None:
                if not (open_ended and text):
                    raise _unknown(cls, key, connector)
                extra[text] = value
            elif name in given and given[name][1] != value:
                raise ConfigurationError(
                    f"setting {name!r} is given twice: as {given[name][0]!r} and as {key!r}",
                    code="setting-twice",
                    hint="keep one of them",
                    connector=connector or None,
                )
            else:
                given[name] = (key, value)
        values = {name: _value(cls, name, raw, connector) for name, (_, raw) in given.items()}
        if extra:
            values["extra"] = extra
        return cls(**values)

    # ------------------------------------------------------------ shown

    def masked(self) -> dict[str, Any]:
        """All settings by name; secrets that are set are ``***``."""
        described = describe(type(self))
        shown: dict[str, Any] = {}
        for name in described.docs:
            value = getattr(self, name)
            if name in described.secret:
                shown[name] = MASK if value else value
            else:
                shown[name] = mask_url(value) if isinstance(value, str) else value
        return shown | mask_all(self.extra)

    def __getitem__(self, name: str) -> Any:
        """A setting by any of its names, undeclared ones included; KeyError without one."""
        known = describe(type(self)).names.get(folded(name))
        return getattr(self, known) if known else self.extra[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A setting by any of its names, or the default."""
        try:
            value = self[name]
        except KeyError:
            return default
        return default if value is None else value

    # ------------------------------------------------------------ asked for

    @property
    def endpoints(self) -> tuple[tuple[str, int | None], ...]:
        """(host, port) of each host; the port is the host's own, or the setting."""
        found = []
        for text in (self.host or "").split(","):
            name, port = split_host(text.strip())
            if name:
                found.append((name, self.port if port is None else port))
        return tuple(found)

    @property
    def naive_utc(self) -> bool:
        """Whether datetimes without a zone are taken as UTC."""
        return self.naive == "utc"

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """Secrets for page tokens, the signing one first; empty for a random one per process."""
        return self.token_secret or tuple(
            text for text in re.split(r"[\s,]+", os.environ.get(TOKEN_SECRET, "")) if text
        )


#: Stores behind a server: no scans, bounded work.
REMOTE_GUARD: Mapping[str, Any] = {
    "scan": "refuse",
    "max_scanned": 10_000,
    "max_sort": 10_000,
    "max_partitions": 256,
}
#: Stores inside the process: anything of any size.
OPEN_GUARD: Mapping[str, Any] = {
    "scan": "allow",
    "max_scanned": None,
    "max_sort": None,
    "max_partitions": None,
}


def split_host(text: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]`` or ``[v6]:port`` as (host, port or None)."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::([0-9]{1,5}))?", text)
    plain = re.fullmatch(r"([^:]*)(?::([0-9]{1,5}))?", text)
    match = bracketed or plain
    if match is None:  # a bare IPv6 address
        return text, None
    return match[1], int(match[2]) if match[2] else None


def _bounded(name: str, value: Any, low: float, high: float | None, unit: str = "") -> None:
    if value is None or (value >= low and (high is None or value <= high)):
        return
    bound = f"at least {low}" if high is None else f"between {low} and {high:g}"
    hint = f"{name} is in seconds: 5000 ms are 5" if unit else f"give a value {bound}"
    raise ConfigurationError(
        f"setting {name!r} has to be {bound} {unit}".rstrip(),
        code="invalid-setting",
        hint=hint,
    )


def _value(cls: Any, name: str, raw: Any, connector: str) -> Any:
    described = describe(cls)
    if name == "host" and isinstance(raw, list | tuple) and all(isinstance(h, str) for h in raw):
        raw = ",".join(raw)
    if name == "token_secret" and isinstance(raw, str):
        raw = (raw,)
    try:
        return fit(described.hints[name], raw)
    except Unfit as expected:
        secret = name in described.secret or name == "url"
        raise misfit(name, raw, str(expected), secret=secret, connector=connector) from None


def _unknown(cls: Any, key: Any, connector: str) -> ConfigurationError:
    shown = key[:80] if isinstance(key, str) else type(key).__name__
    of = f" of connector {connector!r}" if connector else ""
    return ConfigurationError(
        f"unknown setting {shown!r}{of}",
        code="unknown-setting",
        hint=did_you_mean(snake(shown), describe(cls).spellings),
        connector=connector or None,
    )
