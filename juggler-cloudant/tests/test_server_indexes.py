"""On a real CouchDB: what its indexes give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, many, pet

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server


def test_more_rows_than_any_page(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(2050))
    assert model.count() == len(model.find()) == 2050
    assert model.update_all({"age": {"lt": 2010}}, {"name": "x"}).changed == 2010
    assert model.count({"age": {"gte": 2010}}) == 40
    assert model.delete_all(all=True).changed == 2050
    assert model.count() == 0
    assert model.find() == []


@pytest.mark.parametrize(
    ("where", "statement"),
    [({"age": {"gte": 0}}, "age_index"), ({"age": {"gte": 0}, "category": "cat"}, "_find")],
)
def test_pages_survive_changes_at_their_boundary(
    db: DataSource, where: dict[str, Any], statement: str
) -> None:
    model = pet(db)
    model.create_all(many(40))
    query = model.where(where).order("age")
    assert query.explain().to_dict()["statements"][0]["text"].rpartition("/")[2] == statement
    seen: list[str] = []
    token = None
    for turn in range(40):
        rows, token = query.page(size=7, token=token)
        seen += [row["id"] for row in rows]
        if turn % 3 == 0:
            rows[-1].delete()
        elif turn % 3 == 1:
            rows[-1].patch({"age": -1})
        else:
            rows[-1].patch({"name": "new"})
        if token is None:
            break
    assert seen == [f"p{i:05}" for i in range(40)]


def test_documents_that_loopback_wrote(db: DataSource) -> None:
    properties = {"id": {"type": "number", "id": True}, "name": "string", "at": "date"}
    model = db.define("Customer", properties)
    db.autoupdate()
    here = database(db)
    doc = {
        "_id": "10", "loopback__model__name": "Customer", "name": "Ann", "theirs": {"x": 1},
        "at": "2020-01-01T00:00:00.000Z",
        "_attachments": {"a.txt": {"content_type": "text/plain", "data": "aGk="}},
    }  # fmt: skip
    http(db, "POST", f"{here}/_bulk_docs", {"docs": [doc]})
    http(db, "POST", f"{here}/_index", {
        "ddoc": "LBModel__Customer__LBIndex__name_index", "name": "name_index", "type": "json",
        "index": {"fields": [{"name": "asc"}, {"loopback__model__name": "asc"}]},
    })  # fmt: skip
    (found,) = model.find({"where": {"id": 10}})
    assert found["at"].isoformat() == "2020-01-01T00:00:00+00:00"
    found["name"] = "Bea"
    found.save()
    stored = http(db, "GET", f"{here}/10")
    assert (stored["name"], stored["theirs"]) == ("Bea", {"x": 1})
    assert list(stored["_attachments"]) == ["a.txt"]
    steps = db.plan("Customer").steps
    assert [step.kind for step in steps] == ["drop-foreign-index"]
    explained = model.where({"name": "Bea"}).explain()
    assert "LBModel__Customer" in explained.to_dict()["statements"][0]["text"]
    assert [row["id"] for row in model.find({"where": {"name": "Bea"}})] == [10]
    db.plan("Customer").apply(allow={"drop"})
    assert not db.plan("Customer").steps


def test_texts_are_equal_by_code_point(db: DataSource) -> None:
    model = pet(db)
    texts = ["admin", "admin\x01", "\ufeffadmin", "ADMIN", "é", "e\u0301"]
    model.create_all([{"id": f"k{i}", "category": text} for i, text in enumerate(texts)])
    for i, text in enumerate(texts):
        assert [row["id"] for row in model.find({"where": {"category": text}})] == [f"k{i}"]
        assert model.count({"category": {"inq": [text, "none"]}}) == 1


def test_descending_ranges_with_an_open_end(db: DataSource) -> None:
    model = pet(db)
    model.create_all([{"id": f"k{i}", "age": i // 2} for i in range(8)])
    where = {"age": {"gt": 0, "lt": 3}}
    down = model.find({"where": where, "order": "age DESC"})
    assert [row["id"] for row in down] == ["k4", "k5", "k2", "k3"]
    assert [row["id"] for row in model.find({"where": where, "order": "age"})] == [
        "k2", "k3", "k4", "k5",
    ]  # fmt: skip


def test_the_smaller_index_is_taken_unless_one_is_named(db: DataSource) -> None:
    model = db.define(
        "MyModel",
        {"id": {"type": "string", "id": True}, "name": "string", "city": "string",
         "category": "string"},
        {"indexes": {
            "index1": {"keys": {"name": 1, "city": 1}},
            "index2": {"keys": {"name": 1, "city": 1, "category": 1}},
        }},
    )  # fmt: skip
    db.autoupdate()
    model.create({"id": "a", "name": "foo", "city": "bar"})
    where = {"where": {"name": "foo", "city": "bar"}}
    assert len(model.find(where)) == len(model.find(where, index="index2")) == 1
    statement = model.where(where["where"]).explain().to_dict()["statements"][0]
    assert statement["index"] == "index1"


def test_autoupdate_sees_changes_order_and_removal(db: DataSource) -> None:
    def define(keys: dict[str, int] | None) -> Any:
        indexes = {"both": {"keys": keys}} if keys else {}
        return db.define(
            "Pet", {"id": {"type": "string", "id": True}, "a": "string", "b": "string"},
            {"indexes": indexes},
        )  # fmt: skip

    define({"a": 1, "b": 1})
    db.autoupdate("Pet")
    for keys, kinds in (
        ({"b": 1, "a": 1}, ["create-index", "drop-index"]),
        ({"b": 1}, ["create-index", "drop-index"]),
        (None, ["drop-index"]),
    ):
        define(keys)
        assert not db.is_actual("Pet")
        assert [step.kind for step in db.plan("Pet").steps] == kinds
        db.autoupdate("Pet")
        assert db.is_actual("Pet")


def test_statements_of_the_servers_own(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(3))
    body = {"selector": {"loopback__model__name": "Pet", "age": {"$gte": 1}}}
    assert len(db.execute(body).rows) == 2
    assert db.execute("GET /").rows[0]["couchdb"] == "Welcome"
