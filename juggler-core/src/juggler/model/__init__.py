"""Models: definitions, typed classes, LDL, instances, queries."""

from __future__ import annotations

from juggler.model.base import Model, View
from juggler.model.query import Query
from juggler.model.typed import Key, Prop, prop

__all__ = ["Key", "Model", "Prop", "Query", "View", "prop"]
