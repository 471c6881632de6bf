"""Whether everything that is claimed was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from juggler_conformance.props._draws import some_rows
from juggler_conformance.reach import never_reached
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import queries

if TYPE_CHECKING:
    from juggler_conformance.session import Draw, Session


@conforms(
    "query",
    keeps=True,
    usually="an index that no plan uses, an order that is never given by the store",
)
def claims_are_reached(session: Session) -> None:
    """Every access path and order that is claimed is reached by some query."""

    def body(draw: Draw) -> None:
        shape = draw(st.sampled_from(session.shapes))
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            for _ in range(3):
                query = draw(queries(shape, stored, session.limits, session.caps))
                plan = bench.plan(query)
                session.reach.plan(plan)
                if plan.path != "empty":
                    bench.find(query)

    missing = never_reached(session.reach, session.caps, session.shapes)
    for attempt in range(3):
        if not missing:
            return
        session.examples(body, part=str(attempt), scale=0.25, least=1000)
        missing = never_reached(session.reach, session.caps, session.shapes)
    shown = "; ".join(f"{group}: {' or '.join(names)}" for group, names in missing)
    assert not missing, f"claimed and never reached: {shown}; reached: {session.reach.as_dict()}"
