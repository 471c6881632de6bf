"""The contract's own suite in all its tiers, and its corpus, on a database in memory."""

from __future__ import annotations

from juggler_conformance import conformance
from juggler_conformance.corpus import packaged, read_cases, run_corpus

TestSQLite = conformance("sqlite", settings={}, profile="quick")


def test_corpus() -> None:
    failed: list[str] = []
    summary = run_corpus(
        read_cases(packaged()), "sqlite:", told=lambda one: failed.append(one.text)
    )

    assert summary.failed == 0, failed[:3]
    assert summary.answered == summary.total > 0
