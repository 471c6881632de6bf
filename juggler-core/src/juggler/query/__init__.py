"""Queries: from the user's filter to a bound, normalised tree, and its evaluation on rows."""

from __future__ import annotations

from juggler.query.bind import bind_fields, bind_order, bind_where, order_for
from juggler.query.parse import Filter, parse_fields, parse_filter, parse_order, parse_where
from juggler.query.shape import FieldsSel, Ordering
from juggler.query.spec import OrderTerm, QuerySpec, ReadOptions
from juggler.query.tree import FALSE, TRUE, Condition, Where, all_of, any_of, conjuncts

__all__ = [
    "FALSE",
    "TRUE",
    "Condition",
    "FieldsSel",
    "Filter",
    "OrderTerm",
    "Ordering",
    "QuerySpec",
    "ReadOptions",
    "Where",
    "all_of",
    "any_of",
    "bind_fields",
    "bind_order",
    "bind_where",
    "conjuncts",
    "order_for",
    "parse_fields",
    "parse_filter",
    "parse_order",
    "parse_where",
]
