"""The driver's errors as Juggler's: what happened, whether a write may have been applied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from cassandra import (
    AlreadyExists,
    AuthenticationFailed,
    InvalidRequest,
    OperationTimedOut,
    ReadFailure,
    ReadTimeout,
    Unauthorized,
    Unavailable,
    UnresolvableContactPoints,
    WriteFailure,
    WriteTimeout,
    WriteType,
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionBusy, ConnectionException, ConnectionShutdown
from cassandra.protocol import (
    ConfigurationException,
    ErrorMessage,
    IsBootstrappingErrorMessage,
    OverloadedErrorMessage,
    SyntaxException,
)

from juggler.errors import (
    AuthenticationError,
    AuthorizationError,
    BackendError,
    DeadlineError,
    InvalidQueryError,
    InvalidValueError,
    JugglerError,
    OutcomeUnknownError,
    SchemaError,
    UnavailableError,
)
from juggler_cassandra.io.refusals import NAME, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NAME", "Seen", "cas_unknown", "preparing", "reading", "schema_change", "writing"]


@frozen
class Seen:
    """An error of the driver, and whether its request may have been applied."""

    error: BaseException
    writes: bool


#: The reason code of a read that met too many tombstones.
_TOMBSTONES: Final = 0x0001
#: CAS_WRITE_UNKNOWN of protocol 5, for which the driver has no exception of its own.
_CAS_WRITE_UNKNOWN: Final = 0x1700
_HOSTS_SHOWN: Final = 3


def reading(error: BaseException) -> BaseException:
    """The error of a request that changes nothing."""
    return _mapped(error, writes=False)


def preparing(error: BaseException) -> BaseException:
    """The error of preparing a statement: nothing of the statement was done."""
    if isinstance(error, OperationTimedOut):
        return UnavailableError(
            "Cassandra did not answer in time when a statement was prepared",
            hint="it is tried again by itself",
            connector=NAME,
            native=_text(error),
        )
    return reading(error)


def writing(error: BaseException) -> BaseException:
    """The error of a request that may have been applied."""
    return _mapped(error, writes=True)


def schema_change(error: BaseException) -> BaseException:
    """The error of a DDL statement."""
    if isinstance(error, AlreadyExists):
        return SchemaError(
            _text(error), code="schema-conflict", hint="plan again: db.plan()", connector=NAME
        )
    return _mapped(error, writes=True)


def _mapped(error: BaseException, *, writes: bool) -> BaseException:
    if isinstance(error, JugglerError):
        return error
    for kinds, make in _TABLE:
        if isinstance(error, kinds):
            return make(Seen(error, writes))
    if writes:
        return _unknown(Seen(error, writes))
    return BackendError(
        _text(error) or type(error).__name__,
        code="backend",
        connector=NAME,
        native=_text(error),
    )


def cas_unknown(error: BaseException | None) -> bool:
    """Whether a coordinator gave a light-weight transaction up without knowing its outcome."""
    if isinstance(error, WriteTimeout):
        return bool(error.write_type == WriteType.CAS)
    return isinstance(error, ErrorMessage) and error.code == _CAS_WRITE_UNKNOWN


def _text(error: BaseException) -> str:
    """The message without the frame that the driver puts around it."""
    found = re.search(r'message="(.*)"', str(error), flags=re.DOTALL)
    return found[1] if found else str(error).strip()


def _unavailable(seen: Seen) -> JugglerError:
    """Refused before anything was applied."""
    return UnavailableError(
        f"Cassandra cannot serve this now: {_text(seen.error)}",
        hint="are enough nodes up for the consistency level? it is tried again by itself",
        connector=NAME,
        native=_text(seen.error),
    )


def _no_host(seen: Seen) -> JugglerError:
    causes = _causes(seen.error)
    for cause in causes:
        if isinstance(cause, AuthenticationFailed):
            return _authentication(Seen(cause, seen.writes))
    told = [cause for cause in causes if isinstance(cause, Unavailable | ErrorMessage)]
    if told:
        found = _mapped(told[0], writes=seen.writes)
        if isinstance(found, JugglerError):
            return found
    shown = "; ".join(
        f"{host}: {_text(cause) or type(cause).__name__}"
        for host, cause in list(_by_host(seen.error).items())[:_HOSTS_SHOWN]
    )
    return UnavailableError(
        f"no node of Cassandra can be reached ({shown or 'none is up'})",
        connector=NAME,
        native=_text(seen.error),
    )


def _by_host(error: Any) -> dict[Any, BaseException]:
    errors = getattr(error, "errors", None)
    return dict(errors) if isinstance(errors, dict) else {}


def _causes(error: BaseException) -> list[BaseException]:
    """The errors inside of a NoHostAvailable, however deep."""
    found: list[BaseException] = []
    for cause in _by_host(error).values():
        found += _causes(cause) if isinstance(cause, NoHostAvailable) else [cause]
    return found


def _authentication(seen: Seen) -> JugglerError:
    return AuthenticationError(
        "Cassandra refused the name or the password",
        hint="check username and password: cassandra://name:password@host/keyspace",
        connector=NAME,
        native=_text(seen.error),
    )


def _authorization(seen: Seen) -> JugglerError:
    return AuthorizationError(
        _text(seen.error), hint="GRANT it in cqlsh", connector=NAME, native=_text(seen.error)
    )


def _read_timeout(seen: Seen) -> JugglerError:
    return UnavailableError(
        f"the replicas did not answer in time: {_text(seen.error)}",
        code="read-timeout",
        hint="it is tried again by itself; a smaller page_size asks for less at a time",
        connector=NAME,
        native=_text(seen.error),
    )


def _unknown(seen: Seen) -> JugglerError:
    return OutcomeUnknownError(
        f"the write was sent and not confirmed: {_text(seen.error) or type(seen.error).__name__}",
        hint="read the row to see whether it was applied",
        connector=NAME,
        native=_text(seen.error),
    )


def _timed_out(seen: Seen) -> JugglerError:
    if seen.writes:
        return _unknown(seen)
    return DeadlineError(
        "Cassandra did not answer in time",
        hint="give it more: timeout=seconds in the call, in db.options() or in the settings",
        connector=NAME,
        native=_text(seen.error),
        retryable=True,
    )


def _connection(seen: Seen) -> JugglerError:
    if seen.writes:
        return _unknown(seen)
    return UnavailableError(
        f"the connection to Cassandra broke: {_text(seen.error)}",
        hint="it is tried again by itself",
        connector=NAME,
        native=_text(seen.error),
    )


def _failure(seen: Seen) -> JugglerError:
    codes = set(dict(getattr(seen.error, "error_code_map", None) or {}).values())
    if _TOMBSTONES in codes:
        return BackendError(
            "the read met too many tombstones",
            code="tombstones",
            hint="read a smaller part of the partition, or compact the table",
            connector=NAME,
            native=_text(seen.error),
        )
    if seen.writes:
        return _unknown(seen)
    return BackendError(
        f"a replica failed: {_text(seen.error)}", connector=NAME, native=_text(seen.error)
    )


def _refused(seen: Seen) -> JugglerError:
    return refusal(_text(seen.error))


def _syntax(seen: Seen) -> JugglerError:
    return InvalidQueryError(
        f"the CQL is not understood: {_text(seen.error)}",
        code="cql-syntax",
        hint="check the statement; the place is in the message",
        connector=NAME,
        native=_text(seen.error),
    )


def _unbindable(seen: Seen) -> JugglerError:
    """The driver could not serialise a value: nothing was sent."""
    return InvalidValueError(
        f"a value does not fit its column: {_text(seen.error)}",
        hint="is the column of another type than the property? db.check() says",
        connector=NAME,
        native=_text(seen.error),
    )


_TABLE: Final[tuple[tuple[Any, Callable[[Seen], JugglerError]], ...]] = (
    (NoHostAvailable, _no_host),
    (UnresolvableContactPoints, _no_host),
    (AuthenticationFailed, _authentication),
    (Unauthorized, _authorization),
    ((Unavailable, OverloadedErrorMessage, IsBootstrappingErrorMessage), _unavailable),
    (ConnectionBusy, _unavailable),
    (ReadTimeout, _read_timeout),
    (WriteTimeout, _unknown),
    (OperationTimedOut, _timed_out),
    ((ReadFailure, WriteFailure), _failure),
    (AlreadyExists, _refused),
    ((InvalidRequest, ConfigurationException), _refused),
    (SyntaxException, _syntax),
    ((ConnectionShutdown, ConnectionException), _connection),
    (OSError, _connection),
    ((TypeError, ValueError, OverflowError), _unbindable),
)
