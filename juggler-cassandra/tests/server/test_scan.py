"""A whole table in token ranges that are read at the same time: each row once, from any row on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler.connector.port import drive
from juggler.query import QuerySpec
from juggler_cassandra.planning import keyset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource
    from juggler.connector import Page, Plan

pytestmark = pytest.mark.server
#: Two large partitions, and many small ones of which the second column says which.
LARGE, SMALL = 150, 100
PROPERTIES = {
    "p": "string", "q": "integer", "c": "integer", "d": "string", "n": "integer", "note": "string",
}  # fmt: skip
KEY = {"partition": ["p", "q"], "clustering": ["-c", "d"]}


def rows() -> Iterator[dict[str, Any]]:
    for place in range(LARGE):
        for q in (1, 2):
            yield {"p": "large", "q": q, "c": place // 2, "d": "xy"[place % 2], "n": place}
    for q in range(SMALL):
        for c in range(q % 4 + 1):
            yield {"p": "small", "q": q, "c": c, "d": "x", "n": q}


@pytest.fixture
def scanned(db: DataSource, table: Callable[..., Any]) -> Any:
    model = table("Scanned", PROPERTIES, key=KEY, writes="blind")
    insert = "INSERT INTO \"Scanned\" (p, q, c, d, n) VALUES ('{p}', {q}, {c}, '{d}', {n});"
    texts = [insert.format(**row) for row in rows()]
    for at in range(0, len(texts), 100):
        db.execute(f"BEGIN UNLOGGED BATCH {' '.join(texts[at : at + 100])} APPLY BATCH")
    return model


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges are worth it for few rows already."""
    monkeypatch.setattr(keyset, "SHARE", 10)


def key(row: Any) -> tuple[Any, ...]:
    return row.p, row.q, row.c, row.d


TOKEN = 'SELECT token(p, q) AS at FROM "Scanned" WHERE p = ? AND q = ? LIMIT 1'
EVERY = sorted((row["p"], row["q"], row["c"], row["d"]) for row in rows())


class Fetches:
    """Fetches of a plan of all rows, as the operations make them."""

    def __init__(self, db: DataSource, model: Any) -> None:
        spec = model.__link__.spec
        schema = drive(db.port.call("read_schema", [spec]))
        self.db = db
        self.plan: Plan = db.connector.plan(QuerySpec(spec), schema)
        self.at = [self.plan.fields.index(name) for name in ("p", "q", "c", "d")]

    def page(self, cursor: bytes | None, want: int) -> Page:
        page: Page = drive(self.db.port.call("fetch", self.plan, cursor, want))
        assert len(page.rows) <= want
        return page

    def keys(self, page: Page) -> list[tuple[Any, ...]]:
        return [tuple(row[i] for i in self.at) for row in page.rows]

    def rest(self, cursor: bytes | None, want: int) -> list[tuple[Any, ...]]:
        found = []
        while cursor is not None:
            page = self.page(cursor, want)
            found += self.keys(page)
            cursor = page.cursor
        return found


@pytest.mark.parametrize("size", [7, 50, 300])
def test_each_row_comes_once(db: DataSource, scanned: Any, size: int) -> None:
    with db.options(page_size=size):
        assert sorted(map(key, scanned.find())) == EVERY
        some = scanned.find({"where": {"n": {"lt": 30}}}, allow_scan=True)
    assert len(some) == sum(row["n"] < 30 for row in rows())
    assert scanned.count() == len(EVERY)
    pages = list(scanned.where().pages(size=size))
    assert sorted(key(row) for page in pages for row in page) == EVERY
    assert {len(page) for page in pages[:-1]} <= {size}


def test_reading_goes_on_after_any_row(db: DataSource, scanned: Any) -> None:
    fetches = Fetches(db, scanned)
    first = fetches.page(None, 100)
    second = fetches.page(first.cursor, 200)
    third = fetches.page(second.cursor, 70)
    before = fetches.keys(first)
    for page in (second, third):
        keys = fetches.keys(page)
        assert page.cursor_after is not None
        for at in range(0, len(keys), 9):
            rest = fetches.rest(page.cursor_after(at), 1000)
            assert sorted([*before, *keys[: at + 1], *rest]) == EVERY
        before += keys
    assert sorted([*before, *fetches.rest(third.cursor, 1)]) == EVERY


def test_rows_at_a_boundary_may_be_deleted(db: DataSource, scanned: Any) -> None:
    fetches = Fetches(db, scanned)
    first = fetches.page(None, 100)
    second = fetches.page(first.cursor, 200)
    given = [*fetches.keys(first), *fetches.keys(second)]
    gone = given[90::7]
    for p, q, c, d in gone:
        scanned.delete_by_id((p, q, c, d))
    rest = fetches.rest(second.cursor, 120)
    assert sorted([*given, *rest]) == EVERY


def test_later_pages_come_from_several_ranges(db: DataSource, scanned: Any) -> None:
    """Small tables stay at one request; what is behind the first page is everywhere in the ring."""
    fetches = Fetches(db, scanned)
    first = fetches.page(None, 60)
    second = fetches.page(first.cursor, 80)
    tokens = {
        (p, q): db.execute(TOKEN, [p, q]).rows[0]["at"] for p, q in {place[:2] for place in EVERY}
    }
    in_order = sorted(EVERY, key=lambda place: (tokens[place[:2]], -place[2], place[3]))
    assert fetches.keys(first) == in_order[:60]
    ranges = {tokens[place[:2]] >> 61 for place in fetches.keys(second)}
    left = {tokens[place[:2]] >> 61 for place in in_order[60:]}
    # Of the range in which the first page ended, the rest of a partition may come alone.
    assert len(ranges) >= min(len(left), 8) - 1 > 4
    shown = scanned.where().explain().to_dict()["statements"][0]
    assert shown["later_pages"] == "token ranges at the same time"
    assert "later_pages" not in scanned.where().limit(5).explain().to_dict()["statements"][0]
