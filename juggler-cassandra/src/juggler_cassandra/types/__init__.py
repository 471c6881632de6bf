"""Types and values: neutral, CQL, and what the driver binds; no driver is imported here."""

from __future__ import annotations

from juggler_cassandra.types.codec import MAX_KEY_BYTES, Column, ModelCodec
from juggler_cassandra.types.cql import CqlType, parse, scalar
from juggler_cassandra.types.mapping import (
    column_type,
    embedded_models,
    fits,
    hints_of,
    is_static,
    type_of,
)
from juggler_cassandra.types.values import Entries, Pair, UserValue, neutral_of, pair

__all__ = [
    "MAX_KEY_BYTES",
    "Column",
    "CqlType",
    "Entries",
    "ModelCodec",
    "Pair",
    "UserValue",
    "column_type",
    "embedded_models",
    "fits",
    "hints_of",
    "is_static",
    "neutral_of",
    "pair",
    "parse",
    "scalar",
    "type_of",
]
