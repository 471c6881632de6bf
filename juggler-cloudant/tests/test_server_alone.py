"""On a real CouchDB: a database whose documents name no model, all of them one model's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http

from juggler.errors import InvalidValueError, PageTokenError
from juggler_cloudant import changes

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server
VIEW = {"map": "function (doc) { emit(doc.city, 1) }", "reduce": "_count"}


@pytest.fixture
def people(db: DataSource) -> Any:
    """Documents that somebody wrote, some of them without a city, and his design document."""
    docs = [{"_id": f"p{i}", "age": i, "more": [i]} | ({"city": "x"} if i % 3 else {})
            for i in range(12)]  # fmt: skip
    http(db, "PUT", database(db))
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    http(db, "PUT", f"{database(db)}/_design/theirs", {"views": {"cities": VIEW}, "age": 3})
    told = str(db.discover())
    assert "12 of 12 documents" in told
    assert "'cloudant': {'modelIndex': False}" in told
    model = db.define(
        "Person",
        {
            "id": {"type": "string", "id": True},
            "age": {"type": "number", "index": True},
            "city": {"type": "string", "index": True},
        },
        {"cloudant": {"modelIndex": False, "dense": False}},
    )
    assert [step.kind for step in db.plan("Person").steps] == ["create-index", "create-index"]
    db.autoupdate("Person")
    return model


def test_reading(people: Any, db: DataSource) -> None:
    assert db.is_actual("Person")
    assert [row["id"] for row in people.find({"where": {"age": {"gt": 8}}, "order": "age"})] == [
        "p9", "p10", "p11",
    ]  # fmt: skip
    assert people.count() == 12
    assert people.count({"age": {"lt": 5}}) == 5
    assert len(people.find({"where": {"city": "x"}})) == 8
    assert len(people.find({"where": {"city": None}}, allow_scan=True)) == 4
    assert people.find_by_id("p3")["more"] == [3]
    assert people.find_by_id("_design/theirs") is None
    first, token = people.where({}).order("id").page(5)
    rest, _ = people.where({}).order("id").page(20, token)
    assert sorted(row["id"] for row in (*first, *rest)) == sorted(f"p{i}" for i in range(12))
    assert {change.key for change in changes(people)} == {f"p{i}" for i in range(12)}
    assert db.execute("theirs/cities", {"group": True}).rows[1] == {"key": "x", "value": 8}


def test_writing(people: Any, db: DataSource) -> None:
    people.create({"id": "new", "age": 1})
    stored = http(db, "GET", f"{database(db)}/new")
    assert set(stored) == {"_id", "_rev", "age", "city"}
    people.update_all({"age": {"lt": 2}}, {"city": "y"})
    stored = http(db, "GET", f"{database(db)}/p1")
    assert (stored["city"], stored["more"], set(stored) - {"_id", "_rev"}) == (
        "y", [1], {"age", "city", "more"},
    )  # fmt: skip
    with pytest.raises(InvalidValueError):
        people.create({"id": "_design/mine"})
    seen = list(changes(people))[-1].token
    people.delete_by_id("new")
    assert [(one.kind, one.key) for one in changes(people, seen)] == [("delete", "new")]
    with pytest.raises(PageTokenError, match="no place in the changes"):
        list(changes(people, "yesterday"))
    assert "all the database's documents" in db.plan("Person", mode="recreate").steps[0].reason
    db.automigrate("Person", allow_data_loss=True)
    assert people.count() == 0
    assert http(db, "GET", f"{database(db)}/_design/theirs")["age"] == 3
    assert db.is_actual("Person")
