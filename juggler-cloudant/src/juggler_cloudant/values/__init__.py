"""Neutral values as JSON of documents and back."""

from __future__ import annotations

from juggler_cloudant.values.declared import decoder, encoder
from juggler_cloudant.values.scalars import plain_decimal
from juggler_cloudant.values.undeclared import any_in, any_out

__all__ = ["any_in", "any_out", "decoder", "encoder", "plain_decimal"]
