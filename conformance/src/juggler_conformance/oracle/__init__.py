"""The reference model: what a store has to answer, told with dicts and sorted lists.

It shares no code with Juggler's evaluator: it imports the filter tree's node classes and nothing
else, so that a mistake made once cannot agree with itself.
"""

from __future__ import annotations

from juggler_conformance.oracle.conditions import matches
from juggler_conformance.oracle.ordering import in_order, sorted_rows
from juggler_conformance.oracle.table import Table
from juggler_conformance.oracle.values import equal, same_row, settle

__all__ = ["Table", "equal", "in_order", "matches", "same_row", "settle", "sorted_rows"]
