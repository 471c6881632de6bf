"""Reading through a data source: limits, pages, token ranges, statements of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import DecodeError, InvalidQueryError, PageTokenError, SchemaMissingError
from juggler.connector.port import drive

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler import DataSource

pytestmark = pytest.mark.server
#: More than a few pages.
COUNT = 1500
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
    own = {"id": {"type": "uuid", "id": True, "generated": True}, "rank": "integer"}
    Many = table("Many", own, writes="blind")
    Many.create_all([{"rank": n} for n in range(COUNT)])
    with db.options(page_size=300):
        assert sorted(row.rank for row in Many.find()) == list(range(COUNT))
        assert Many.count() == COUNT
    pages = list(Many.where().pages(size=COUNT // 4))
    assert sorted(row.rank for page in pages for row in page) == list(range(COUNT))
    assert len({row.id for page in pages for row in page}) == COUNT
    Many.delete_all(all=True)
    assert Many.count() == 0


def test_statements_of_ones_own(db: DataSource, table: Callable[..., Any]) -> None:
    table("Stated", ROWS)
    db.execute('INSERT INTO "Stated" (id, rank) VALUES (?, ?)', ["x", 7])
    rows = db.execute('SELECT id, rank FROM "Stated" WHERE id = ?', ["x"], consistency="ONE")
    assert list(rows) == [{"id": "x", "rank": 7}]
    for number in range(30):
        db.execute('INSERT INTO "Stated" (id) VALUES (:id)', {"id": f"page-{number}"})
    every = db.execute('SELECT id FROM "Stated"', page_size=7)
    assert sorted(row["id"] for row in every) == sorted(["x", *(f"page-{n}" for n in range(30))])


def test_statements_that_people_mistype(db: DataSource, table: Callable[..., Any]) -> None:
    table("Stated", ROWS)
    insert = 'INSERT INTO "Stated" (id, rank) VALUES (?, ?)'
    for params in ([], ["y"], ["y", 1, 2], {"id": "y"}):
        with pytest.raises(
            InvalidQueryError, match="the parameters of the statement are: id, rank"
        ):
            db.execute(insert, params)
    assert db.execute('SELECT id FROM "Stated" WHERE id = ?', ["y"]).rows == []
    with pytest.raises(SchemaMissingError) as missing:
        db.execute("SELECT * FROM Stated")
    assert missing.value.hint.endswith('"Stated"')
    with pytest.raises(InvalidQueryError) as syntax:
        db.execute('SELECT id FROM "Stated" WHERE id = %s', ["x"])
    assert syntax.value.hint == "parameters are ? or :name"


def test_times_that_python_has_not_are_an_error_of_their_row(
    db: DataSource, table: Callable[..., Any]
) -> None:
    """The driver alone would close the connection under everybody else's requests."""
    Timed = table("Timed", {"id": {"type": "string", "id": True}, "at": "date"})
    Timed.create(id="good", at="2024-05-01T00:00:00Z")
    for number, text in enumerate(("253402300800000", "-62135596800001", str(2**63 - 1))):
        statement = f"INSERT INTO \"Timed\" (id, at) VALUES ('bad{number}', {text})"
        db.execute(statement)
        with pytest.raises(DecodeError, match=rf"Timed\.at of 'bad{number}': ") as bad:
            Timed.find_by_id(f"bad{number}")
        assert (bad.value.model, bad.value.key) == ("Timed", (f"bad{number}",))
        assert Timed.find_by_id("good").at is not None, "the connection is still there"
    with pytest.raises(DecodeError, match=r"Timed\.at of 'bad"):
        Timed.find()
    with pytest.raises(DecodeError):
        db.execute('SELECT id, at FROM "Timed"')
    assert len(Timed.find({"fields": ["id"]})) == 4


def test_tokens_of_another_query_are_refused(db: DataSource, table: Callable[..., Any]) -> None:
    """What the server would take without a word, and give the wrong rows for."""
    Paged = table("Paged", {"p": "string", "c": "integer"},
                  key={"partition": ["p"], "clustering": ["c"]})  # fmt: skip
    Paged.create_all([{"p": p, "c": c} for p in "ab" for c in range(9)])
    rows, token = Paged.where({"p": "a"}).page(size=4)
    assert [row.c for row in rows] == [0, 1, 2, 3]
    after, _ = Paged.where({"p": "a"}).page(size=4, token=token)
    assert [row.c for row in after] == [4, 5, 6, 7]
    for query, wrong in (
        (Paged.where({"p": "b"}), token),
        (Paged.where({"p": "a"}), token[:-4] + "AAAA"),
        (Paged.where({"p": "a"}), "AfWKgRn"),
    ):
        with pytest.raises(PageTokenError):
            query.page(size=4, token=wrong)
    assert Paged.count({"p": "a"}) == 9, "the connection is still there"
