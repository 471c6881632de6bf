"""Seeded bugs: pages, orders, counts and reads by key."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from bugs_support import Resorting, bug, values_of

from juggler.connector import hookimpl
from juggler.connector.results import Rows
from juggler_memory import MemoryConnector

_PAGES = ("law_5_any_page_size", "law_1_no_matching_row_is_lost", "pages_of_any_size")
_ORDERS = ("orders_by_the_table", "law_4_order", "ties_are_in_key_order", "queries_are_answered")


class _Resorting(Resorting):
    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        return self.resorted(super().fetch(plan, cursor, want, ctx), plan)


@bug(*_ORDERS)
class NullsAreHigh(_Resorting):
    """Null comes last in ascending orders."""

    def sort(self, rows, plan):
        path, _ = plan.query.order[0]
        if "." in path or path.startswith("distance("):
            return rows
        nulls = values_of(rows, plan, path)
        empty = [row for row, value in zip(rows, nulls, strict=True) if value is None]
        there = [row for row, value in zip(rows, nulls, strict=True) if value is not None]
        return there + empty if plan.query.order[0][1] == "asc" else empty + there


@bug(*_ORDERS)
class TiesFollowTheDirection(_Resorting):
    """Under DESC the ties come by descending key, too."""

    def sort(self, rows, plan):
        path, direction = plan.query.order[-1]
        if direction != "desc" or len(plan.query.order) > 1 or path not in plan.fields:
            return rows
        groups: list[list[Any]] = []
        before: Any = object()
        for row, value in zip(rows, values_of(rows, plan, path), strict=True):
            if groups and value == before:
                groups[-1].insert(0, row)
            else:
                groups.append([row])
            before = value
        return [row for group in groups for row in group]


@bug(*_ORDERS)
class TiesInOrderOfInsertion(_Resorting):
    """Ties come as the store has them."""

    def sort(self, rows, plan):
        path, _ = plan.query.order[0]
        if path not in plan.fields:
            return rows
        found = list(zip(values_of(rows, plan, path), rows, strict=True))
        for i in range(len(found) - 1):
            if found[i][0] == found[i + 1][0]:
                found[i], found[i + 1] = found[i + 1], found[i]
                break
        return [row for _, row in found]


@bug(*_ORDERS)
class OnlyTheFirstOrderKey(MemoryConnector):
    """The second order key is dropped."""

    @hookimpl
    def plan(self, query, schema):
        plan = super().plan(evolve(query, order=query.order[:1]), schema)
        return evolve(plan, query=query)

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        first = evolve(plan, query=evolve(plan.query, order=plan.query.order[:1]))
        return super().fetch(first, cursor, want, ctx)


@bug(*_ORDERS)
class NumbersSortAsText(_Resorting):
    """10 comes before 2."""

    def sort(self, rows, plan):
        path, direction = plan.query.order[0]
        if path not in plan.fields or not all(
            isinstance(value, int) for value in values_of(rows, plan, path)
        ):
            return rows
        at = plan.fields.index(path)
        return sorted(rows, key=lambda row: str(row[at]), reverse=direction == "desc")


@bug("law_7_pushed_limits", "queries_are_answered", "pages_of_any_size")
class LimitOffByOne(MemoryConnector):
    """A pushed limit stops one row too early."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        end = plan.query.limit
        if not plan.limit_pushed or end is None or len(page.rows) < end + plan.query.skip:
            return page
        return evolve(page, rows=page.rows[:-1], versions=page.versions and page.versions[:-1])


@bug(*_PAGES)
class BoundaryRowTwice(MemoryConnector):
    """A page begins with the last row of the page before."""

    _last: Any = None

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        rows = list(page.rows)
        if cursor is not None and self._last is not None and want > 1 and len(rows) < want:
            rows.insert(0, self._last)
            page = evolve(page, rows=rows, versions=None)
        self._last = rows[-1] if rows else None
        return page


@bug(*_PAGES)
class BoundaryRowLost(MemoryConnector):
    """The row after a page's boundary is left out."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        if cursor is None or not page.rows:
            return page
        return evolve(page, rows=page.rows[1:], versions=page.versions and page.versions[1:])


@bug(*_PAGES)
class LastPageLost(MemoryConnector):
    """Paging ends one page too early."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        return evolve(page, cursor=None, cursor_after=None) if cursor is not None else page


@bug("deletes_while_paging", "inserts_while_paging")
class CursorsAreOffsets(MemoryConnector):
    """A cursor counts rows: what is written between pages shifts them."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        start = int(cursor or b"0")
        whole = super().fetch(plan, None, 1 << 30, ctx)
        rows = whole.rows[start : start + want]
        versions = whole.versions and whole.versions[start : start + want]
        more = str(start + want).encode() if len(whole.rows) > start + want else None
        return evolve(
            whole,
            rows=rows,
            versions=versions,
            cursor=more,
            cursor_after=lambda at: str(start + at + 1).encode(),
        )


@bug("law_1_no_matching_row_is_lost", "queries_are_answered", "claims_are_reached")
class UnionsRepeatRows(MemoryConnector):
    """A row that is found by two branches comes twice."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        if plan.path != "union" or not page.rows or len(page.rows) >= want:
            return page
        return evolve(page, rows=[*page.rows, page.rows[0]], versions=None)


@bug("law_5_any_page_size", "law_1_no_matching_row_is_lost")
class PagesAreTooLong(MemoryConnector):
    """More rows than were asked for."""

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        return super().fetch(plan, cursor, want + 1, ctx)


@bug("counts_agree", "programs")
class CountsEverything(MemoryConnector):
    """count() does not look at the condition."""

    @hookimpl
    def count(self, plan, ctx):
        return len(self.binding(plan.query.model).table.rows)


@bug("many_by_key")
class KeysOutOfOrder(MemoryConnector):
    """Rows read by key come in the store's order."""

    @hookimpl
    def get(self, model, keys, fields, ctx):
        there = super().get(model, keys, fields, ctx)
        rows = sorted(there.rows, key=lambda row: (row is None, repr(row)))
        return Rows(rows, there.versions)


@bug("rows_keep_their_places")
class MissingRowsAreLeftOut(MemoryConnector):
    """Rows read by key are only those that are there."""

    @hookimpl
    def get(self, model, keys, fields, ctx):
        there = super().get(model, keys, fields, ctx)
        rows = [row for row in there.rows if row is not None]
        return Rows([*rows, *[None] * (len(keys) - len(rows))], None)


@bug("create_then_read", "programs")
class ColumnsMixedUp(MemoryConnector):
    """Reads by key give two columns in each other's place."""

    @hookimpl
    def get(self, model, keys, fields, ctx):
        there = super().get(model, keys, fields, ctx)
        rows = [row and (*row[:-2], row[-1], row[-2]) for row in there.rows]
        return Rows(rows, there.versions)


@bug("queries_are_answered", "law_1_no_matching_row_is_lost")
class ReadsAreStale(MemoryConnector):
    """A query is answered from the rows that an earlier one saw."""

    def __init__(self, settings=None):
        super().__init__(settings)
        self._pages: dict[Any, Any] = {}

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        known = (plan.fingerprint, cursor, want)
        if known not in self._pages:
            self._pages[known] = super().fetch(plan, cursor, want, ctx)
        return self._pages[known]
