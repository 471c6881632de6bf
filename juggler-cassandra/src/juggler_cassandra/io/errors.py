"""The driver's errors as Juggler's: what happened, whether a write may have been applied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

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
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionBusy, ConnectionException, ConnectionShutdown
from cassandra.protocol import (
    ErrorMessage,
    IsBootstrappingErrorMessage,
    OverloadedErrorMessage,
    SyntaxException,
)

from juggler.errors import (
    AuthenticationError,
    AuthorizationError,
    BackendError,
    CostGuardError,
    DeadlineError,
    InvalidQueryError,
    InvalidValueError,
    JugglerError,
    OutcomeUnknownError,
    SchemaDriftError,
    SchemaError,
    SchemaMissingError,
    TooLargeError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "cassandra"
#: The reason code of a read that met too many tombstones.
_TOMBSTONES: Final = 0x0001
_HOSTS_SHOWN: Final = 3


def reading(error: BaseException) -> BaseException:
    """The error of a request that changes nothing."""
    return _mapped(error, writes=False)


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
            return make(error, writes)
    return BackendError(
        _text(error) or type(error).__name__,
        code="backend",
        connector=NAME,
        native=_text(error),
        outcome="unknown" if writes else "none",
    )


def _text(error: BaseException) -> str:
    """The message without the frame that the driver puts around it."""
    found = re.search(r'message="(.*)"', str(error), flags=re.DOTALL)
    return found[1] if found else str(error).strip()


def _unavailable(error: BaseException, _writes: bool) -> JugglerError:
    """Refused before anything was applied."""
    return UnavailableError(
        f"Cassandra cannot serve this now: {_text(error)}",
        hint="are enough nodes up for the consistency level? it is tried again by itself",
        connector=NAME,
        native=_text(error),
    )


def _no_host(error: Any, writes: bool) -> JugglerError:
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, AuthenticationFailed):
            return _authentication(cause, writes)
    told = [cause for cause in causes if isinstance(cause, Unavailable | ErrorMessage)]
    if told:
        found = _mapped(told[0], writes=writes)
        if isinstance(found, JugglerError):
            return found
    shown = "; ".join(
        f"{host}: {_text(cause) or type(cause).__name__}"
        for host, cause in list(_by_host(error).items())[:_HOSTS_SHOWN]
    )
    return UnavailableError(
        f"no node of Cassandra can be reached ({shown or 'none is up'})",
        connector=NAME,
        native=_text(error),
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


def _authentication(error: BaseException, _writes: bool) -> JugglerError:
    return AuthenticationError(
        "Cassandra refused the name or the password",
        hint="check username and password: cassandra://name:password@host/keyspace",
        connector=NAME,
        native=_text(error),
    )


def _authorization(error: BaseException, _writes: bool) -> JugglerError:
    return AuthorizationError(
        _text(error), hint="GRANT it in cqlsh", connector=NAME, native=_text(error)
    )


def _read_timeout(error: BaseException, _writes: bool) -> JugglerError:
    return UnavailableError(
        f"the replicas did not answer in time: {_text(error)}",
        code="read-timeout",
        hint="it is tried again by itself; a smaller page_size asks for less at a time",
        connector=NAME,
        native=_text(error),
    )


def _unknown(error: BaseException, _writes: bool) -> JugglerError:
    return OutcomeUnknownError(
        f"the write was sent and not confirmed: {_text(error) or type(error).__name__}",
        hint="read the row to see whether it was applied",
        connector=NAME,
        native=_text(error),
    )


def _timed_out(error: BaseException, writes: bool) -> JugglerError:
    if writes:
        return _unknown(error, writes)
    return DeadlineError(
        "Cassandra did not answer in time",
        hint="give it more: timeout=seconds in the call, in db.options() or in the settings",
        connector=NAME,
        native=_text(error),
        retryable=True,
    )


def _connection(error: BaseException, writes: bool) -> JugglerError:
    if writes:
        return _unknown(error, writes)
    return UnavailableError(
        f"the connection to Cassandra broke: {_text(error)}",
        hint="it is tried again by itself",
        connector=NAME,
        native=_text(error),
    )


def _failure(error: Any, writes: bool) -> JugglerError:
    codes = set(dict(getattr(error, "error_code_map", None) or {}).values())
    if _TOMBSTONES in codes:
        return BackendError(
            "the read met too many tombstones",
            code="tombstones",
            hint="read a smaller part of the partition, or compact the table",
            connector=NAME,
            native=_text(error),
        )
    return BackendError(
        f"a replica failed: {_text(error)}",
        connector=NAME,
        native=_text(error),
        outcome="unknown" if writes else "none",
    )


def _refused(error: BaseException, writes: bool) -> JugglerError:
    """An InvalidRequest or ConfigurationException: the text says what it is about."""
    text = _text(error)
    for pattern, make in _REFUSALS:
        if re.search(pattern, text, flags=re.IGNORECASE):
            return make(text)
    del writes
    return InvalidQueryError(
        f"Cassandra refuses it: {text}", code="refused", connector=NAME, native=text
    )


def _missing(text: str) -> JugglerError:
    return SchemaMissingError(
        text,
        hint="make it: db.autoupdate(), or `juggler apply`",
        connector=NAME,
        native=text,
    )


def _no_keyspace(text: str) -> JugglerError:
    return SchemaMissingError(
        text,
        hint="create_keyspace=True in the settings lets db.autoupdate() or `juggler apply` make it",
        connector=NAME,
        native=text,
    )


def _drift(text: str) -> JugglerError:
    return SchemaDriftError(
        f"the schema is not what the models declare: {text}",
        hint="see the difference: db.check(), or `juggler plan`",
        connector=NAME,
        native=text,
    )


def _guardrail(text: str) -> JugglerError:
    return CostGuardError(
        f"a guardrail of the server refuses it: {text}",
        code="guardrail",
        hint="ask for less at a time, or have the guardrail changed in cassandra.yaml",
        connector=NAME,
        native=text,
    )


def _too_large(text: str) -> JugglerError:
    return TooLargeError(text, hint="write less at a time", connector=NAME, native=text)


def _planner(text: str) -> JugglerError:
    return SchemaDriftError(
        f"the server does not take a query as it was planned: {text}",
        code="schema-drift",
        hint="an index or view was made or dropped meanwhile; otherwise please report it",
        connector=NAME,
        native=text,
    )


_REFUSALS: Final[tuple[tuple[str, Callable[[str], JugglerError]], ...]] = (
    (r"^guardrail", _guardrail),
    (r"keyspace '?\S+'? does not exist|unknown keyspace", _no_keyspace),
    (r"(table|view|type) '?\S+'? (does not|doesn't) exist|unconfigured table", _missing),
    (r"undefined (column|name)|unknown (identifier|column)", _drift),
    (r"batch too large|mutation of|too large|longer than|exceeds", _too_large),
    (r"allow filtering|2ndary indexes|secondary index|select on indexed columns", _planner),
)


def _syntax(error: BaseException, _writes: bool) -> JugglerError:
    return InvalidQueryError(
        f"the CQL is not understood: {_text(error)}",
        code="cql-syntax",
        connector=NAME,
        native=_text(error),
    )


def _unbindable(error: BaseException, _writes: bool) -> JugglerError:
    """The driver could not serialise a value: nothing was sent."""
    return InvalidValueError(
        f"a value does not fit its column: {_text(error)}",
        hint="is the column of another type than the property? db.check() says",
        connector=NAME,
        native=_text(error),
    )


_Make = "Callable[[Any, bool], JugglerError]"
_TABLE: Final[tuple[tuple[Any, Callable[[Any, bool], JugglerError]], ...]] = (
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
    (InvalidRequest, _refused),
    (SyntaxException, _syntax),
    ((ConnectionShutdown, ConnectionException), _connection),
    (OSError, _connection),
    ((TypeError, ValueError, OverflowError), _unbindable),
)
