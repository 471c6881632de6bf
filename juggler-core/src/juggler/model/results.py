"""What operations give back besides instances, as far as the model layer names it."""

from __future__ import annotations

from typing import Any, Protocol


class Count(Protocol):
    """How many rows a write by condition matched and changed; None is not known."""

    @property
    def matched(self) -> int | None:
        """Rows that fulfilled the condition."""
        ...

    @property
    def changed(self) -> int | None:
        """Rows that were written."""
        ...

    @property
    def conflicts(self) -> int:
        """Rows that others kept changing meanwhile."""
        ...


class BulkResult(Protocol):
    """What a bulk write did, row by row."""

    results: list[Any]
    failed: list[tuple[Any, Any]]
    created: int

    @property
    def ok(self) -> bool:
        """Whether every row was written."""
        ...

    @property
    def keys(self) -> list[Any]:
        """Keys of the rows written."""
        ...

    @property
    def unknown(self) -> int:
        """Rows that were sent and not answered."""
        ...

    def retry(self) -> BulkResult:
        """Write the failed rows again (blocking)."""
        ...

    def __len__(self) -> int: ...


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
