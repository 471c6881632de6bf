"""Validation beyond the constraints of properties: configurators, custom rules, uniqueness."""

from __future__ import annotations

from juggler.model.validation._kinds import KINDS, Validation
from juggler.model.validation._methods import Validated, ValidatedInstance, validated
from juggler.model.validation._run import check, embedded, mark_validated, validators_of

__all__ = [
    "KINDS", "Validated", "ValidatedInstance", "Validation", "check", "embedded", "mark_validated",
    "validated", "validators_of",
]  # fmt: skip
