"""Settings of the Cloudant and CouchDB connector, beside the common ones."""

from __future__ import annotations

import ipaddress
from typing import Final, Literal
from urllib.parse import urlsplit

from attrs import frozen

from juggler.connector import Settings, setting
from juggler.errors import ConfigurationError

#: LoopBack's name of the field that says of which model a document is.
DISCRIMINATOR: Final = "loopback__model__name"
DATABASE: Final = "juggler"
_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain"})

Auth = Literal["basic", "session", "iam", "none"]


@frozen(kw_only=True)
class CloudantSettings(Settings):
    """Settings of ``cloudant://``, beside the common ones.

    ``host``, ``port``, ``username``, ``password``, ``database`` (``juggler`` by default),
    ``timeout``, ``page_size`` and the cost limits are common settings.  A URL
    ``cloudant://host`` means ``https``, or ``http`` where the host is this machine; ``tls=`` says
    it, and so does ``cloudant:https://host``.

    Attributes:
        tls: whether to use ``https``; None decides by the host.
        verify: check the server's certificate.
        ca_certs: file of the authorities that sign it; None for those that the SDK knows.
        auth: ``basic``, ``session`` (a cookie), ``iam`` or ``none``; None decides by what is given.
        api_key: IAM API key.
        iam_url: where IAM is, None for IBM's own.
        read_timeout: seconds without a byte until a request is given up, within ``timeout``.
        pool_size: connections kept open.
        model_index: field that says of which model a document is.
        ids: ``plain`` (a row's key is the document's id, as LoopBack has it) or ``prefixed`` (with
            the model's name in front, so that models in one database may have equal keys).
        dense: whether every document of a model has all its declared properties, null where there
            is none; this connector writes them so.  False for documents of others.
        coerce_directions: an index of mixed directions gets that of its first key.
        adopt_indexes: LoopBack's indexes serve for declared ones that have the same keys, instead
            of indexes of our own.
        rate_read: reads per second, None for no limit.
        rate_write: writes per second, None for no limit.
        rate_query: queries per second, None for no limit.
        sample: documents of a database that discovery looks at.
        product: ``couchdb``, ``cloudant`` or ``pouchdb``; None asks the server.
    """

    tls: bool | None = setting(None, aliases=("ssl",), doc="https; None decides by the host")
    verify: bool = setting(default=True, doc="check the server's certificate")
    ca_certs: str | None = setting(doc="file of the authorities that sign certificates")
    auth: Literal["basic", "session", "iam", "none"] | None = setting(doc="how to log in")
    api_key: str | None = setting(aliases=("apikey", "iam_api_key"), secret=True, doc="IAM key")
    iam_url: str | None = setting(doc="where IAM is")
    read_timeout: float = setting(30.0, doc="seconds until a silent request is given up")
    pool_size: int = setting(10, aliases=("max_connections",), doc="connections kept open")
    model_index: str = setting(DISCRIMINATOR, doc="field that names a document's model")
    ids: Literal["plain", "prefixed"] = setting(
        "plain", doc="keys as document ids: plain or prefixed"
    )
    dense: bool = setting(default=True, doc="documents have all declared properties")
    coerce_directions: bool = setting(default=False, doc="mixed index directions are made one")
    adopt_indexes: bool = setting(default=False, doc="LoopBack's indexes instead of own ones")
    rate_read: float | None = setting(doc="reads per second")
    rate_write: float | None = setting(doc="writes per second")
    rate_query: float | None = setting(doc="queries per second")
    sample: int = setting(1000, doc="documents that discovery looks at")
    product: Literal["couchdb", "cloudant", "pouchdb"] | None = setting(doc="server product")

    def check(self) -> None:
        """Refuse what does not go together."""
        super().check()
        if self.auth == "iam" and not self.api_key:
            raise _wrong("auth='iam' needs an API key", "api_key=…")
        if self.auth in {"basic", "session"} and not (self.username and self.password):
            raise _wrong(
                f"auth={self.auth!r} needs a name and a password", "username=…, password=…"
            )
        for name in ("pool_size", "sample"):
            if getattr(self, name) < 1:
                raise _wrong(f"setting {name!r} has to be at least 1", f"{name}=10")
        for name in ("rate_read", "rate_write", "rate_query", "read_timeout"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise _wrong(f"setting {name!r} has to be more than 0", f"{name}=5")
        if not self.model_index or self.model_index.startswith("_"):
            raise _wrong(
                f"setting 'model_index' cannot be {self.model_index!r}",
                f"fields that begin with _ are the server's own: model_index={DISCRIMINATOR!r}",
            )

    @property
    def way(self) -> Auth:
        """How to prove who we are: as set, else by what is given."""
        if self.auth is not None:
            return self.auth
        if self.api_key:
            return "iam"
        return "basic" if self.username and self.password else "none"

    @property
    def service_url(self) -> str:
        """The server's URL without user, password and database."""
        if self.url and self.url.startswith(("http://", "https://")):
            return self.url.rstrip("/")
        host, port = next(iter(self.endpoints), ("localhost", self.port))
        tls = self.tls if self.tls is not None else not is_local(host)
        shown = f"[{host}]" if ":" in host else host
        if port is None and not tls:
            port = 5984
        return f"{'https' if tls else 'http'}://{shown}" + (f":{port}" if port else "")

    @property
    def is_near(self) -> bool:
        """Whether the server is on this machine, where compressing requests takes longer."""
        return is_local(urlsplit(self.service_url).hostname or "")

    @property
    def default_database(self) -> str:
        """The database of models that name none."""
        return self.database or DATABASE


def is_local(host: str) -> bool:
    """Whether a host name is this machine's own."""
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wrong(cause: str, hint: str) -> ConfigurationError:
    return ConfigurationError(cause, code="invalid-setting", hint=hint, connector="cloudant")
