"""Neutral descriptions of models and stores: all that a connector knows of a model."""

from __future__ import annotations

from juggler.spec._model import (
    EXTRA,
    FieldSpec,
    IndexSpec,
    KeySpec,
    ModelSpec,
    ViewSpec,
    path_type,
)
from juggler.spec._store import ColumnInfo, IndexInfo, RelationInfo, StoreSchema

__all__ = [
    "EXTRA",
    "ColumnInfo",
    "FieldSpec",
    "IndexInfo",
    "IndexSpec",
    "KeySpec",
    "ModelSpec",
    "RelationInfo",
    "StoreSchema",
    "ViewSpec",
    "path_type",
]
