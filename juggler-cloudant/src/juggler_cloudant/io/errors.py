"""The SDK's, ``requests``' and the server's errors as Juggler's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import requests
from ibm_cloud_sdk_core import ApiException

from juggler.errors import (
    AuthenticationError,
    AuthorizationError,
    BackendError,
    CapabilityError,
    ConfigurationError,
    ConflictError,
    DeadlineError,
    InvalidQueryError,
    InvalidValueError,
    JugglerError,
    OutcomeUnknownError,
    RateLimitedError,
    SchemaDriftError,
    SchemaMissingError,
    TooLargeError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAME: Final = "cloudant"
_UNCERTAIN: Final = frozenset({500, 502, 504})
_AWAY: Final = frozenset({502, 503, 504})
_QUERY_WORDS: Final = frozenset(
    {"no_usable_index", "invalid_index", "unsupported_mixed_sort", "invalid_operator", "bad_arg",
     "invalid_selector", "query_parse_error"}
)  # fmt: skip
#: What only an administrator may; of a design document's index the server says it with a 500.
_ADMINS: Final = re.compile(
    r"You are not a (?:db or )?server admin|saving the design document: (?:forbidden|unauthorized)"
)
_VALUE_WORDS: Final = frozenset({"illegal_docid", "doc_validation"})


class NotThereError(Exception):
    """404: whoever asked knows what it means."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def database(self) -> bool:
        """Whether it is the database that is missing."""
        return "atabase does not exist" in self.reason or "no_db_file" in self.reason


def of_answer(error: ApiException, *, write: bool, request: str) -> Exception:
    """The error of an answer that says that something is wrong."""
    status: int = error.status_code
    word, reason = _body(error)
    text = f"{word}: {reason}" if word else f"HTTP {status}"
    about: dict[str, Any] = {"connector": _NAME, "native": f"{request} → {status} {text}"}
    if status == requests.codes.not_found:
        return NotThereError(reason or word)
    if _ADMINS.search(reason):
        return _not_an_admin(text, about)
    if simple := _SIMPLE.get(status):
        return simple(text, about)
    if status == requests.codes.too_many_requests:
        return RateLimitedError(
            f"the service asks to slow down ({reason or 'too many requests'})",
            retry_after=_seconds(error),
            hint="set rate_query, rate_read and rate_write to what your plan allows",
            **about,
        )
    if status == requests.codes.bad_request:
        return _bad_request(word, text, about)
    if write and status in _UNCERTAIN:
        return unknown(text, about)
    if "index service" in reason:
        return CapabilityError(
            f"the server has no search: {reason}",
            feature="native_query",
            alternatives=("a Cloudant, or a CouchDB with Clouseau or Nouveau",),
            connector=_NAME,
        )
    if status in _AWAY:
        return UnavailableError(f"the server cannot serve now: {text}", **about)
    return BackendError(text, **about)


def _bad_request(word: str, text: str, about: dict[str, Any]) -> JugglerError:
    if word in _QUERY_WORDS:
        return InvalidQueryError(text, code="invalid-native-query", **about)
    if word in _VALUE_WORDS:
        return InvalidValueError(text, **about)
    return BackendError(text, **about)


def _not_an_admin(text: str, about: dict[str, Any]) -> AuthorizationError:
    return AuthorizationError(
        f"the server does not allow it: {text}",
        hint="log in as an administrator of the server or database, or let one do it "
        "(`juggler apply`)",
        **about,
    )


def of_row(word: str, reason: str) -> JugglerError:
    """The error of one row of a bulk that the server refused."""
    cause = f"{word}: {reason}"
    if word in {"forbidden", "unauthorized"}:
        return AuthorizationError(cause, connector=_NAME)
    if word in {"too_large", "document_too_large"}:
        return TooLargeError(cause, connector=_NAME)
    return BackendError(cause, connector=_NAME)


def of_login(error: Exception) -> JugglerError:
    """The error of a session or a token that was refused: nothing was sent for it yet."""
    if not isinstance(error, ApiException):
        cause = f"the login's answer cannot be used: {error!s:.200}"
        return AuthenticationError(cause, connector=_NAME)
    status = int(error.status_code or 0)
    word, reason = _body(error)
    cause = reason or word or str(error.message)
    if status == requests.codes.too_many_requests or status in {*_UNCERTAIN, *_AWAY}:
        return UnavailableError(f"no login now: HTTP {status} {cause}", connector=_NAME)
    return AuthenticationError(
        f"the login was refused: {cause}",
        hint="check username and password, or the API key and iam_url",
        connector=_NAME,
    )


def _body(error: ApiException) -> tuple[str, str]:
    response = getattr(error, "http_response", None)
    try:
        data = response.json() if response is not None else {}
        return str(data.get("error", "")), str(data.get("reason", ""))
    except (ValueError, AttributeError, requests.RequestException):
        return "", ""


def _seconds(error: ApiException) -> float | None:
    try:
        response: Any = error.http_response
        return float(response.headers.get("Retry-After", ""))
    except (ValueError, TypeError, AttributeError):
        return None


_SIMPLE: Final[dict[int, Callable[[str, dict[str, Any]], JugglerError]]] = {
    401: lambda text, kw: AuthenticationError(
        f"the server refused the credentials: {text}", hint="check username and password", **kw
    ),
    403: lambda text, kw: AuthorizationError(f"the server does not allow it: {text}", **kw),
    409: lambda text, kw: ConflictError(text, **kw),
    412: lambda text, kw: ConflictError(text, code="exists", **kw),
    413: lambda text, kw: TooLargeError(f"larger than the server takes: {text}", **kw),
}


def unknown(cause: str, about: dict[str, Any]) -> OutcomeUnknownError:
    """The error of a write that was sent and whose outcome nobody knows."""
    return OutcomeUnknownError(
        f"no answer to a write: {cause}",
        hint="read the rows to see what was applied",
        **about,
    )


def of_transport(error: Exception, *, write: bool, request: str, late: bool) -> JugglerError:
    """The error of a request that got no answer, or half of one."""
    about: dict[str, Any] = {"connector": _NAME, "native": request}
    cause = _cause(error)
    if isinstance(error, requests.exceptions.SSLError):
        return tls_failed(cause)
    if any("handshake operation timed out" in str(inner) for inner in _chain(error)):
        return tls_failed("no answer to the handshake", speaks=False)
    if _unsent(error):
        return UnavailableError(f"the server cannot be reached: {cause}", **about)
    if write:
        return unknown(cause, about)
    if late:
        return DeadlineError("the operation's time is over", hint="timeout=seconds", **about)
    return UnavailableError(f"the connection failed: {cause}", **about)


def tls_failed(cause: str, *, speaks: bool = True) -> ConfigurationError:
    """The error of a connection that cannot be trusted, or with a server that speaks no TLS."""
    if speaks and "WRONG_VERSION_NUMBER" not in cause:
        hint = "ca_certs= names the file of a private authority; verify=False trusts anybody"
    else:
        hint = "does the server speak https there? tls=False, or http:// in the URL, where not"
    return ConfigurationError(f"TLS failed: {cause}", code="tls", hint=hint, connector=_NAME)


def no_json(content: bytes, *, write: bool, request: str) -> JugglerError:
    """The error of an answer that is no JSON: it broke off, or some other server gave it."""
    shown = content[:_SHOWN].decode(errors="replace")
    cause = f"its answer is no JSON: {shown!r}" if content else "its answer is empty"
    about: dict[str, Any] = {"connector": _NAME, "native": request}
    if write:
        return unknown(cause, about)
    return UnavailableError(f"the server cannot be understood: {cause}", **about)


def no_couchdb(said: str) -> ConfigurationError:
    """The error of a server whose greeting is none of CouchDB's."""
    return ConfigurationError(
        f"no CouchDB answers at the root of that URL: {said}",
        code="no-couchdb",
        hint="is it the right host and port? A server behind a path is named "
        "cloudant:https://host/path/database",
        connector=_NAME,
    )


def _unsent(error: Exception) -> bool:
    """Whether it is sure that the request never left."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    text = repr(error)
    return isinstance(error, requests.exceptions.ConnectionError) and (
        "NewConnectionError" in text or "NameResolutionError" in text
    )


def _cause(error: BaseException) -> str:
    """What went wrong at the bottom of it."""
    for inner in _chain(error):
        if isinstance(inner, OSError) and inner.errno and inner.strerror:
            return inner.strerror
    text = str(error)
    return text if len(text) < _LONG else type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those inside of it: SDK, requests and urllib3 each wrap it once."""
    seen: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in seen:
        seen.append(inner)
        yield inner
        wrapped = [getattr(inner, "reason", None), *inner.args]
        found = (one for one in wrapped if isinstance(one, BaseException))
        inner = next(found, None) or inner.__cause__ or inner.__context__


_LONG: Final = 200
_SHOWN: Final = 60


def missing_database(database: str, model: str | None = None) -> SchemaMissingError:
    """The error for a database that is not there."""
    return SchemaMissingError(
        f"there is no database {database!r}",
        hint="make it and the indexes: db.autoupdate() or `juggler apply`",
        connector=_NAME,
        model=model,
    )


def no_database(database: str) -> SchemaMissingError:
    """The error for a database that somebody named, and no model."""
    return SchemaMissingError(
        f"there is no database {database!r}",
        hint='db.execute("GET /_all_dbs") lists those that are there',
        connector=_NAME,
    )


def missing_index(name: str, model: str | None = None) -> SchemaDriftError:
    """The error for an index that is not there."""
    return SchemaDriftError(
        f"there is no index {name!r}",
        code="schema-missing",
        hint="make the indexes: db.autoupdate() or `juggler apply`",
        connector=_NAME,
        model=model,
    )
