"""Pages: any size gives the same rows, while others write too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import strategies as st

from juggler import Query
from juggler.errors import CapabilityError
from juggler_conformance.bench import filter_of
from juggler_conformance.plain import plain_row
from juggler_conformance.props._draws import any_shape, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import queries, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.strategies import DrawnQuery


def pages(
    bench: Bench, query: DrawnQuery, size: int, between: Callable[[list[Any]], None] | None = None
) -> list[Any]:
    """All instances of a query, page by page; ``between`` acts after each page."""
    lazy = Query.of(bench.model, filter_of(query))
    said = f"Query.of(M, {filter_of(query)!r})"
    found: list[Any] = []
    token: str | None = None
    for _ in range(200):
        page, token = bench.call("page", size, token, owner=lazy, said=said)
        assert len(page) <= size, f"a page of {len(page)}, {size} were asked for"
        found += page
        if token is None:
            return found
        assert page, "an empty page, and a token for another one"
        if between is not None:
            between(found)
    message = "paging does not end"
    raise AssertionError(message)


@conforms("query", usually="limit, skip or ties at a page's boundary")
def pages_of_any_size(session: Session) -> None:
    """Pages of any size, put together, are the answer to the query."""
    if not session.caps.paging:
        return _no_pages(session)

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = draw(queries(shape, stored, session.limits, session.caps))
            found = pages(bench, query, draw(st.integers(1, 5)))
            bench.compare(query, [plain_row(instance, query.fields) for instance in found])

    return session.examples(body, scale=2)


@conforms("query", usually="a stream that differs from find, or ends early")
def streams(session: Session) -> None:
    """stream() gives the rows of find() in the same order, and can be taken up again."""
    if not session.caps.paging:
        return

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = draw(queries(shape, stored, session.limits, session.caps))
            lazy = Query.of(bench.model, filter_of(query))
            size = draw(st.integers(1, 4))
            stream = lazy.stream(size)
            if session.colours.next_is_async():
                found = session.colours.run(_all(stream))
            else:
                found = list(stream)
            bench.compare(query, [plain_row(instance, query.fields) for instance in found])

    session.examples(body)


async def _all(stream: Any) -> list[Any]:
    return [instance async for instance in stream]


@conforms("query", usually="offsets instead of keysets: a deleted row shifts the following pages")
def deletes_while_paging(session: Session) -> None:
    """Rows deleted between pages make no other row be left out or come twice."""
    if not session.caps.paging:
        return

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = evolve(
                draw(queries(shape, stored, session.limits, session.caps, paged=False)), fields=None
            )
            gone: set[Any] = set()

            def delete(found: list[Any]) -> None:
                keys = list(bench.table.rows)
                if keys:
                    last = bench.table.key_of(plain_row(found[-1]))
                    key = draw(st.sampled_from([last, *keys]))
                    if key in bench.table.rows:
                        bench.delete(key)
                        gone.add(key)

            wanted = {bench.table.key_of(row) for row in bench.table.find(query.where)}
            found = pages(bench, query, draw(st.integers(1, 3)), delete)
            keys = [bench.table.key_of(plain_row(instance)) for instance in found]
            assert len(set(keys)) == len(keys), f"a row came twice: {keys!r}"
            assert wanted - gone <= set(keys) <= wanted, f"{keys!r} of {wanted!r}, deleted {gone!r}"

    session.examples(body)


@conforms("query", usually="offsets instead of keysets: a new row shifts the following pages")
def inserts_while_paging(session: Session) -> None:
    """Rows created between pages make no other row be left out or come twice."""
    if not session.caps.paging:
        return

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = evolve(
                draw(queries(shape, stored, session.limits, session.caps, paged=False)), fields=None
            )
            wanted = {bench.table.key_of(row) for row in bench.table.find(query.where)}

            def insert(found: list[Any]) -> None:
                del found
                row = draw(rows(shape, session.limits))
                if bench.table.key_of(row) not in bench.table.rows:
                    bench.create(row)

            found = pages(bench, query, draw(st.integers(1, 3)), insert)
            keys = [bench.table.key_of(plain_row(instance)) for instance in found]
            assert len(set(keys)) == len(keys), f"a row came twice: {keys!r}"
            assert wanted <= set(keys), f"{keys!r} without some of {wanted!r}"

    session.examples(body)


def _no_pages(session: Session) -> None:
    """Paging is not claimed: asking for a page is refused without a request."""
    session.fresh()
    with session.explained(), session.bench(session.shapes[0]) as bench:
        with session.recording() as recorder:
            lazy = Query.of(bench.model, {})
            error = bench.refused(CapabilityError, "page", 1, owner=lazy, said="Query.of(M, {})")
        assert error.hint
        assert not recorder.hooks
