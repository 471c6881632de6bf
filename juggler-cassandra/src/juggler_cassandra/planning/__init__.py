"""Planning: from a bound query and the store's schema to the CQL that answers it; pure."""

from __future__ import annotations

from juggler_cassandra.planning.access import (
    Access,
    AnyBranch,
    Branch,
    Clustered,
    MergeTerm,
    Points,
    Restriction,
    Ring,
    Slices,
)
from juggler_cassandra.planning.planner import Planner

__all__ = [
    "Access",
    "AnyBranch",
    "Branch",
    "Clustered",
    "MergeTerm",
    "Planner",
    "Points",
    "Restriction",
    "Ring",
    "Slices",
]
