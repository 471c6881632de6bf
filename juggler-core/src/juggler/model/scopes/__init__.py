"""Scopes: filters of a model with names, and the default scope that every operation keeps to."""

from __future__ import annotations

from juggler.model.scopes._default import DefaultScope, scoped
from juggler.model.scopes._definition import Scope, scope_named
from juggler.model.scopes._merging import equalities, within
from juggler.model.scopes._methods import Scoped, add_scope, install

__all__ = [
    "DefaultScope", "Scope", "Scoped", "add_scope", "equalities", "install", "scope_named",
    "scoped", "within",
]  # fmt: skip
