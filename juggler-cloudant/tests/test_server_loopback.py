"""The examples that LoopBack's connector is introduced with, on a real CouchDB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http

from juggler import connect
from juggler.errors import CostGuardError, UnsupportedModelError

if TYPE_CHECKING:
    from pathlib import Path

    from juggler import DataSource

pytestmark = pytest.mark.server

PET = {
    "name": "Pet",
    "base": "PersistedModel",
    "properties": {"name": {"type": "string"}, "category": {"type": "string", "index": True}},
}
BOTH = {"pet_name_and_category": {"keys": {"name": -1, "category": -1}}}
MIXED = {"pet_name_and_category": {"keys": {"name": 1, "category": -1}}}


def fields(db: DataSource, name: str) -> list[Any]:
    """The fields of an index as the server has them."""
    found = http(db, "GET", f"{database(db)}/_index")["indexes"]
    return next(one["def"]["fields"] for one in found if one["name"] == name)


def index_of(query: Any) -> Any:
    return query.explain().to_dict()["statements"][0]["index"]


def test_a_property_with_an_index_in_a_file(db: DataSource, tmp_path: Path) -> None:
    file = tmp_path / "Pet.json"
    file.write_text(json.dumps(PET), encoding="utf-8")
    pet = db.from_ldl(file)
    db.autoupdate("Pet")
    made = pet.create({"name": "Rex", "category": "dog"})
    pet.create({"name": "Tom", "category": "cat"})
    assert isinstance(made["id"], str)
    assert http(db, "GET", f"{database(db)}/{made['id']}")["loopback__model__name"] == "Pet"
    found = pet.find({"where": {"category": "dog"}})
    assert [row["name"] for row in found] == ["Rex"]
    assert index_of(pet.where({"category": "dog"})) == "category_index"
    assert fields(db, "category_index") == [{"loopback__model__name": "asc"}, {"category": "asc"}]


def test_an_index_of_several_properties_and_its_directions(db: DataSource) -> None:
    pet = db.from_ldl({**PET, "indexes": BOTH})
    db.autoupdate("Pet")
    assert [next(iter(one)) for one in fields(db, "pet_name_and_category")] == [
        "loopback__model__name", "name", "category",
    ]  # fmt: skip
    pet.create_all([{"name": name, "category": kind} for name in "ab" for kind in ("x", "y")])
    query = pet.where({"name": "a", "category": "y"})
    assert index_of(query) == "pet_name_and_category"
    assert query.count() == 1


def test_mixed_directions_are_refused_or_coerced_as_there(db: DataSource, url: str) -> None:
    with pytest.raises(UnsupportedModelError, match="keys of both directions"):
        db.from_ldl({**PET, "indexes": MIXED})
    with connect(url + database(db), {"coerce_directions": True}) as coercing:
        pet = coercing.from_ldl({**PET, "indexes": MIXED})
        coercing.autoupdate("Pet")
        pet.create({"name": "a", "category": "y"})
        assert index_of(pet.where({"name": "a", "category": "y"})) == "pet_name_and_category"
        assert {way for one in fields(db, "pet_name_and_category") for way in one.values()} == {
            "asc"
        }


def test_the_model_name_property_and_the_database_of_a_model(db: DataSource) -> None:
    other = f"{database(db)}-users"
    own = {"modelIndex": "your_customized_lb_model_name", "database": other.strip("/")}
    user = db.define("User", {"email": "string"}, {"cloudant": own})
    pet = db.from_ldl(PET)
    db.autoupdate()
    made = user.create({"email": "a@b"})
    pet.create({"name": "Rex"})
    stored = http(db, "GET", f"{other}/{made['id']}")
    assert stored["your_customized_lb_model_name"] == "User"
    assert (user.count(), pet.count()) == (1, 1)
    assert len(http(db, "GET", f"{other}/_index")["indexes"]) == 2  # the server's own, and ours
    http(db, "DELETE", other)


def test_indexes_that_loopback_made_are_adopted(db: DataSource, url: str) -> None:
    with connect(url + database(db), {"adopt_indexes": True}) as adopting:
        pet = adopting.from_ldl({**PET, "indexes": BOTH})
        http(db, "PUT", database(db))
        for name, keys in (("category_index", ["category"]), ("other", ["name"])):
            http(db, "POST", f"{database(db)}/_index", {
                "ddoc": f"LBModel__Pet__LBIndex__{name}", "name": name, "type": "json",
                "index": {"fields": [{key: "asc"} for key in (*keys, "loopback__model__name")]},
            })  # fmt: skip
        adopting.autoupdate("Pet")
        assert adopting.is_actual("Pet")
        pet.create_all([{"name": "a", "category": "x"}, {"name": "b", "category": "y"}])
        query = pet.where({"category": "x"})
        assert index_of(query) == "category_index"
        assert "LBModel__Pet" in query.explain().to_dict()["statements"][0]["text"]
        assert [row["name"] for row in query.using(index="category_index").all()] == ["a"]
        names = [one["ddoc"] for one in http(db, "GET", f"{database(db)}/_index")["indexes"]]
        assert sum("category_index" in str(name) for name in names) == 1
        assert sum("pet_name_and_category" in str(name) for name in names) == 1
        adopting.plan("Pet").apply(allow={"drop"})
        assert [step.target.rpartition("__")[2] for step in adopting.plan("Pet").steps] == [
            "category_index"
        ]


def test_ad_hoc_queries_are_allowed_one_by_one(db: DataSource) -> None:
    pet = db.from_ldl(PET)
    db.autoupdate("Pet")
    pet.create_all([{"name": f"n{n}", "category": "dog"} for n in range(30)])
    with pytest.raises(CostGuardError) as caught:
        pet.find({"where": {"name": "n7"}})
    assert "allow_scan=True" in caught.value.hint
    assert len(pet.find({"where": {"name": "n7"}}, allow_scan=True)) == 1
    told = pet.where({"name": "n7"}).explain().to_dict()
    assert (told["path"], told["statements"][0]["text"].rpartition("/")[2]) == ("scan", "_find")
    assert len(pet.find()) == 30  # more than the server's 25
