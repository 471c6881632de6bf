"""What most properties draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler_conformance.strategies import rows as new_rows
from juggler_conformance.strategies import tables
from juggler_conformance.strategies.spelling import first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.shapes import Shape
    from juggler_conformance.strategies.spelling import Chooser, W


def any_shape(draw: Draw, session: Session) -> Shape:
    """One of the shapes that the connector claims."""
    shape: Shape = draw(st.sampled_from(session.shapes))
    session.reach.saw("shape", shape.name)
    return shape


def some_rows(
    draw: Draw, bench: Bench, *, min_size: int = 0, max_size: int = 12
) -> list[dict[str, Any]]:
    """Rows with different keys, loaded."""
    few = max(min(draw(st.sampled_from((0, 3, 6))), max_size), min_size)
    rows: list[dict[str, Any]] = draw(
        tables(bench.shape, bench.session.limits, min_size=few, max_size=max_size)
    )
    bench.load(rows)
    return rows


def a_row(draw: Draw, bench: Bench) -> dict[str, Any]:
    """A row; two times out of three its key is that of a stored row."""
    row: dict[str, Any] = draw(new_rows(bench.shape, bench.session.limits))
    stored = list(bench.table.rows)
    if stored and draw(st.integers(0, 2)):
        key = draw(st.sampled_from(stored))
        row |= dict(zip(bench.shape.key_names, key, strict=True))
    return row


def chooser(draw: Draw) -> Chooser:
    """Picks spellings: the plain ones half of the time."""
    if draw(st.booleans()):
        return first

    def choose(ways: Sequence[W], /) -> W:
        return ways[draw(st.integers(0, len(ways) - 1))]

    return choose
