"""Many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import BulkError, DuplicateKeyError, JugglerError
from juggler_conformance.props._draws import a_row, any_shape, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows, spelled_row

if TYPE_CHECKING:
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session


@conforms("core", keeps=True, usually="one row's failure is reported for another, or hidden")
def bulk_reports_each_row(session: Session) -> None:
    """create_all tells for each row whether it was written; duplicates fail, others are there."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            some_rows(draw, bench, max_size=4)
            batch = [a_row(draw, bench) for _ in range(draw(st.integers(0, 6)))]
            size = draw(st.sampled_from((1000, 1000, 2, 1)))
            _bulk(bench, batch, size)
            bench.check()

    session.examples(body)


def _bulk(bench: Bench, batch: list[dict[str, Any]], size: int) -> None:
    bench.touched.update(dict.fromkeys(map(bench.table.key_of, batch)))
    expected = []
    for row in batch:
        fresh = bench.table.key_of(row) not in bench.table.rows
        expected.append(fresh)
        if fresh:
            bench.table.insert(row)
    given = [spelled_row(row) for row in batch]
    result = bench.call("create_all", given, batch=size, on_error="collect")
    assert result.created == sum(expected), f"{result.created} instead of {sum(expected)} created"
    refused = [row for row, fresh in zip(given, expected, strict=True) if not fresh]
    failed = [row for row, _ in result.failed]
    assert sorted(map(repr, failed)) == sorted(map(repr, refused)), (
        f"failed {failed!r} instead of {refused!r}"
    )
    assert all(isinstance(error, DuplicateKeyError) for _, error in result.failed)


@conforms("core", usually="rows are sent before all of them were checked")
def a_bad_row_stops_the_bulk(session: Session) -> None:
    """With on_error='raise' one bad row is a BulkError, and nothing is sent."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            batch = draw(st.lists(rows(shape, session.limits), min_size=1, max_size=4))
            bench.touched.update(dict.fromkeys(map(bench.table.key_of, batch)))
            bad = draw(st.integers(0, len(batch) - 1))
            given: list[Any] = [spelled_row(row) for row in batch]
            given[bad] = {**given[bad], shape.key_names[0]: draw(st.sampled_from((None, [], {})))}
            with session.recording() as recorder:
                try:
                    bench.call("create_all", given)
                except JugglerError as error:
                    assert isinstance(error, BulkError), f"{error!r} is no BulkError"
                    session.reach.refusal(error)
                else:
                    message = "a bad row went through"
                    raise AssertionError(message)
            assert not recorder.hooks, f"{recorder.hooks} was sent"
            bench.check()

    session.examples(body, scale=0.5)
