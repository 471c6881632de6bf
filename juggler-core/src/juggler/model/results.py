"""What operations give back besides instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field, frozen

if TYPE_CHECKING:
    from juggler.connector.writes import WriteResult
    from juggler.errors import JugglerError


@frozen
class Count:
    """How many rows a write by condition matched and changed; None is not known.

    ``conflicts`` are rows that others kept changing meanwhile: they are as those left them.
    """

    matched: int | None
    changed: int | None
    conflicts: int = 0

    def __int__(self) -> int:
        return self.changed or 0


#: What became of a row that a bulk write wrote.
WRITTEN = frozenset({"created", "applied", "replaced"})


@define
class BulkResult:
    """What a bulk write did, row by row.

    Attributes:
        results: one :class:`WriteResult` per row that was sent, in the order of the input.
        failed: ``(row as given, error)`` of the rows that were not written.
        created: number of rows inserted; of a store that does not tell, of rows written.
        replaced: number of rows that were there and were written over.
        replace: whether that was asked for.
    """

    results: list[WriteResult] = field(factory=list)
    failed: list[tuple[Any, JugglerError]] = field(factory=list)
    created: int = 0
    replaced: int = 0
    replace: bool = field(default=False, repr=False)
    _model: Any = field(default=None, repr=False, alias="model")

    @property
    def ok(self) -> bool:
        """Whether every row was written."""
        return not self.failed

    @property
    def keys(self) -> list[Any]:
        """Keys of the rows written; a single-property key as its value."""
        return [
            r.key[0] if r.key is not None and len(r.key) == 1 else r.key
            for r in self.results
            if r.status in WRITTEN
        ]

    @property
    def unknown(self) -> int:
        """Rows that were sent and not answered."""
        return sum(1 for r in self.results if r.status == "unknown")

    def retry(self) -> BulkResult:
        """Write the failed rows again (blocking)."""
        rows = [row for row, _ in self.failed]
        again: BulkResult = self._model.create_all(rows, on_error="collect", replace=self.replace)
        return again

    def __len__(self) -> int:
        return len(self.results)

    def __repr__(self) -> str:
        replaced = f"replaced={self.replaced:,}, " if self.replaced else ""
        return f"BulkResult(created={self.created:,}, {replaced}failed={len(self.failed):,})"


class Explanation(Protocol):
    """A query's plan: print it, take ``to_dict()``, or show it in a notebook."""

    @property
    def plan(self) -> Any:
        """The connector's plan."""
        ...

    @property
    def refused(self) -> str:
        """Why the cost guard would refuse it; empty when it would not."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-able data."""
        ...
