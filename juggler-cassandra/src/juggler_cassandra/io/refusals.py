"""What an InvalidRequest is about: the server says it in words alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from juggler.errors import (
    CostGuardError,
    InvalidQueryError,
    JugglerError,
    SchemaDriftError,
    SchemaMissingError,
    TooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "cassandra"


def refusal(text: str) -> JugglerError:
    """The error for the text of an InvalidRequest or ConfigurationException."""
    for pattern, make in _REFUSALS:
        if re.search(pattern, text, flags=re.IGNORECASE):
            return make(text)
    return InvalidQueryError(
        f"Cassandra refuses it: {text}",
        code="refused",
        hint="the server's own words say why",
        connector=NAME,
        native=text,
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
    (r"keyspace '?\S+'? does not exist|unknown keyspace|no keyspace has been", _no_keyspace),
    (r"(table|view|type) '?\S+'? (does not|doesn't) exist|unconfigured table", _missing),
    (r"undefined (column|name)|unknown (identifier|column)", _drift),
    (r"batch too large|mutation of|too large|longer than|exceeds", _too_large),
    (r"allow filtering|2ndary indexes|secondary index|select on indexed columns", _planner),
)
