"""Pages by token: signed, bound to their query, and right under writes at the page's boundary.

A page in the store's own order goes on at the connector's cursor.  Where rows are ordered here,
the token holds the last row's sort values and key, and the next page begins strictly after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import BackendError
from juggler.operations import _guard, _position
from juggler.operations._execute import Batch, Counters, matcher, order_values, planned, sort_of
from juggler.query.evaluate import Layout
from juggler.query.order import after
from juggler.query.tokens import Token
from juggler.query.tree import TRUE, Nothing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from juggler.connector.plan import Plan
    from juggler.connector.port import Port
    from juggler.connector.results import Page, Row
    from juggler.operations._source import Source
    from juggler.query.spec import QuerySpec


#: Rows per request where rows are sorted here.
_AT_LEAST = 500


@frozen
class Answer:
    """A page's rows, the fields of their tuples, their versions, the token of the next page."""

    fields: tuple[str, ...]
    rows: Sequence[Row]
    versions: Sequence[Any] | None
    token: str | None


async def page(
    port: Port, source: Source, query: QuerySpec, size: int, token: str | None
) -> Answer:
    """One page of a query."""
    state = (
        None if token is None else source.tokens.decode(token, query.fingerprint, source.clock())
    )
    emitted = state.emitted if state else 0
    left = size if query.limit is None else min(size, query.limit - emitted)
    if isinstance(query.where, Nothing) or left <= 0:
        return Answer(query.model.names, (), None, None)
    skip = query.skip if state is None else 0
    position = _position.decode(state.cursor) if state else _position.START

    async def taken(plan: Plan) -> tuple[Plan, Batch, _position.Position | None]:
        in_order = not query.order or plan.order == "satisfied"
        take = _in_store_order if in_order else _sorted_here
        reader = _Reader(port, source, plan, Counters())
        return plan, *await take(reader, position, left, skip)

    plan, batch, next_position = await planned(port, source, query, taken)
    emitted += len(batch.rows)
    if next_position is None or (query.limit is not None and emitted >= query.limit):
        return Answer(plan.fields, batch.rows, batch.versions, None)
    following = Token(query.fingerprint, _position.encode(next_position), emitted)
    return Answer(plan.fields, batch.rows, batch.versions, source.tokens.encode(following))


@frozen
class _Reader:
    """Reads pages of a plan within ``max_scanned``."""

    port: Port
    source: Source
    plan: Plan
    counters: Counters

    async def read(self, cursor: bytes | None, want: int) -> Page:
        answer: Page = await self.port.call("fetch", self.plan, cursor, max(want, 1))
        counters = self.counters
        counters.scanned += answer.scanned or len(answer.rows)
        bound = self.plan.query.options.max_scanned if self.plan.residual is not TRUE else None
        if bound is not None and counters.scanned > bound:
            raise _guard.too_many(self.source, self.plan, "max_scanned", bound)
        return answer

    async def all(
        self, cursor: bytes | None, want: int
    ) -> AsyncGenerator[tuple[bytes | None, Page], None]:
        """Pages with the cursor that each began at."""
        while True:
            answer = await self.read(cursor, want)
            yield cursor, answer
            cursor = answer.cursor
            if cursor is None:
                return


async def _in_store_order(
    reader: _Reader, position: _position.Position, size: int, skip: int
) -> tuple[Batch, _position.Position | None]:
    """A page whose whole position is the connector's cursor.

    A connector that can go on after any row (``paging`` with ``anywhere=True``) is asked for one
    row more, so that the last page has no token; from another no more rows are taken than needed.
    """
    capabilities = reader.source.capabilities_of(reader.plan.query.model)
    ahead = 1 if capabilities.paging.get("anywhere") else 0
    keep = matcher(reader.plan)
    rows: list[Row] = []
    versions: list[Any] | None = None
    cursor, end = position.cursor, size + skip
    while True:
        answer = await reader.read(cursor, end - len(rows) + ahead)
        batch = keep(answer)
        room = end - len(rows)
        taken = list(batch.rows[:room])
        if batch.versions is not None:
            versions = [*(versions or [None] * len(rows)), *batch.versions[:room]]
        rows += taken
        if len(batch.rows) > room:
            if answer.cursor_after is None:
                raise _overrun(reader)
            if taken:  # without room, the next page begins where this answer did
                at = next(i for i, row in enumerate(answer.rows) if row is taken[-1])
                cursor = answer.cursor_after(at)
            break
        cursor = answer.cursor
        if cursor is None or (len(rows) >= end and not ahead):
            break
    chosen = Batch(rows[skip:], None if versions is None else versions[skip:])
    return chosen, None if cursor is None else _position.Position(cursor, None)


def _overrun(reader: _Reader) -> BackendError:
    return BackendError(
        f"connector {reader.source.name!r} gave rows beyond the page and no way to go on after one",
        code="page-overrun",
        hint="its pages need cursor_after, or its claim paging=full(anywhere=False)",
        connector=reader.source.name,
    )


async def _sorted_here(
    reader: _Reader, position: _position.Position, size: int, skip: int
) -> tuple[Batch, _position.Position | None]:
    """A page whose position is its last row; ``ties`` plans go on where that row's ties begin."""
    plan = reader.plan
    best = _Best(plan, position, size + skip + 1)
    bound = plan.query.options.max_sort
    if bound is not None and best.wanted > bound:
        raise _guard.too_many(reader.source, plan, "max_sort", bound)
    start = position.cursor if best.tied else None
    async for began, answer in reader.all(start, max(best.wanted, _AT_LEAST)):
        best.add(began, answer)
        if best.complete:
            break
    return best.page(skip, size)


class _Best:
    """The first ``wanted`` rows after a position, of the rows seen so far."""

    def __init__(self, plan: Plan, position: _position.Position, wanted: int) -> None:
        layout = Layout(plan.query.model, plan.fields)
        query, last = plan.query, position.last
        self.plan = plan
        self.wanted = wanted
        self.tied = plan.order == "ties"
        self.keep = matcher(plan)
        self.values = order_values(plan)
        self.sort = sort_of(plan)
        self.later = None if last is None else after(layout, query.order, query.where, last)
        self.rows: list[Row] = []
        self.versions: dict[int, Any] = {}
        #: Where each run of ties begins: the cursor of the page in which it was first seen.
        self.begins: dict[Any, bytes | None] = {}

    def add(self, began: bytes | None, answer: Page) -> None:
        """Take a page, which began at that cursor."""
        batch = self.keep(answer)
        for i, row in enumerate(batch.rows):
            if self.tied:
                self.begins.setdefault(self.values(row), began)
            if self.later is None or self.later(row):
                self.rows.append(row)
                if batch.versions is not None:
                    self.versions[id(row)] = batch.versions[i]
        if not self.tied and len(self.rows) > 4 * self.wanted + _AT_LEAST:
            self.rows = self.sort(self.rows, self.wanted)

    @property
    def complete(self) -> bool:
        """Whether no later page can change the answer: the run of the last wanted row is over."""
        if not self.tied or len(self.rows) <= self.wanted:
            return False
        return self.values(self.rows[-1]) != self.values(self.rows[self.wanted - 1])

    def page(self, skip: int, size: int) -> tuple[Batch, _position.Position | None]:
        """The page, and where the next one begins."""
        held = self.sort(self.rows, self.wanted)
        rows = held[skip : skip + size]
        versions = [self.versions.get(id(row)) for row in rows] if self.versions else None
        if len(held) < self.wanted or not rows:
            return Batch(rows, versions), None
        sorted_by = self.values(rows[-1])
        fields = self.plan.fields
        key = tuple(rows[-1][fields.index(name)] for name in self.plan.query.model.key.names)
        begins = self.begins.get(sorted_by) if self.tied else None
        return Batch(rows, versions), _position.Position(begins, (*sorted_by, *key))
