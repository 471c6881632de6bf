"""The contract's query: what a connector's ``plan`` gets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attrs import field, frozen

from juggler.query.tree import TRUE, Where

if TYPE_CHECKING:
    from juggler.spec import ModelSpec
    from juggler.spec._model import Direction


@frozen
class ReadOptions:
    """How to read.

    Attributes:
        consistency: ``eventual``, ``default``, ``session`` or ``strong``, or a store's own level.
        page_size: rows per request, None for the connector's default.
        allow_scan: whether a scan because of a condition or an order is allowed.
        max_scanned: rows that unindexed work may read, None for no bound.
        max_sort: rows that may be sorted in memory, None for no bound.
        index: name of the index that the caller wants used.
        view: name of the view that the caller wants used.
    """

    consistency: str = "default"
    page_size: int | None = None
    allow_scan: bool = False
    max_scanned: int | None = None
    max_sort: int | None = None
    index: str | None = None
    view: str | None = None


#: An order term.  The path ``distance(location)`` orders by the distance of the top-level near.
OrderTerm = tuple[str, "Direction"]


@frozen
class QuerySpec:
    """A bound and normalised query.

    ``fields`` are the properties that the caller gets, None for all; ``limit`` None means all rows.
    Connectors may rely on the normal form of ``where`` that :func:`juggler.query.normalise` makes.
    """

    model: ModelSpec
    where: Where = TRUE
    order: tuple[OrderTerm, ...] = ()
    fields: tuple[str, ...] | None = None
    limit: int | None = None
    skip: int = 0
    options: ReadOptions = field(factory=ReadOptions)

    @property
    def fingerprint(self) -> str:
        """Digest of where, order, fields and the types that they name; page tokens carry it."""
        model = self.model
        named = sorted(
            {path.partition(".")[0] for path, _ in self.order} | set(self.fields or model.names)
        )
        types = [f"{name}:{model.field[name].type}" for name in named if name in model.field]
        text = f"{model.name}|{self.where!r}|{self.order!r}|{self.fields!r}|{types}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]
