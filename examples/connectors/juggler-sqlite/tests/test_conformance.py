"""The contract's own suite, on a database in memory."""

from __future__ import annotations

from juggler_conformance import conformance

TestSQLite = conformance("sqlite", settings={}, profile="quick", tiers=("core", "query", "schema"))
