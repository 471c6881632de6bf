"""Pages by token: signed, bound to their query, and right under writes at the page's boundary.

A page in the store's own order goes on at the connector's cursor.  Where rows are ordered here, the
token holds the last row's sort values and key instead, and the next page begins strictly after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.operations import _guard, _position
from juggler.operations._execute import Batch, Counters, matcher, order_values, plan_for, sort_of
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


@frozen
class Answer:
    """A page's rows, the fields of their tuples, their versions, the token of the next page."""

    fields: tuple[str, ...]
    rows: Sequence[Row]
    versions: Sequence[Any] | None
    token: str | None


async def page(port: Port, source: Source, query: QuerySpec, size: int, token: str | None) -> Answer:
    """One page of a query."""
    state = None if token is None else source.tokens.decode(token, query.fingerprint, source.clock())
    emitted = state.emitted if state else 0
    left = size if query.limit is None else min(size, query.limit - emitted)
    if isinstance(query.where, Nothing) or left <= 0:
        return Answer(query.model.names, (), None, None)
    plan = plan_for(source, query)
    reader = _Reader(port, source, plan, Counters())
    skip = query.skip if state is None else 0
    position = _position.decode(state.cursor) if state else _position.START
    if not query.order or plan.order == "satisfied":
        batch, position = await _in_store_order(reader, position, left, skip)
    else:
        batch, position = await _sorted_here(reader, position, left, skip)
    emitted += len(batch.rows)
    if position is None or (query.limit is not None and emitted >= query.limit):
        return Answer(plan.fields, batch.rows, batch.versions, None)
    following = Token(query.fingerprint, _position.encode(position), emitted)
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

    async def all(self, cursor: bytes | None, want: int) -> AsyncGenerator[tuple[bytes | None, Page], None]:
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

    A connector that can go on after any row (``paging`` with ``anywhere=True``) is asked for one row
    more, so that the last page has no token; from another no more rows are taken than needed.
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
        if len(batch.rows) > room and answer.cursor_after is not None:
            at = next(i for i, row in enumerate(answer.rows) if row is taken[-1])
            cursor = answer.cursor_after(at)
            break
        cursor = answer.cursor
        if cursor is None or (len(rows) >= end and not ahead):
            break
    chosen = Batch(rows[skip:], None if versions is None else versions[skip:])
    return chosen, None if cursor is None else _position.Position(cursor, None)


async def _sorted_here(
    reader: _Reader, position: _position.Position, size: int, skip: int
) -> tuple[Batch, _position.Position | None]:
    """A page whose position is its last row; ``ties`` plans go on where that row's ties begin."""
    plan = reader.plan
    layout = Layout(plan.query.model, plan.fields)
    later = None
    if position.last is not None:
        later = after(layout, plan.query.order, plan.query.where, position.last)
    keep, values = matcher(plan), order_values(plan)
    held: list[Row] = []
    versions: dict[int, Any] = {}
    begins: dict[Any, bytes | None] = {}
    wanted = size + skip + 1
    tied = plan.order == "ties"
    async for start, answer in reader.all(position.cursor if tied else None, max(wanted, 500)):
        batch = keep(answer)
        for i, row in enumerate(batch.rows):
            if tied:
                begins.setdefault(values(row), start)
            if later is None or later(row):
                held.append(row)
                if batch.versions is not None:
                    versions[id(row)] = batch.versions[i]
        if tied and len(held) > wanted and values(held[-1]) != values(held[wanted - 1]):
            break
        bound = plan.query.options.max_sort
        if bound is not None and wanted > bound:
            raise _guard.too_many(reader.source, plan, "max_sort", bound)
        if not tied and len(held) > 4 * wanted + 1000:
            held = sort_of(plan)(held, wanted)
    held = sort_of(plan)(held, wanted)
    rows = held[skip : skip + size]
    chosen = Batch(rows, [versions.get(id(row)) for row in rows] if versions else None)
    if len(held) < wanted or not rows:
        return chosen, None
    keys = [plan.fields.index(name) for name in plan.query.model.key.names]
    last = (*values(rows[-1]), *(rows[-1][i] for i in keys))
    return chosen, _position.Position(begins.get(values(rows[-1])) if tied else None, last)
