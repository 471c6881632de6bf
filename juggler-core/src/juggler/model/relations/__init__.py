"""Relations: their kinds, the models and keys they stand on, handles and class-level scopes."""

from __future__ import annotations
