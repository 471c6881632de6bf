"""The executor: pages of a plan → residual → order → skip and limit.

Everything that a connector did not do is done here, within the bounds of the data source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field

from juggler.errors import SchemaDriftError
from juggler.operations import _guard
from juggler.query.evaluate import Layout, select
from juggler.query.order import sorter, values_of
from juggler.query.tree import TRUE, Nothing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from juggler.connector.plan import Plan
    from juggler.connector.port import Port
    from juggler.connector.results import Page, Row, Version
    from juggler.operations._source import Source
    from juggler.query.spec import QuerySpec

T = TypeVar("T")
#: Rows per request where nobody says otherwise.
PAGE = 1000
#: ``want`` of a connector inside the process: everything at once.
EVERYTHING = 1 << 31


@define
class Counters:
    """What a query did: for ``explain(analyze=True)`` and traces."""

    requests: int = 0
    scanned: int = 0
    returned: int = 0
    warnings: list[str] = field(factory=list)


@define
class Batch:
    """Rows with their versions (None where the store has none)."""

    rows: Sequence[Row]
    versions: Sequence[Version | None] | None = None


def plan_for(source: Source, query: QuerySpec) -> Plan:
    """The connector's plan, checked by the guard."""
    plan = source.plan_query(query, source.schema_of(query.model))
    _guard.check(source, plan)
    return plan


async def fetch_all(
    port: Port, source: Source, query: QuerySpec, counters: Counters
) -> tuple[Plan, Batch]:
    """All rows of a query in its order, with skip and limit done."""
    if isinstance(query.where, Nothing) or query.limit == 0:
        return source.plan_query(query, source.schema_of(query.model)), Batch(())

    async def answered(plan: Plan) -> tuple[Plan, Batch]:
        return plan, await run(port, source, plan, counters)

    return await planned(port, source, query, answered)


async def planned(
    port: Port, source: Source, query: QuerySpec, read: Callable[[Plan], Awaitable[T]]
) -> T:
    """What ``read`` makes of the query's plan.

    When the store is not as it was known its schema is read anew, once, and planned again:
    ``read`` therefore only reads.
    """
    try:
        return await read(plan_for(source, query))
    except SchemaDriftError:
        await source.refresh_schema(port, query.model)
        return await read(plan_for(source, query))


async def run(port: Port, source: Source, plan: Plan, counters: Counters) -> Batch:
    """All rows of a plan, in the query's order, with skip and limit done."""
    query = plan.query
    end = None if query.limit is None else query.skip + query.limit
    held: _InOrder | _Sorting
    if not query.order or plan.order == "satisfied":
        held, need = _InOrder(end), end
    else:
        held, need = _Sorting(source, plan, end), None
    async for batch in batches(port, source, plan, need, counters):
        held.add(batch)
        if held.complete:
            break
    rows, versions = held.finish()
    start = query.skip
    if start or (end is not None and len(rows) > end):
        rows = rows[start:end]
        versions = versions[start:end] if versions is not None else None
    counters.returned = len(rows)
    return Batch(rows, versions)


async def batches(
    port: Port,
    source: Source,
    plan: Plan,
    need: int | None,
    counters: Counters,
) -> AsyncGenerator[Batch, None]:
    """The matching rows of a plan, page by page, in the store's order.

    The caller stops after ``need`` rows, None for all.
    """
    keep = matcher(plan)
    async for page in pages(port, source, plan, need, counters):
        yield keep(page)


async def pages(
    port: Port,
    source: Source,
    plan: Plan,
    need: int | None,
    counters: Counters,
) -> AsyncGenerator[Page, None]:
    """The pages of a plan as the connector gives them, within ``max_scanned``."""
    options = plan.query.options
    bound = options.max_scanned if plan.residual is not TRUE or plan.cost.cls == "scan" else None
    if plan.query.where is TRUE and not plan.query.order:
        bound = None
    size = options.page_size or (EVERYTHING if port.instant else PAGE)
    if need is not None and plan.residual is TRUE:
        size = min(size, max(need, 1))
    cursor: bytes | None = None
    while True:
        page: Page = await port.call("fetch", plan, cursor, size)
        counters.requests += 1
        counters.scanned += page.scanned or len(page.rows)
        counters.warnings.extend(page.warnings)
        if bound is not None and counters.scanned > bound:
            raise _guard.too_many(source, plan, "max_scanned", bound)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


def matcher(plan: Plan) -> Callable[[Page], Batch]:
    """Keeps the rows of a page that fulfil the residual, and their versions."""
    if plan.residual is TRUE:
        return lambda page: Batch(page.rows, page.versions)
    layout = Layout(plan.query.model, plan.fields)
    keep = select(layout, plan.residual)

    def filtered(page: Page) -> Batch:
        if page.versions is None:
            return Batch(keep(page.rows))
        by_id = {id(row): version for row, version in zip(page.rows, page.versions, strict=True)}
        rows = keep(page.rows)
        return Batch(rows, [by_id[id(row)] for row in rows])

    return filtered


class _InOrder:
    """Rows held until they can be given out, as they come: all, or the first ``end``."""

    def __init__(self, end: int | None) -> None:
        self.end = end
        self.rows: list[Row] = []
        self.versions: list[Version | None] | None = None

    def add(self, batch: Batch) -> None:
        """Take a page's rows."""
        known = self.versions
        if batch.versions is not None:
            before: list[Version | None] = [None] * len(self.rows) if known is None else known
            before.extend(batch.versions)
            self.versions = before
        elif known is not None:
            known.extend([None] * len(batch.rows))
        self.rows.extend(batch.rows)

    @property
    def complete(self) -> bool:
        """Whether no later page can change the answer."""
        return self.end is not None and len(self.rows) >= self.end

    def finish(self) -> tuple[list[Row], list[Version | None] | None]:
        """The rows, with their versions."""
        return self.rows, self.versions


class _Sorting:
    """Rows held until they can be given out in order: all, or the best ``end`` so far."""

    def __init__(self, source: Source, plan: Plan, end: int | None) -> None:
        self.source = source
        self.plan = plan
        self.sort = sort_of(plan)
        self.end = end
        self.rows: list[Row] = []
        self.versions: dict[int, Version | None] | None = None
        self.bound = plan.query.options.max_sort
        self.tie = order_values(plan) if plan.order == "ties" else None

    def add(self, batch: Batch) -> None:
        """Take a page's rows."""
        if batch.versions is not None:
            self.versions = self.versions or {}
            self.versions.update(
                (id(row), v) for row, v in zip(batch.rows, batch.versions, strict=True)
            )
        self.rows.extend(batch.rows)
        self._bound()

    def _bound(self) -> None:
        end, count = self.end, len(self.rows)
        if self.bound is not None and (count if end is None else min(end, count)) > self.bound:
            raise _guard.too_many(self.source, self.plan, "max_sort", self.bound)
        if end is not None and self.tie is None and count > 4 * end + PAGE:
            self._keep(self.sort(self.rows, end))

    def _keep(self, rows: list[Row]) -> None:
        if self.versions is not None:
            self.versions = {id(row): self.versions.get(id(row)) for row in rows}
        self.rows = rows

    @property
    def complete(self) -> bool:
        """Whether no later page can change the answer."""
        end = self.end
        if end is None or len(self.rows) < end:
            return False
        return (
            self.tie is not None
            and end > 0
            and self.tie(self.rows[-1]) != self.tie(self.rows[end - 1])
        )

    def finish(self) -> tuple[list[Row], list[Version | None] | None]:
        """The rows in order, with their versions."""
        rows = self.sort(self.rows, self.end)
        versions = self.versions
        return rows, None if versions is None else [versions.get(id(row)) for row in rows]


def sort_of(plan: Plan) -> Callable[..., list[Row]]:
    """Sorts rows of a plan by its query's order and the key."""
    layout = Layout(plan.query.model, plan.fields)
    return sorter(layout, plan.query.order, plan.query.where)


def order_values(plan: Plan) -> Callable[[Row], tuple[Any, ...]]:
    """The values of a row that the query orders by."""
    return values_of(Layout(plan.query.model, plan.fields), plan.query.order, plan.query.where)
