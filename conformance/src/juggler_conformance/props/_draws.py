"""What most properties draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler_conformance.strategies import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.shapes import Shape
    from juggler_conformance.strategies.spelling import Chooser


def any_shape(draw: Draw, session: Session) -> Shape:
    """One of the shapes that the connector claims."""
    shape: Shape = draw(st.sampled_from(session.shapes))
    session.reach.saw("shape", shape.name)
    return shape


def some_rows(draw: Draw, bench: Bench, *, max_size: int = 12) -> list[dict[str, Any]]:
    """Rows with different keys, loaded."""
    rows: list[dict[str, Any]] = draw(
        tables(bench.shape, bench.session.limits, max_size=max_size)
    )
    bench.load(rows)
    return rows


def chooser(draw: Draw) -> Chooser:
    """Picks spellings: the plain ones half of the time."""
    if draw(st.booleans()):
        return lambda ways: ways[0]

    def choose(ways: Sequence[Any]) -> Any:
        return ways[draw(st.integers(0, len(ways) - 1))]

    return choose
