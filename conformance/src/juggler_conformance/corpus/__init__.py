"""The corpus of queries: what LoopBack's memory connector answered, run against any data source."""

from __future__ import annotations

from juggler_conformance.corpus.cases import Case, packaged, read_cases
from juggler_conformance.corpus.run import Outcome, Summary, run_corpus

__all__ = ["Case", "Outcome", "Summary", "packaged", "read_cases", "run_corpus"]
