"""Rows that were read: as they are given out, with their versions, and where each stands."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler.connector import Row, Version

    #: A row as it is given out, its version, its place.
    Item = tuple[Row, Version, Row]


@define(eq=False)
class Chunk:
    """Rows side by side with what is known of each: three lists instead of a tuple per row.

    Attributes:
        rows: as they are given out.
        versions: of each row, where the model keeps them.
        places: the rows as they were read (of points: their numbers), which say where to go on.
    """

    rows: list[Row]
    versions: list[Any] | None
    places: list[Row]

    @classmethod
    def empty(cls, *, versioned: bool) -> Chunk:
        """No rows yet."""
        return cls([], [] if versioned else None, [])

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, other: Chunk) -> None:
        """Take the rows of another one behind one's own."""
        self.rows += other.rows
        self.places += other.places
        if self.versions is not None:
            self.versions += other.versions or ()

    def kept(self, keep: Callable[[Row], bool] | None) -> Chunk:
        """The rows that fulfil a condition."""
        if keep is None:
            return self
        return self.chosen(i for i, row in enumerate(self.rows) if keep(row))

    def chosen(self, numbers: Iterable[int]) -> Chunk:
        """The rows of these numbers."""
        chosen = list(numbers)
        versions = self.versions
        return Chunk(
            [self.rows[i] for i in chosen],
            None if versions is None else [versions[i] for i in chosen],
            [self.places[i] for i in chosen],
        )

    def items(self) -> list[Item]:
        """The rows one by one."""
        return list(zip(self.rows, self.versions or repeat(None), self.places, strict=False))
