"""Reading through a data source: limits, pages, token ranges, statements of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from juggler.connector.port import drive

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler import DataSource

pytestmark = pytest.mark.server
ROWS = {"id": {"type": "string", "id": True}, "name": "string", "rank": "integer"}


def test_limits_of_any_size(db: DataSource, table: Callable[..., Any]) -> None:
    """LIMIT takes neither zero nor what does not fit into 32 bits."""
    Limited = table("Limited", ROWS)
    Limited.replace_or_create({"id": "1", "name": "a"})
    assert [row.id for row in Limited.find({"limit": 2**40})] == ["1"]
    assert Limited.find({"limit": 0}) == []
    plan = Limited.where().limit(0).explain(analyze=True)
    assert plan.to_dict()["path"]
    spec = Limited.__link__.spec
    from juggler.query import QuerySpec  # noqa: PLC0415 - of this test alone

    asked = db.connector.plan(QuerySpec(spec, limit=0), drive(db.port.call("read_schema", [spec])))
    assert list(drive(db.port.call("fetch", asked, None, 10)).rows) == []


def test_everything_is_read_in_token_ranges(db: DataSource, table: Callable[..., Any]) -> None:
    """More rows than a page has, none twice, none left out; counted on the server."""
    Many = table("Many", ROWS)
    mark = str(uuid4())
    rows = [{"id": f"{mark}-{n}", "rank": n} for n in range(3000)]
    assert Many.create_all(rows).created == len(rows)
    found = Many.find()
    assert sorted(row.rank for row in found) == list(range(3000))
    assert Many.count() == 3000
    pages = list(Many.where().pages(size=700))
    assert sum(len(page) for page in pages) == 3000
    assert Many.delete_all(all=True).changed == 3000


def test_statements_of_ones_own(db: DataSource, table: Callable[..., Any]) -> None:
    table("Limited", ROWS)
    db.execute('INSERT INTO "Limited" (id, rank) VALUES (?, ?)', ["x", 7])
    rows = db.execute('SELECT id, rank FROM "Limited" WHERE id = ?', ["x"], consistency="ONE")
    assert list(rows) == [{"id": "x", "rank": 7}]
    for number in range(30):
        db.execute('INSERT INTO "Limited" (id) VALUES (?)', [f"page-{number}"])
    every = db.execute('SELECT id FROM "Limited"', page_size=7)
    assert len({row["id"] for row in every}) >= 30
