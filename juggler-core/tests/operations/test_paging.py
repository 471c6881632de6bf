"""Pages by token over stores that order by themselves, fully, up to ties, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from juggler import Query, connect
from juggler.connector import Page, SimpleConnector, full, full_scan, hookimpl
from juggler.errors import BackendError, CostGuardError, PageTokenError
from juggler.values import tagged

NOTE = {"id": {"type": "integer", "id": True}, "n": "integer", "odd": "boolean"}


class Ordered(SimpleConnector):
    """Orders by ``n``; rows of one ``n`` come by falling key, or by rising key as asked.

    ``step`` is the most rows that it gives in a page; ``anywhere`` whether it can go on after any.
    """

    def __init__(self, order: str, step: int, *, anywhere: bool) -> None:
        super().__init__()
        self.order = order
        self.step = step
        self.anywhere = anywhere
        self.claims = {"paging": full(kind="keyset", anywhere=anywhere)}  # type: ignore[misc]
        self.rows: dict[Any, dict[str, Any]] = {}

    def all(self, model: Any) -> Any:
        del model
        return list(self.rows.values())

    def create(self, model: Any, key: Any, record: Any) -> Any:
        del model
        self.rows[key] = record

    def destroy(self, model: Any, key: Any) -> Any:
        del model
        del self.rows[key]

    @hookimpl
    def plan(self, query: Any, schema: Any) -> Any:
        del schema
        return evolve(full_scan(query), order=self.order if query.order else "none")

    @hookimpl
    async def fetch(self, plan: Any, cursor: Any, want: int, ctx: Any) -> Page:
        del ctx
        falling = plan.query.order and plan.query.order[0][1] == "desc"

        def place(row: Any) -> Any:
            n = -1 if row["n"] is None else row["n"]
            ties = -1 if self.order == "ties" else 1
            return (-n if falling else n, row["id"] * ties) if plan.query.order else row["id"]

        rows = sorted(self.rows.values(), key=place)
        if cursor is not None:
            last = tagged.loads(cursor.decode())
            rows = [row for row in rows if place(row) > last]
        size = min(want, self.step)
        page = [tuple(row.get(name) for name in plan.fields) for row in rows[:size]]
        marks = [tagged.dumps(place(row)).encode() for row in rows[:size]]
        return Page(
            page,
            marks[-1] if len(rows) > size else None,
            cursor_after=marks.__getitem__ if self.anywhere else None,
        )


def source(order: str, step: int, rows: list[int | None], *, anywhere: bool) -> Any:
    note = connect(Ordered(order, step, anywhere=anywhere), {"scan": "allow"}).define("Note", NOTE)
    note.create_all({"id": i, "n": n, "odd": i % 2 == 1} for i, n in enumerate(rows))
    return note


def expected(rows: list[int | None], filter_: dict[str, Any]) -> list[int]:
    pairs = [(-1 if n is None else n, i) for i, n in enumerate(rows)]
    if filter_.get("where"):
        pairs = [(n, i) for n, i in pairs if i % 2]
    if "order" in filter_:
        falling = "DESC" in filter_["order"]
        pairs.sort(key=lambda pair: (-pair[0] if falling else pair[0], pair[1]))
    skip, limit = filter_.get("skip", 0), filter_.get("limit")
    return [i for _, i in pairs][skip : None if limit is None else skip + limit]


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(["n", "n DESC"]),
        "where": st.just({"odd": True}),
        "limit": st.integers(0, 9),
        "skip": st.integers(0, 4),
    },
)
STORES = st.tuples(st.sampled_from(["satisfied", "ties", "none"]), st.integers(1, 5), st.booleans())
ROWS = st.lists(st.none() | st.integers(0, 2), max_size=12)


@given(STORES, ROWS, FILTERS, st.integers(1, 5))
def test_pages_are_the_whole_in_its_order(
    store: tuple[str, int, bool], rows: list[int | None], given_: dict[str, Any], size: int
) -> None:
    order, step, anywhere = store
    note = source(order, step, rows, anywhere=anywhere)
    whole = expected(rows, given_)
    assert [row.id for row in note.find(given_)] == whole
    query = Query.of(note, given_)
    token, pages = None, []
    while True:
        page, token = query.page(size, token)
        pages.append([row.id for row in page])
        if token is None:
            break
        assert len(page) == size
    assert [found for page in pages for found in page] == whole


@given(STORES, ROWS, st.sampled_from([{}, {"order": "n"}, {"order": "n DESC"}]), st.integers(1, 4))
def test_what_was_given_out_may_be_deleted(
    store: tuple[str, int, bool], rows: list[int | None], given_: dict[str, Any], size: int
) -> None:
    order, step, anywhere = store
    note = source(order, step, rows, anywhere=anywhere)
    query = Query.of(note, given_)
    seen: list[int] = []
    token = None
    while True:
        page, token = query.page(size, token)
        seen += [row.id for row in page]
        for row in page:
            row.delete()
        if token is None:
            break
    assert seen == expected(rows, given_)


def test_a_row_behind_a_page_that_is_full_ends_it_there() -> None:
    """The store gives no more than what fits, then one row that was asked for to look ahead."""
    note = source("none", 2, [0, 1, 2], anywhere=True)
    query = note.where({})
    page, token = query.page(2)
    assert ([row.id for row in page], token is None) == ([0, 1], False)
    page, token = query.page(2, token)
    assert ([row.id for row in page], token) == ([2], None)


def test_a_store_that_claims_too_much_loses_no_row() -> None:
    note = source("none", 3, [0, 1, 2], anywhere=True)
    note.__link__.source.host.connector.anywhere = False
    with pytest.raises(BackendError) as caught:
        note.where({}).page(1)
    assert caught.value.code == "page-overrun"


def test_a_token_is_for_its_query_alone() -> None:
    note = source("ties", 2, [0, 0, 1, 1], anywhere=False)
    _, token = note.where({}).order("n").page(1)
    for other in (note.where({}), note.where({}).order("n DESC"), note.where({"odd": True})):
        with pytest.raises(PageTokenError):
            other.page(1, token)


def test_sorting_pages_is_bounded() -> None:
    note = source("none", 5, [0, 1, 2], anywhere=False)
    with pytest.raises(CostGuardError, match="sort in memory") as caught:
        note.where({}).order("n").using(max_sort=2).page(3)
    assert "max_sort" in caught.value.hint


def test_a_stream_goes_on_after_a_break() -> None:
    note = source("ties", 2, [1, 1, 0, 1, 0], anywhere=False)
    stream = note.stream({"order": "n"}, page_size=2)
    first = [row.id for row, _ in zip(stream, range(2), strict=False)]
    rest = [row.id for row in note.stream({"order": "n"}, page_size=2, resume=stream.token)]
    assert first + rest == [2, 4, 0, 1, 3]
    assert [row.id for row in stream] == rest  # the same stream goes on, too
