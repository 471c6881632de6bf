"""The first examples of the original documents: models, data sources, events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import juggler_sqlite
import pytest

from juggler import DataSource, Model, Prop, ValidationError, now, prop


def test_examples_of_model_definition(db: DataSource) -> None:
    User = db.define(
        "User", {"email": str, "password": str, "birthDate": datetime, "activated": bool}
    )
    assert list(User.__definition__.properties) == [
        "id", "email", "password", "birthDate", "activated",
    ]  # fmt: skip
    user: Any = User.create(email="a@b.c", birthDate="1980-02-29")
    assert user.birthDate == datetime(1980, 2, 29, tzinfo=UTC)


def test_more_advanced_case(db: DataSource) -> None:
    User = db.define(
        "User",
        {
            "email": {"type": str, "limit": 150, "index": True},
            "password": {"type": str, "limit": 50},
            "birthDate": datetime,
            "registrationDate": {"type": datetime, "default": lambda: datetime.now(UTC)},
            "activated": {"type": bool, "default": False},
        },
        {"tableName": "users"},
    )
    user: Any = User.create(email="a@b.c")
    assert user.activated is False
    assert abs((datetime.now(UTC) - user.registrationDate).total_seconds()) < 60
    assert db.table_name("User") == "users"
    assert [index.name for index in db.spec_of("User").indexes] == ["email_index"]
    with pytest.raises(ValidationError, match="too long"):
        User.create(email="x" * 151)


def test_the_same_as_a_class(db: DataSource) -> None:
    class User(Model, table_name="users"):
        email: Prop[str] = prop(max_length=150, index=True)
        password: Prop[str] = prop(max_length=50)
        birth_date: Prop[datetime | None] = prop(default=None, name="birthDate")
        registered: Prop[datetime] = prop(default_factory=now, name="registrationDate")
        activated: Prop[bool] = prop(default=False)

    db.attach(User)
    user = User.create(email="a@b.c", password="x")
    assert (user.activated, user.birth_date) == (False, None)
    assert db.table_name("User") == "users"


def test_a_connector_by_name_by_module_and_with_settings() -> None:
    assert DataSource("memory").name == "memory"
    by_module = DataSource(juggler_sqlite)
    assert by_module.name == "sqlite"
    ds = DataSource(
        juggler_sqlite,
        {
            "host": "127.0.0.1", "database": ":memory:", "username": "strongloop",
            "password": "password", "debug": True,
        },
    )  # fmt: skip
    assert ds.settings["username"] == "strongloop"
    assert ds.settings["password"] == "***"
    assert ds.settings["debug"] is True


def test_ready_is_told_by_an_event() -> None:
    db = DataSource("memory", {"database": "myapp_test"})
    db.define("User", {"name": str})
    heard: list[bool] = []
    db.on("connected", lambda: heard.append(db.connected))
    assert db.connected is False
    db.models["User"].create(name="waiting is not necessary")
    assert heard == [True]
    assert db.connected is True
    db.close()
    assert db.connected is False


def test_single_properties_and_bunches_of_them(db: DataSource) -> None:
    Content = db.define("Content", {"title": str})
    db.define_property("Content", "competitionType", {"type": str})
    db.define_property("Content", "expiryDate", {"type": datetime, "index": True})
    db.extend_model("Content", {"isExpired": {"type": bool, "index": True}})
    made: Any = Content.create(title="t", competitionType="x", isExpired=False)
    assert made.reload().competitionType == "x"
    assert {i.name for i in db.spec_of("Content").indexes} == {
        "expiryDate_index", "isExpired_index",
    }  # fmt: skip
    Content.define_property("more", "number")
    assert Content.get_property_type("more") == "number"


def test_the_public_names_of_a_builder(db: DataSource) -> None:
    User = db.define("User", {"name": str})
    assert db.models == {"User": User}
    assert db.definitions == {"User": User.__definition__}
    assert db.get_schema_name("User") == "User"
    assert db.get_schema_name() != db.get_schema_name()
    assert str(db.resolve_type("Number")) == str(db.resolve_type("number"))
    assert db.resolve_type("User") is User


def test_build_models_from_schemas(db: DataSource) -> None:
    models = db.build_models(
        [
            {"name": "Customer", "properties": {"name": "string", "orders": ["Order"]}},
            {"name": "Order", "properties": {"total": "number", "customer": "Customer"}},
        ]
    )
    Customer, Order = models["Customer"], models["Order"]
    customer: Any = Customer.create(name="Ann")
    order: Any = customer.orders.create(total=3)
    assert order.customer().name == "Ann"
    assert set(models) == {"Customer", "Order"}
    assert Order.count() == 1


def test_introspection_of_a_document(db: DataSource) -> None:
    User = db.build_model_from_instance(
        "User",
        {"name": "Joe", "age": 30, "birthday": now(), "emails": ["a"], "address": {"city": "X"}},
    )
    user: Any = User.create(name="Ann", address={"city": "Rome"}, emails=["b"])
    assert (user.address.city, user.emails) == ("Rome", ["b"])
    assert User.get_property_type("age") == "number"


def test_text_and_dirty_state_of_models_and_instances(db: DataSource) -> None:
    User = db.define("User", {"name": str}, {"strict": False})
    assert "User" in str(User)
    user: Any = User.create({"name": "Ann", "more": 1})
    assert user.to_object() == {"id": 1, "name": "Ann", "more": 1}
    assert user.to_object(only_schema=True) == {"id": 1, "name": "Ann"}
    assert user.property_changed("name") is False
    user.name = "Eve"
    assert user.property_changed("name") is True
    user.reset()
    assert (user.name, user.property_changed("name")) == ("Ann", False)
