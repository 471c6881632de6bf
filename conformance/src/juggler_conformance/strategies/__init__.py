"""What Hypothesis draws: values, rows, conditions, queries and hostile input."""

from __future__ import annotations

from juggler_conformance.strategies.conditions import conditions
from juggler_conformance.strategies.hostile import hostile_filters, hostile_json
from juggler_conformance.strategies.queries import DrawnQuery, queries
from juggler_conformance.strategies.rows import keys, patches, rows, tables
from juggler_conformance.strategies.spelling import spelled_row, spelled_value, spelled_where
from juggler_conformance.strategies.values import NASTY_TEXTS, nasty_values, values

__all__ = [
    "NASTY_TEXTS",
    "DrawnQuery",
    "conditions",
    "hostile_filters",
    "hostile_json",
    "keys",
    "nasty_values",
    "patches",
    "queries",
    "rows",
    "spelled_row",
    "spelled_value",
    "spelled_where",
    "tables",
    "values",
]
