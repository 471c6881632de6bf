"""On a real server: JUGGLER_CLOUDANT_URL, else one that is started."""

from __future__ import annotations

import json
import urllib.request
import uuid
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from juggler import DataSource, connect
from juggler.errors import (
    ConflictError,
    CostGuardError,
    DuplicateKeyError,
    InvalidValueError,
    SchemaMissingError,
    UnsafeMigrationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import servers  # noqa: PLC0415 - only tests with servers need it

    with servers.cloudant_url() as found:
        yield found


@pytest.fixture
def db(url: str) -> Iterator[DataSource]:
    name = f"t{uuid.uuid4().hex}"
    with connect(f"{url}/{name}") as made:
        yield made
        http(made, "DELETE", f"/{name}")


def http(db: DataSource, method: str, path: str, body: Any = None) -> Any:
    """The server itself, without the connector."""
    settings = db.connector.settings
    request = urllib.request.Request(  # noqa: S310 - the server under test
        settings.service_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    if settings.username:
        login = f"{settings.username}:{settings.password}".encode()
        request.add_header("Authorization", "Basic " + b64encode(login).decode())
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)


def database(db: DataSource) -> str:
    return f"/{db.connector.settings.database}"


def pet(db: DataSource, **settings: Any) -> Any:
    properties = {
        "id": {"type": "string", "id": True},
        "name": {"type": "string"},
        "category": {"type": "string", "index": True},
        "age": {"type": "number", "index": True},
    }
    model = db.define("Pet", properties, {"strict": True, **settings})
    db.autoupdate("Pet")
    return model


def many(count: int) -> list[dict[str, Any]]:
    return [{"id": f"p{i:05}", "name": f"n{i}", "category": "cat", "age": i} for i in range(count)]


def test_more_rows_than_any_page(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(2500))
    assert model.count() == 2500
    assert len(model.find()) == 2500
    assert model.update_all({"age": {"lt": 2400}}, {"name": "x"}).changed == 2400
    assert model.count({"age": {"gte": 2400}}) == 100
    assert model.delete_all(all=True).changed == 2500
    assert model.count() == 0
    assert model.find() == []


def test_pages_survive_deletes_at_their_boundary(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(60))
    seen: list[str] = []
    token = None
    while True:
        rows, token = model.where({"age": {"gte": 0}}).order("age").page(size=7, token=token)
        seen += [row["id"] for row in rows]
        rows[-1].delete()
        if token is None:
            break
    assert seen == [f"p{i:05}" for i in range(60)]


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


# ---------------------------------------------------------------- the examples of the manual


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
    assert statement["index"]["name"] == "index1"


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


def test_ad_hoc_queries_need_permission(db: DataSource) -> None:
    model = pet(db)
    model.create({"id": "a", "name": "x"})
    with pytest.raises(CostGuardError) as caught:
        model.find({"where": {"name": "x"}})
    assert '"by_name"' in caught.value.hint
    assert len(model.find({"where": {"name": "x"}}, allow_scan=True)) == 1


def test_a_database_that_is_not_there_says_what_to_do(db: DataSource) -> None:
    model = db.define("Pet", {"id": {"type": "string", "id": True}})
    with pytest.raises(SchemaMissingError) as caught:
        model.find()
    assert "autoupdate" in caught.value.hint
    http(db, "PUT", database(db))


def test_discovery_says_what_it_looked_at(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(3))
    found = {one["name"] for one in db.discover_model_definitions()}
    assert found == {"Pet"}
    names = {one["columnName"] for one in db.discover_model_properties("Pet")}
    assert names == {"id", "name", "category", "age"}


def test_statements_of_the_servers_own(db: DataSource) -> None:
    model = pet(db)
    model.create_all(many(3))
    body = {"selector": {"loopback__model__name": "Pet", "age": {"$gte": 1}}}
    assert len(db.execute(body).rows) == 2
    assert db.execute("GET /").rows[0]["couchdb"] == "Welcome"
