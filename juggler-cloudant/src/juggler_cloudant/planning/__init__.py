"""The planner: which requests answer a query.  Pure; it imports no SDK."""

from __future__ import annotations

from juggler_cloudant.planning.planner import plan_query
from juggler_cloudant.planning.requests import (
    HIGH,
    AllDocs,
    Find,
    Keys,
    Range,
    Read,
    Union,
    ViewRead,
)

__all__ = ["HIGH", "AllDocs", "Find", "Keys", "Range", "Read", "Union", "ViewRead", "plan_query"]
