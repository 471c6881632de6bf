"""Planning: from a bound query and the store's schema to the CQL that answers it; pure."""

from __future__ import annotations

from juggler_cassandra.planning.access import (
    Access,
    Branch,
    Clustered,
    Points,
    Restriction,
    Ring,
    Slices,
)

__all__ = ["Access", "Branch", "Clustered", "Points", "Restriction", "Ring", "Slices"]
