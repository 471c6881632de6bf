"""On a real CouchDB: what may differ between it and the models, and what the plan says of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, many, pet

from juggler.errors import CostGuardError, DecodeError, UnsafeMigrationError

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server
NAME = "loopback__model__name"


def kinds(db: DataSource, name: str = "Pet") -> list[str]:
    return [step.kind for step in db.plan(name).steps]


def own(db: DataSource, name: str) -> Any:
    """An index of ours as the server has it."""
    found = http(db, "GET", f"{database(db)}/_index")["indexes"]
    return next(one for one in found if one["name"] == name)


def index(db: DataSource, ddoc: str, name: str, fields: list[Any], **more: Any) -> None:
    """Make an index by hand."""
    body = {"ddoc": ddoc, "name": name, "type": "json", "index": {"fields": fields}, **more}
    if "partial_filter_selector" in more:
        body["index"]["partial_filter_selector"] = body.pop("partial_filter_selector")
    http(db, "POST", f"{database(db)}/_index", body)


def test_an_index_that_was_deleted(db: DataSource) -> None:
    model = pet(db)
    made = own(db, "age_index")
    http(db, "DELETE", f"{database(db)}/_index/{made['ddoc']}/json/age_index")
    with pytest.raises(CostGuardError) as caught:
        model.find({"where": {"age": {"gt": 1}}})
    assert caught.value.hint.startswith("db.autoupdate() makes index age_index, which is declared")
    assert kinds(db) == ["create-index"]
    assert not db.is_actual("Pet")
    db.autoupdate("Pet")
    assert model.find({"where": {"age": {"gt": 1}}}) == []


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ([NAME, "age", "name"], {}),
        ([{NAME: "desc"}, {"age": "desc"}], {}),
        ([NAME, "age"], {"partial_filter_selector": {"age": {"$gt": 3}}}),
    ],
)
def test_an_index_of_ours_that_somebody_changed(
    db: DataSource, fields: list[Any], more: dict[str, Any]
) -> None:
    model = pet(db)
    model.create_all(many(6))
    index(db, own(db, "age_index")["ddoc"].removeprefix("_design/"), "age_index", fields, **more)
    assert kinds(db) == ["create-index"]
    db.autoupdate("Pet")
    assert kinds(db) == []
    assert len(model.find({"where": {"age": {"gte": 1}}})) == 5


def test_indexes_of_others_are_told_and_used_where_they_fit(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(6))
    index(db, "theirs", "by_name", [NAME, "name"])
    index(db, "partial", "some", [NAME, "name"], partial_filter_selector={"age": {"$gt": 3}})
    index(db, "LBModel__Pet__LBIndex__both", "both", ["category", "name", NAME])
    index(db, "LBModel__Other__LBIndex__x", "x", ["name"])
    steps = db.plan("Pet").steps
    assert sorted((step.kind, step.safety) for step in steps) == [
        ("drop-foreign-index", "info"), ("foreign-index", "info"), ("foreign-index", "info"),
    ]  # fmt: skip
    assert db.is_actual("Pet")
    told = model.where({"name": "n3"}).explain().to_dict()
    assert told["statements"][0]["index"] == "by_name"
    assert ["index some", "it has only some documents (partial)"] in map(list, told["rejected"])
    assert [row["id"] for row in model.find({"where": {"name": "n3"}})] == ["p00003"]
    both = model.where({"category": "cat", "name": "n3"}).using(index="both")
    assert [row["id"] for row in both.all()] == ["p00003"]
    assert model.where({"category": "cat", "name": "n3"}).using(index="both").count() == 1


def test_documents_that_do_not_fit(db: DataSource) -> None:
    model = pet(db)
    docs = [
        {"_id": "a", NAME: "Pet", "name": "x", "category": None, "age": "seven"},
        {"_id": "b", NAME: "Pet", "name": "y", "category": None},
        {"_id": "c", "kind": "pet", "name": "z"},
    ]
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    steps = {step.kind: step for step in db.plan("Pet").steps}
    assert set(steps) == {"change-type", "sparse-documents", "unnamed-documents"}
    assert "hold a str" in steps["change-type"].reason
    assert "lack age" in steps["sparse-documents"].reason
    assert "1 documents have no field 'loopback__model__name'" in steps["unnamed-documents"].reason
    with pytest.raises(UnsafeMigrationError):
        db.plan("Pet").apply()
    theirs = db.define("Theirs", {"id": {"type": "string", "id": True}, "name": "string"},
                       {"tableName": "pet", "cloudant": {"modelIndex": "kind"}})  # fmt: skip
    assert [row["id"] for row in theirs.find()] == ["c"]
    assert model.find_by_id("b")["age"] is None


def test_a_stray_document_stops_no_update(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(6))
    docs = [{"_id": "stray", NAME: "Pet", "name": "x", "category": None, "age": "seven"}]
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    index = own(db, "age_index")
    http(db, "DELETE", f"{database(db)}/_index/{index['ddoc']}/json/age_index")
    steps = {step.kind: step for step in db.plan("Pet").steps}
    assert set(steps) == {"stray-documents", "create-index"}
    told = steps["stray-documents"].reason
    assert "1 of the 7 documents looked at with a value ('stray') hold a str" in told
    db.autoupdate("Pet")
    assert db.is_actual("Pet")
    assert len(model.find({"where": {"age": {"gte": 0}}})) == 6
    with pytest.raises(DecodeError, match="age is 'seven'"):
        model.find_by_id("stray")


def test_values_of_others_in_other_forms(db: DataSource) -> None:
    moment = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    forms = ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000Z", "2024-01-01T02:00:00+02:00",
             1704067200000, "2024-01-01T00:00:00.5Z"]  # fmt: skip
    docs = [{"_id": f"d{i}", NAME: "Event", "at": form} for i, form in enumerate(forms)]
    http(db, "PUT", database(db))
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    properties = {"id": {"type": "string", "id": True}, "at": {"type": "date", "index": True}}
    db.define("Event", properties)
    db.autoupdate("Event")
    (step,) = db.plan("Event").steps
    assert (step.kind, step.safety) == ("other-forms", "info")
    assert "4 of the 5 documents" in step.reason
    assert "'2024-01-01T00:00:00Z'" in step.reason
    model = db.define("Event", properties, {"cloudant": {"dense": False}})
    assert kinds(db, "Event") == []
    for where, wanted in (({"at": moment}, 4), ({"at": {"gt": moment}}, 1)):
        with pytest.raises(CostGuardError, match="ascii-safe"):
            model.find({"where": where})
        assert len(model.find({"where": where}, allow_scan=True)) == wanted
    assert "for row in Event.find(): row.patch({'at': row['at']})" in step.reason
    for row in model.find():
        row.patch({"at": row["at"]})
    model = db.define("Event", properties)
    assert kinds(db, "Event") == []
    assert [row["id"] for row in model.find({"where": {"at": {"gt": moment}}})] == ["d4"]


def test_indexes_of_several_versions_of_icu_are_told(db: DataSource) -> None:
    pet(db)
    send = db.connector.client.send

    def two_versions(method: str, path: str, *args: Any, **options: Any) -> Any:
        answer = send(method, path, *args, **options)
        if path.endswith("/_info"):
            assert len(answer["view_index"]["collator_versions"]) == 1
            answer["view_index"]["collator_versions"].append("153.1")
        return answer

    db.connector.client.send = two_versions
    assert kinds(db) == ["collation-changed"]
    assert db.is_actual("Pet")


def test_documents_of_others_are_found_whatever_they_lack(db: DataSource) -> None:
    properties = {
        "id": {"type": "string", "id": True}, "name": "string",
        "age": {"type": "number", "index": True},
    }  # fmt: skip
    model = db.define("Guest", properties, {"strict": True, "cloudant": {"dense": False}})
    db.autoupdate("Guest")
    docs = [{"_id": "a", NAME: "Guest", "name": "x", "age": 3}, {"_id": "b", NAME: "Guest"}]
    http(db, "POST", f"{database(db)}/_bulk_docs", {"docs": docs})
    assert db.is_actual("Guest")
    assert [row["id"] for row in model.find({"where": {"age": {"gt": 1}}})] == ["a"]
    told = model.where({"age": None}).explain().to_dict()
    assert told["path"] == "scan"
    for where, wanted in (({"age": None}, ["b"]), ({"age": {"neq": 3}}, ["b"]), ({}, ["a", "b"])):
        assert [row["id"] for row in model.find({"where": where}, allow_scan=True)] == wanted
    assert [row["id"] for row in model.find({"order": "age DESC"}, allow_scan=True)] == ["a", "b"]


def test_a_database_that_is_partitioned_and_a_model_that_is_not(db: DataSource) -> None:
    http(db, "PUT", f"{database(db)}?partitioned=true")
    db.define("Pet", {"id": {"type": "string", "id": True}})
    steps = db.plan("Pet").steps
    assert [step.kind for step in steps] == ["partitioned-database", "create-index"]
    assert "it is partitioned and the model says that it is not" in steps[0].reason
    with pytest.raises(UnsafeMigrationError):
        db.autoupdate("Pet")
