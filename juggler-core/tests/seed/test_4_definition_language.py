"""The definition language of the original documents: models as JSON, methods, types, ids."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from juggler import DataSource, Model, ModelBuilder, Prop, ValidationError, prop

if TYPE_CHECKING:
    from pathlib import Path

USER = {"id": "number", "firstName": "string", "lastName": "string"}


@pytest.mark.parametrize(
    "definition",
    [
        USER,
        {"id": "Number", "firstName": "String", "lastName": "STRING"},
        {"id": float, "firstName": str, "lastName": str},
    ],
)
def test_a_model_out_of_a_builder(definition: dict[str, Any]) -> None:
    builder = ModelBuilder()
    User = builder.define("User", definition)
    user: Any = User({"id": 1, "firstName": "John", "lastName": "Smith"})
    assert (user.id, user.firstName, user.lastName) == (1, "John", "Smith")
    User.attach_to(DataSource("memory"))
    assert user.save().reload().firstName == "John"


def test_data_access_is_injected(db: DataSource) -> None:
    User = db.define("User", USER)
    created = User.create({"id": 1, "firstName": "John", "lastName": "Smith"})
    user: Any = User.find_by_id(1)
    assert user.to_object() == created.to_object()
    user.firstName = "John1"
    user.save()
    assert User.find_by_id(1).firstName == "John1"  # type: ignore[union-attr]


def test_a_plain_model_is_attached(db: DataSource) -> None:
    builder = ModelBuilder()
    User = builder.define(
        "User",
        {"name": "string", "bio": "string", "approved": bool, "joinedAt": "date", "age": "number"},
    )
    User.attach_to(db)
    assert User.create(name="Ann", joinedAt="2020-01-01").reload().name == "Ann"


def test_static_and_instance_methods(db: DataSource) -> None:
    User: Any = db.define("User", USER)
    User.find_by_last_name = classmethod(lambda cls, name: cls.find({"where": {"lastName": name}}))
    User.get_full_name = lambda self: f"{self.firstName} {self.lastName}"
    User.create({"id": 1, "firstName": "John", "lastName": "Smith"})
    (user,) = User.find_by_last_name("Smith")
    assert user.get_full_name() == "John Smith"


def test_a_document_with_options_of_a_connector(db: DataSource, tmp_path: Path) -> None:
    document = {
        "name": "Location",
        "options": {
            "idInjection": False,
            "oracle": {"schema": "BLACKPOOL", "table": "LOCATION"},
        },
        "properties": {
            "id": {"type": "number", "id": True, "doc": "User ID"},
            "firstName": {
                "type": "string",
                "required": True,
                "oracle": {"column": "FIRST_NAME", "type": "VARCHAR(32)"},
            },
        },
    }
    Location = db.from_ldl(document)
    definition = Location.__definition__
    assert definition.hints == {"oracle": {"schema": "BLACKPOOL", "table": "LOCATION"}}
    assert definition.properties["id"].doc == "User ID"
    assert definition.spec("oracle").storage_name == "LOCATION"
    assert definition.spec("oracle").field["firstName"].storage_name == "FIRST_NAME"
    with pytest.raises(ValidationError, match="can't be blank"):
        Location.create({"id": 1})
    path = tmp_path / "Location.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert ModelBuilder().from_ldl(path).__definition__ == definition


def test_the_same_hints_in_a_class() -> None:
    class Person(Model):
        id: Prop[int] = prop(id=True, doc="User ID")
        first_name: Prop[str] = prop(
            name="firstName", oracle={"column": "FIRST_NAME", "type": "VARCHAR", "length": 32}
        )

    spec = Person.__definition__.spec("oracle")
    assert spec.field["firstName"].hints["oracle"]["length"] == 32
    assert spec.field["firstName"].storage_name == "FIRST_NAME"


@pytest.mark.parametrize("form", [[str], ["String"], [{"type": str, "length": 64}]])
def test_arrays(db: DataSource, form: list[Any]) -> None:
    User = db.define("User", {"emails": form})
    user: Any = User.create(emails=["a@b", 3])
    assert user.reload().emails == ["a@b", "3"]
    if isinstance(form[0], dict):
        with pytest.raises(ValidationError, match="too long"):
            User.create(emails=["x" * 65])


ADDRESS = {"street": str, "city": str, "state": str, "zipCode": str}


def test_a_nested_definition(db: DataSource) -> None:
    User = db.define("User", {"firstName": str, "lastName": str, "address": ADDRESS})
    user: Any = User.create(firstName="Ann", address={"city": "Rome", "zipCode": 100})
    read: Any = User.find_one({"where": {"address.city": "Rome"}})
    assert read.id == user.id
    assert (read.address.zipCode, read.address.state) == ("100", None)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_reference_to_a_definition(db: DataSource, by_name: bool) -> None:
    Address = db.define("Address", ADDRESS)
    User = db.define("User", {"firstName": str, "address": "Address" if by_name else Address})
    user: Any = User.create(address={"city": "Rome"})
    assert isinstance(user.reload().address, Address)


def test_a_generated_id(db: DataSource) -> None:
    User = db.define(
        "User", {"id": {"type": "number", "generated": True, "id": True}, "name": "string"}
    )
    assert [User.create(name=name).id for name in "ab"] == [1, 2]  # type: ignore[attr-defined]
    injected = db.define("Plain", {"name": "string"}).__definition__.properties["id"]
    assert (injected.id, injected.generated) == (1, True)


def test_a_composite_id(db: DataSource) -> None:
    Inventory = db.define(
        "Inventory",
        {
            "productId": {"type": str, "id": 1},
            "locationId": {"type": str, "id": 2},
            "qty": "number",
        },
    )
    Inventory.create(productId="p1", locationId="l1", qty=3)
    Inventory.create(productId="p1", locationId="l2", qty=4)
    assert Inventory.id_names() == ("productId", "locationId")
    for key in (("p1", "l1"), {"productId": "p1", "locationId": "l1"}):
        found: Any = Inventory.find_by_id(key)
        assert found.qty == 3
    assert db.id_names("Inventory") == ("productId", "locationId")


def test_constraints_and_conversions(db: DataSource) -> None:
    User = db.define(
        "User",
        {
            "name": {"type": "string", "trim": True, "uppercase": True, "pattern": "^[A-Z]+$"},
            "age": {"type": "number", "min": 0, "max": 150},
            "code": {"type": "string", "format": "0>5", "length": 5},
        },
    )
    user: Any = User.create(name=" ann ", age=3, code="42")
    assert (user.name, user.code) == ("ANN", "00042")
    assert User.find_one({"where": {"name": "ann "}}).id == user.id  # type: ignore[union-attr]
    for wrong in ({"name": "a1"}, {"age": -1}, {"age": 151}, {"code": "123456"}):
        with pytest.raises(ValidationError):
            User.create(wrong)
