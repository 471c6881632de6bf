"""What each error of the driver means: which class, whether anything was applied, whether to retry."""

from __future__ import annotations

from typing import Any

import pytest
from cassandra import (
    AuthenticationFailed,
    InvalidRequest,
    OperationTimedOut,
    ReadFailure,
    ReadTimeout,
    Unauthorized,
    Unavailable,
    WriteFailure,
    WriteTimeout,
    WriteType,
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionBusy, ConnectionShutdown
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
    SchemaMissingError,
    TooLargeError,
    UnavailableError,
)
from juggler_cassandra.io import errors

CAS = WriteTimeout("late", consistency=8, write_type=WriteType.CAS)
CAS_UNKNOWN = ErrorMessage(0x1700, "CAS operation result is unknown", None)
OVERLOADED = OverloadedErrorMessage(0x1001, "overloaded", None)


def nobody(*causes: Exception) -> NoHostAvailable:
    return NoHostAvailable("none", {f"host{n}": cause for n, cause in enumerate(causes)})


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (Unavailable("few", consistency=6), UnavailableError, UnavailableError),
        (OVERLOADED, UnavailableError, UnavailableError),
        (IsBootstrappingErrorMessage(0x1002, "boot", None), UnavailableError, UnavailableError),
        (ConnectionBusy("busy"), UnavailableError, UnavailableError),
        (nobody(), UnavailableError, UnavailableError),
        (nobody(nobody(Unavailable("few", consistency=6))), UnavailableError, UnavailableError),
        (nobody(AuthenticationFailed("no")), AuthenticationError, AuthenticationError),
        (Unauthorized("no"), AuthorizationError, AuthorizationError),
        (ReadTimeout("late", consistency=6), UnavailableError, UnavailableError),
        (CAS, OutcomeUnknownError, OutcomeUnknownError),
        (CAS_UNKNOWN, BackendError, OutcomeUnknownError),
        (OperationTimedOut({}), DeadlineError, OutcomeUnknownError),
        (ConnectionShutdown("gone"), UnavailableError, OutcomeUnknownError),
        (ConnectionResetError("reset"), UnavailableError, OutcomeUnknownError),
        (WriteFailure("bad", consistency=6), BackendError, OutcomeUnknownError),
        (ReadFailure("bad", consistency=6), BackendError, OutcomeUnknownError),
        (ErrorMessage(0, "server error", None), BackendError, OutcomeUnknownError),
        (SyntaxException(0x2000, "no", None), InvalidQueryError, InvalidQueryError),
        (TypeError("int"), InvalidValueError, InvalidValueError),
        (InvalidRequest("Guardrail page_size violated: x"), CostGuardError, CostGuardError),
        (InvalidRequest("table x does not exist"), SchemaMissingError, SchemaMissingError),
        (InvalidRequest("Undefined column name x"), SchemaDriftError, SchemaDriftError),
        (InvalidRequest("Batch too large"), TooLargeError, TooLargeError),
        (InvalidRequest("whatever"), InvalidQueryError, InvalidQueryError),
    ],
    ids=repr,
)
def test_each_error_has_its_class(
    error: Exception, read: type[JugglerError], write: type[JugglerError]
) -> None:
    for found, wanted in ((errors.reading(error), read), (errors.writing(error), write)):
        assert type(found) is wanted
        assert isinstance(found, JugglerError)
        assert found.hint or isinstance(found, UnavailableError | BackendError)
        unknown = wanted is OutcomeUnknownError
        assert (found.outcome == "unknown") is unknown
        if isinstance(found, UnavailableError):
            assert found.retryable, "it is tried again"
            assert found.outcome == "none"
        if unknown:
            assert not found.retryable, "and this is not"


def test_too_many_tombstones_are_told_apart() -> None:
    error: Any = ReadFailure("bad", consistency=6, error_code_map={"127.0.0.1": 1})
    found = errors.reading(error)
    assert isinstance(found, BackendError)
    assert found.code == "tombstones"


def test_transactions_that_the_coordinator_gave_up() -> None:
    assert errors.cas_unknown(CAS)
    assert errors.cas_unknown(CAS_UNKNOWN)
    assert not errors.cas_unknown(OVERLOADED)
    assert not errors.cas_unknown(WriteTimeout("late", consistency=6, write_type=WriteType.SIMPLE))
    assert not errors.cas_unknown(None)
