"""Juggler: one model and query API over several data stores, in sync and async.

Everything here loads on first use; ``import juggler`` itself loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from juggler.connector.registry import register
    from juggler.datasource import DataSource, connect
    from juggler.errors import (
        AuthenticationError,
        AuthorizationError,
        BackendError,
        BulkError,
        CapabilityError,
        ConfigurationError,
        ConflictError,
        CostGuardError,
        DeadlineError,
        DecodeError,
        DuplicateKeyError,
        InvalidQueryError,
        InvalidValueError,
        JugglerError,
        MigrationError,
        NotFoundError,
        OutcomeUnknownError,
        PageTokenError,
        QueryError,
        RateLimitedError,
        SchemaDriftError,
        SchemaError,
        SchemaMissingError,
        TooLargeError,
        UnavailableError,
        UnsafeMigrationError,
        UnsupportedModelError,
        ValidationError,
        WriteError,
    )
    from juggler.model.base import Model, View
    from juggler.model.builder import ModelBuilder
    from juggler.model.query import Query
    from juggler.model.related import (
        BelongsTo,
        EmbedsMany,
        EmbedsOne,
        HasAndBelongsToMany,
        HasMany,
        HasOne,
        ReferencesMany,
        belongs_to,
        embeds_many,
        embeds_one,
        has_and_belongs_to_many,
        has_many,
        has_one,
        references_many,
    )
    from juggler.model.typed import Key, Prop, length, prop
    from juggler.values.clock import now
    from juggler.values.geo import GeoPoint
    from juggler.values.missing import MISSING

__version__ = "0.1.0"

__all__ = [
    "MISSING",
    "AuthenticationError",
    "AuthorizationError",
    "BackendError",
    "BelongsTo",
    "BulkError",
    "CapabilityError",
    "ConfigurationError",
    "ConflictError",
    "CostGuardError",
    "DataSource",
    "DeadlineError",
    "DecodeError",
    "DuplicateKeyError",
    "EmbedsMany",
    "EmbedsOne",
    "GeoPoint",
    "HasAndBelongsToMany",
    "HasMany",
    "HasOne",
    "InvalidQueryError",
    "InvalidValueError",
    "JugglerError",
    "Key",
    "MigrationError",
    "Model",
    "ModelBuilder",
    "NotFoundError",
    "OutcomeUnknownError",
    "PageTokenError",
    "Prop",
    "Query",
    "QueryError",
    "RateLimitedError",
    "ReferencesMany",
    "SchemaDriftError",
    "SchemaError",
    "SchemaMissingError",
    "TooLargeError",
    "UnavailableError",
    "UnsafeMigrationError",
    "UnsupportedModelError",
    "ValidationError",
    "View",
    "WriteError",
    "belongs_to",
    "connect",
    "embeds_many",
    "embeds_one",
    "has_and_belongs_to_many",
    "has_many",
    "has_one",
    "length",
    "now",
    "prop",
    "references_many",
    "register",
]

_HOMES = {
    "juggler.connector.registry": ("register",),
    "juggler.datasource": ("DataSource", "connect"),
    "juggler.model.base": ("Model", "View"),
    "juggler.model.builder": ("ModelBuilder",),
    "juggler.model.query": ("Query",),
    "juggler.model.related": (
        "BelongsTo", "EmbedsMany", "EmbedsOne", "HasAndBelongsToMany", "HasMany", "HasOne",
        "ReferencesMany", "belongs_to", "embeds_many", "embeds_one", "has_and_belongs_to_many",
        "has_many", "has_one", "references_many",
    ),
    "juggler.model.typed": ("Key", "Prop", "length", "prop"),
    "juggler.values.clock": ("now",),
    "juggler.values.geo": ("GeoPoint",),
    "juggler.values.missing": ("MISSING",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "loopback":
        return import_module("juggler.loopback")  # a module that is asked for by its name
    home = _HOME.get(name) or ("juggler.errors" if name in __all__ else None)
    if home is None:
        msg = f"module 'juggler' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
