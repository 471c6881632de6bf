"""On a real server: JUGGLER_CLOUDANT_URL, else one that is started."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, many, pet

from juggler import connect
from juggler.errors import (
    CapabilityError,
    ConflictError,
    CostGuardError,
    DuplicateKeyError,
    InvalidValueError,
    SchemaMissingError,
    UnsafeMigrationError,
)
from juggler_cloudant import attachments, conflicts

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server


def test_models_share_a_database_and_databases_do_not_mix(db: DataSource, url: str) -> None:
    cat = db.define("Cat", {"id": {"type": "string", "id": True}, "n": "number"})
    dog = db.define("Dog", {"id": {"type": "string", "id": True}, "n": "number"})
    other = f"u{uuid.uuid4().hex}"
    far = db.define(
        "Far", {"id": {"type": "string", "id": True}, "n": "number"},
        {"cloudant": {"modelIndex": "kind", "database": other}},
    )  # fmt: skip
    db.autoupdate()
    cat.create({"id": "a", "n": 1})
    dog.create({"id": "b", "n": 2})
    far.create({"id": "a", "n": 3})
    assert [[row["n"] for row in model.find()] for model in (cat, dog, far)] == [[1], [2], [3]]
    assert dog.find_by_id("a") is None
    with pytest.raises(DuplicateKeyError) as caught:
        dog.replace_or_create({"id": "a", "n": 9})
    assert caught.value.code == "foreign-document"
    assert dog.delete_by_id("a") is False
    assert cat.find_by_id("a")["n"] == 1
    assert http(db, "GET", f"/{other}/a")["kind"] == "Far"
    http(db, "DELETE", f"/{other}")


def test_a_stale_instance_is_a_conflict_with_the_current_row(db: DataSource) -> None:
    model = pet(db)
    model.create({"id": "a", "name": "one"})
    mine, theirs = model.find_by_id("a"), model.find_by_id("a")
    theirs["name"] = "two"
    theirs.save()
    mine["name"] = "three"
    with pytest.raises(ConflictError) as caught:
        mine.save()
    assert caught.value.current["name"] == "two"
    mine.save(if_unchanged=False)
    assert model.find_by_id("a")["name"] == "three"


@pytest.mark.parametrize("key", ["a/b", "a b", "+", "?x", "#", "é", "e\u0301", "\n", "%2F", "a_"])
def test_ids_that_a_url_would_change(db: DataSource, key: str) -> None:
    model = pet(db)
    model.create({"id": key, "name": "x"})
    assert model.find_by_id(key)["id"] == key
    assert [row["id"] for row in model.find({"where": {"id": {"gte": key}}})] == [key]
    assert model.delete_by_id(key) is True
    assert model.count() == 0


@pytest.mark.parametrize("key", [".", "..", "_design/x", "_all_docs"])
def test_ids_that_would_do_harm(db: DataSource, key: str) -> None:
    model = pet(db)
    with pytest.raises(InvalidValueError):
        model.create({"id": key})
    assert model.find_by_id(key) is None
    assert model.delete_by_id(key) is False
    assert model.count() == 0


def test_automigrate_deletes_the_rows_of_the_model_alone(db: DataSource) -> None:
    model = pet(db)
    other = db.define("Other", {"id": {"type": "string", "id": True}})
    db.autoupdate()
    model.create_all(many(600))
    other.create({"id": "o"})
    with pytest.raises(UnsafeMigrationError):
        db.automigrate("Pet")
    assert model.count() == 600
    db.automigrate("Pet", allow_data_loss=True)
    assert (model.count(), other.count()) == (0, 1)


def test_what_a_server_cannot_do_is_refused_by_claim(db: DataSource) -> None:
    row = pet(db).create({"id": "a", "age": 2**53 - 1})
    asked: list[Any] = [
        lambda: attachments(row).put("a", b"x"),
        lambda: conflicts(row).list(),
        lambda: type(row).find({"where": {"age": {"gt": 1}}}, index="age_index"),
    ]
    for ask in asked:
        if db.connector.product == "pouchdb":
            with pytest.raises(CapabilityError, match=r"(?i)pouchdb"):
                ask()
        else:
            ask()
    if db.connector.product == "pouchdb":
        with pytest.raises(InvalidValueError, match="round"):
            type(row).create({"id": "b", "age": 2**53})


def test_ad_hoc_queries_need_permission(db: DataSource) -> None:
    model = pet(db)
    model.create({"id": "a", "name": "x"})
    with pytest.raises(CostGuardError) as caught:
        model.find({"where": {"name": "x"}})
    assert "allow_scan=True" in caught.value.hint
    indexed = db.connector.product != "pouchdb"  # whose indexes would not help
    assert ('"by_name"' in caught.value.hint) is indexed
    assert len(model.find({"where": {"name": "x"}}, allow_scan=True)) == 1


def test_a_database_that_is_not_there_says_what_to_do(db: DataSource) -> None:
    model = db.define("Pet", {"id": {"type": "string", "id": True}})
    with pytest.raises(SchemaMissingError) as caught:
        model.find()
    assert "autoupdate" in caught.value.hint
    http(db, "PUT", database(db))


def test_discovery_bears_any_document(db: DataSource, url: str) -> None:
    docs: list[Any] = [
        {"_id": "a", "id": 7, "kind": "Toy", "a.b": 1, "$x": 2, "": 3, "save": 4},
        {"_id": "b", "kind": ""}, {"_id": "c", "kind": 7}, {"_id": "d", "kind": "Toy", "save": "x"},
    ]  # fmt: skip
    http(db, "PUT", database(db))
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    with connect(url + database(db), {"model_index": "kind"}) as other:
        assert [one["name"] for one in other.discover_model_definitions()] == ["Toy"]
        toy = other.discover_and_build_models("Toy")["Toy"]
        assert toy.find_by_id("a").to_object() == {"id": "a", "ownId": 7, "save": 4}
        toy.find_by_id("a").patch({"save": "y"})
    stored = http(db, "GET", f"{database(db)}/a")
    assert {**stored, "_rev": ""} == {**docs[0], "_rev": "", "save": "y"}


def test_discovery_looks_all_over_the_database(db: DataSource, url: str) -> None:
    docs = [
        {"_id": f"{kind}:{n:03}", "kind": kind} for kind in ("cat", "dog", "fox") for n in range(40)
    ]
    http(db, "PUT", database(db))
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    with connect(url + database(db), {"model_index": "kind", "sample": 30}) as other:
        told = other.discover()
        assert "30 of 120 documents were looked at" in str(told)
        assert {one["name"] for one in other.discover_model_definitions()} == {"cat", "dog", "fox"}


def test_discovery_says_what_it_looked_at(db: DataSource, url: str) -> None:
    model = pet(db)
    model.create_all(many(3))
    found = {one["name"] for one in db.discover_model_definitions()}
    assert found == {"Pet"}
    names = {one["columnName"] for one in db.discover_model_properties("Pet")}
    assert names == {"id", "name", "category", "age"}
    body = {"docs": [{"_id": "x", "kind": "Toy", "price": 3}, {"_id": "y", "kind": "Toy"}]}
    http(db, "POST", f"{database(db)}/_bulk_docs", body)
    told = str(db.discover())
    assert "5 of 5 documents were looked at" in told
    assert "2 of them have no field 'loopback__model__name'" in told
    assert "model_index='kind' would find the models Toy" in told
    with connect(url + database(db), {"model_index": "kind"}) as other:
        document = other.discover_schema("Toy")
        assert document["options"]["cloudant"] == {
            "database": database(db).strip("/"), "modelIndex": "kind", "dense": False,
        }  # fmt: skip
        toy = other.from_ldl(document)
        assert [row["price"] for row in toy.find({"where": {"id": "x"}})] == [3]
        toy.attach_to(other)
        other.autoupdate("Toy")
    assert {one["name"] for one in db.discover_model_definitions()} == {"Pet"}
