"""Every error that Juggler raises: a code, a one-line cause and what to do next.

All errors are :class:`JugglerError`.  ``code`` is stable and documented, ``hint`` says what to type
next, ``outcome`` says whether a write may have been applied.  Messages never hold secrets.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Outcome = Literal["none", "applied", "unknown"]

DOCS = "docs/errors.md"


class JugglerError(Exception):
    """Base of all errors.

    Args:
        message: one line that says what is wrong.
        code: stable identifier, documented in ``docs/errors.md``; each class has a default.
        hint: what to type or change next.
        connector: name of the connector concerned.
        model: name of the model concerned.
        key: the key value concerned.
        native: the store's own error text or statement, without secrets.
        retryable: whether the same call may succeed when repeated.
        outcome: for writes: ``none`` (nothing applied), ``applied`` or ``unknown``.
    """

    default_code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        connector: str | None = None,
        model: str | None = None,
        key: Any = None,
        native: Any = None,
        retryable: bool = False,
        outcome: Outcome = "none",
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.hint = hint
        self.connector = connector
        self.model = model
        self.key = key
        self.native = native
        self.retryable = retryable
        self.outcome: Outcome = outcome

    @property
    def message(self) -> str:
        """The line that says what is wrong (a property: groups of errors have it read-only)."""
        return str(self.args[0])

    @property
    def docs(self) -> str:
        """The documentation page and anchor of this error's code."""
        return f"{DOCS}#{self.code}"

    def __str__(self) -> str:
        text = f"[{self.code}] {self.message}"
        return f"{text}\n  → {self.hint}" if self.hint else text


class ConfigurationError(JugglerError):
    """A data source, plugin, setting or call is set up wrongly."""

    default_code = "configuration"


class AuthenticationError(JugglerError):
    """The store refused who we say we are."""

    default_code = "authentication"


class AuthorizationError(JugglerError):
    """The store knows us and does not let us."""

    default_code = "authorization"


class UnavailableError(JugglerError):
    """The store cannot be reached or cannot serve now."""

    default_code = "unavailable"

    def __init__(self, message: str, *, retryable: bool = True, **kw: Any) -> None:
        super().__init__(message, retryable=retryable, **kw)


class DeadlineError(JugglerError):
    """The call's time is over before an answer came."""

    default_code = "deadline"


class RateLimitedError(JugglerError):
    """The store asks us to slow down; ``retry_after`` is in seconds."""

    default_code = "rate-limited"

    def __init__(
        self, message: str, *, retry_after: float | None = None, retryable: bool = True, **kw: Any
    ) -> None:
        super().__init__(message, retryable=retryable, **kw)
        self.retry_after = retry_after


class DecodeError(JugglerError):
    """A stored value cannot be read as its declared type."""

    default_code = "decode"


class BackendError(JugglerError):
    """The store failed in a way that has no name of its own here."""

    default_code = "backend"


# ---------------------------------------------------------------- queries


class QueryError(JugglerError):
    """A query cannot be answered; nothing was sent."""

    default_code = "query"


class InvalidQueryError(QueryError):
    """A filter, order, field list or option is not understood or does not fit the model."""

    default_code = "invalid-query"


class CapabilityError(QueryError):
    """The connector does not offer ``feature``; ``alternatives`` name what works instead."""

    default_code = "capability"

    def __init__(
        self, message: str, *, feature: str = "", alternatives: Sequence[str] = (), **kw: Any
    ) -> None:
        if alternatives and not kw.get("hint"):
            kw["hint"] = "; ".join(alternatives)
        super().__init__(message, **kw)
        self.feature = feature
        self.alternatives = tuple(alternatives)


class CostGuardError(QueryError):
    """The query would cost more than the data source allows.

    ``plan`` is what would have run; ``suggestions`` are declarations that would make it cheap.
    """

    default_code = "cost-guard"

    def __init__(
        self, message: str, *, plan: Any = None, suggestions: Sequence[str] = (), **kw: Any
    ) -> None:
        super().__init__(message, **kw)
        self.plan = plan
        self.suggestions = tuple(suggestions)


class PageTokenError(QueryError):
    """A page token was refused; ``reason`` is forged, mismatch, expired or schema."""

    default_code = "page-token"

    def __init__(self, message: str, *, reason: str, **kw: Any) -> None:
        super().__init__(message, **kw)
        self.reason = reason


# ---------------------------------------------------------------- writes


class WriteError(JugglerError):
    """A write was refused or failed."""

    default_code = "write"


class DuplicateKeyError(WriteError):
    """A row with this key, or this unique value, is there already."""

    default_code = "duplicate-key"


class ConflictError(WriteError):
    """The row changed since it was read: ``expected`` version, ``current`` row or version."""

    default_code = "conflict"

    def __init__(
        self, message: str, *, expected: Any = None, current: Any = None, **kw: Any
    ) -> None:
        super().__init__(message, **kw)
        self.expected = expected
        self.current = current


class NotFoundError(WriteError):
    """The row to change is not there."""

    default_code = "not-found"


class InvalidValueError(WriteError):
    """A value does not fit its property; ``field`` is the property's path."""

    default_code = "invalid-value"

    def __init__(self, message: str, *, field: str = "", **kw: Any) -> None:
        super().__init__(message, **kw)
        self.field = field
        self._placed = False

    def at(self, part: str | int) -> Self:
        """The same error, with ``part`` put before its field (``address`` + ``city``)."""
        self.field = f"{part}.{self.field}" if self.field else str(part)
        self._placed = True
        return self

    def __str__(self) -> str:
        text = super().__str__()
        if not self._placed:  # the message says it itself
            return text
        return text.replace("] ", f"] {self.field}: ", 1)


class ValidationError(WriteError):
    """Validation rules failed.

    ``details`` has LoopBack's shape: ``{"context": model, "codes": {property: [code]},
    "messages": {property: [text]}}``; each property is also one note of the exception.
    """

    default_code = "validation"

    def __init__(
        self, message: str, *, details: Mapping[str, Any] | None = None, **kw: Any
    ) -> None:
        super().__init__(message, **kw)
        self.details: dict[str, Any] = dict(details or {})
        for name, texts in self.details.get("messages", {}).items():
            self.add_note(f"{name}: {', '.join(texts)}")


class TooLargeError(WriteError):
    """A value, row or request is larger than the store takes."""

    default_code = "too-large"


class OutcomeUnknownError(WriteError):
    """The write was sent and no answer came: it may or may not have been applied."""

    default_code = "outcome-unknown"

    def __init__(self, message: str, *, outcome: Outcome = "unknown", **kw: Any) -> None:
        super().__init__(message, outcome=outcome, **kw)


class BulkError(WriteError, ExceptionGroup[Exception]):
    """Some rows of a bulk write failed; ``result`` says per row what happened."""

    default_code = "bulk"
    result: Any

    def __new__(
        cls, message: str, errors: Sequence[Exception], *, result: Any = None, **kw: Any
    ) -> Self:
        """Build the group; ``result`` and the keywords are kept by ``__init__``."""
        del result, kw
        return ExceptionGroup.__new__(cls, message, list(errors))

    def __init__(
        self, message: str, errors: Sequence[Exception], *, result: Any = None, **kw: Any
    ) -> None:
        WriteError.__init__(self, message, **kw)
        self.result = result
        self.args = (message, list(errors))

    def derive(self, excs: Sequence[Exception]) -> BulkError:  # type: ignore[override]
        """A group of some of the errors, with the same result (see ``except*``)."""
        return BulkError(self.message, excs, result=self.result, code=self.code, hint=self.hint)


# ---------------------------------------------------------------- schema


class SchemaError(JugglerError):
    """The store's schema and the models do not go together."""

    default_code = "schema"


class SchemaMissingError(SchemaError):
    """The table, database or index of a model is not there yet."""

    default_code = "schema-missing"


class SchemaDriftError(SchemaError):
    """The store's schema changed under us."""

    default_code = "schema-drift"


class UnsupportedModelError(SchemaError):
    """The connector cannot hold this model; ``problems`` is a list of texts."""

    default_code = "unsupported-model"

    def __init__(self, message: str, *, problems: Sequence[str] = (), **kw: Any) -> None:
        super().__init__(message, **kw)
        self.problems = tuple(problems)
        for problem in self.problems:
            self.add_note(problem)


class UnsafeMigrationError(SchemaError):
    """A schema plan has steps that would lose data or are impossible: nothing was applied."""

    default_code = "unsafe-migration"

    def __init__(self, message: str, *, steps: Sequence[Any] = (), **kw: Any) -> None:
        super().__init__(message, **kw)
        self.steps = tuple(steps)


class MigrationError(SchemaError):
    """A schema step failed; the steps before it are applied, the ones after it are not."""

    default_code = "migration"

    def __init__(self, message: str, *, step: Any = None, **kw: Any) -> None:
        super().__init__(message, **kw)
        self.step = step


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` when one of ``known`` is near to ``word``, else the list of them."""
    names = sorted(known)
    text = word if isinstance(word, str) else ""  # what a user gave may be anything
    near = get_close_matches(text, names, n=1, cutoff=0.6)
    if not near:
        lowered = {name.lower(): name for name in names}
        hit = lowered.get(text.lower())
        near = [hit] if hit else []
    if near:
        return f"did you mean {near[0]!r}?"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")  # noqa: PLR2004 - a list to read
    return f"known: {shown}" if shown else ""
