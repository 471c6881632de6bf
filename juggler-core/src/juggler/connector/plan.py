"""The plan of a query: what goes to the store, what is left for Python, and what it costs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from juggler.query.tree import TRUE, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.query.spec import QuerySpec

Path = Literal[
    "empty",
    "point",
    "multi_point",
    "partition",
    "multi_partition",
    "index",
    "view",
    "union",
    "scan",
]
OrderState = Literal["satisfied", "ties", "none"]


@frozen
class Cost:
    """What a plan costs.

    Attributes:
        cls: the access path's cost class; ``scan`` is what the guard refuses.
        requests: requests of the first page (partitions, branches), at least.
        est_rows: rows that will be read, None when nobody knows.
        needs: permissions that the plan needs (``allow_scan``).
        partitions: partitions read, for ``max_partitions``.
    """

    cls: Path
    requests: int = 1
    est_rows: int | None = None
    needs: frozenset[str] = frozenset()
    partitions: int = 1


@frozen
class Statement:
    """A native statement for explain: text, bound values and where it goes."""

    text: str
    params: tuple[Any, ...] | Mapping[str, Any] = ()
    facts: Mapping[str, Any] = field(factory=dict)


@frozen(eq=False)
class Plan:
    """The result of ``plan(query, schema)``; pure and deterministic.

    Laws (rows(p) = everything that fetching it gives, DB = all rows):

    * L1  matching rows ⊆ rows(p)
    * L2  ``guarantee='exact'`` ⇒ residual is TRUE and rows(p) = matching rows
    * L3  filter(residual, rows(p)) = filter(where, DB)
    * L4  ``order='satisfied'``: concatenated pages are sorted including the key tie-break;
      ``'ties'``: sorted by the order keys alone, ties in any order
    * L5  any page size gives the same rows
    * L6  the same query and schema give the same plan
    * L7  ``limit_pushed`` only if residual is TRUE and (no order or ``order='satisfied'``)

    Attributes:
        query: the query it answers.
        path: the access path.
        relation: storage name of the table, view or database read.
        pushed: the condition that the store evaluates (exactly, or a superset of it).
        residual: the condition that the core still has to evaluate.
        guarantee: ``exact`` or ``superset``.
        order: whether rows come in the query's order.
        limit_pushed: whether the store stops at ``query.skip + query.limit`` rows.
        fields: properties in the order of the fetched tuples; they include what residual and order
            need.
        cost: see :class:`Cost`.
        statements: native statements, for explain.
        rejected: other paths and why they were not taken.
        suggestions: declarations that would make it cheaper, ready to paste.
        warnings: things that the reader of explain should know.
        opaque: the connector's own.
    """

    query: QuerySpec
    path: Path
    relation: str
    pushed: Where = TRUE
    residual: Where = TRUE
    guarantee: Literal["exact", "superset"] = "superset"
    order: OrderState = "none"
    limit_pushed: bool = False
    fields: tuple[str, ...] = ()
    cost: Cost = field(factory=lambda: Cost("scan"))
    statements: tuple[Statement, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    opaque: Any = None

    @property
    def fingerprint(self) -> str:
        """Digest of everything but ``opaque``; equal for equal (query, schema)."""
        text = repr(
            (
                self.query.fingerprint,
                self.path,
                self.relation,
                self.pushed,
                self.residual,
                self.guarantee,
                self.order,
                self.limit_pushed,
                self.fields,
                self.cost,
                self.statements,
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]
