"""Values: the neutral types, how anything is coerced to them, and points on the earth."""

from __future__ import annotations

from juggler.values.coerce import coercer
from juggler.values.geo import EARTH_RADIUS, GeoPoint, distance
from juggler.values.missing import MISSING, Missing
from juggler.values.types import (
    ANY,
    BOOLEAN,
    DATETIME,
    ELEMENTED,
    INTEGER,
    NUMBER,
    NUMERIC,
    ORDERED,
    STRING,
    TEXTUAL,
    TypeKind,
    TypeSpec,
    simple,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATETIME",
    "EARTH_RADIUS",
    "ELEMENTED",
    "INTEGER",
    "MISSING",
    "NUMBER",
    "NUMERIC",
    "ORDERED",
    "STRING",
    "TEXTUAL",
    "GeoPoint",
    "Missing",
    "TypeKind",
    "TypeSpec",
    "coercer",
    "distance",
    "simple",
]
