"""The last examples of the original documents: discovery, changes of the schema, connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import juggler_sqlite
import pytest

from juggler import DataSource, UnsafeMigrationError
from juggler.connector import SimpleConnector, hookimpl, operations_of

if TYPE_CHECKING:
    from juggler.spec import ModelSpec


def test_tables_columns_and_keys(shop: DataSource) -> None:
    found = shop.discover_model_definitions(views=True, limit=20)
    assert {(one["name"], one["type"]) for one in found} == {
        ("PRODUCT", "table"), ("INVENTORY", "table"), ("INVENTORY_VIEW", "view"),
    }  # fmt: skip
    columns = shop.discover_model_properties("PRODUCT")
    assert [column["columnName"] for column in columns] == ["ID", "NAME"]
    assert [column["nullable"] for column in columns][1] is False
    assert [c["columnName"] for c in shop.discover_model_properties("INVENTORY_VIEW")] == [
        "ID", "QTY",
    ]  # fmt: skip
    (key,) = shop.discover_primary_keys("INVENTORY")
    assert (key["columnName"], key["keySeq"]) == ("ID", 1)
    (foreign,) = shop.discover_foreign_keys("INVENTORY")
    assert (foreign["fkColumnName"], foreign["pkTableName"]) == ("PRODUCT_ID", "PRODUCT")
    (exported,) = shop.discover_exported_foreign_keys("PRODUCT")
    assert exported["fkTableName"] == "INVENTORY"
    schema = shop.discover_schema("INVENTORY")
    assert schema["name"] == "Inventory"
    assert set(schema["properties"]) == {"id", "qty", "productId"}


def test_models_are_built_and_relations_followed(shop: DataSource) -> None:
    models = shop.discover_and_build_models("INVENTORY", visited={}, associations=True)
    assert set(models) == {"Inventory", "Product"}
    inv: Any = models["Inventory"].find_one({})
    assert inv.qty == 5
    assert inv.product().name == "map"


V1 = {
    "name": "CustomerTest",
    "options": {"idInjection": False, "sqlite": {"table": "CUSTOMER_TEST"}},
    "properties": {
        "id": {"type": "string", "length": 20, "id": 1},
        "name": {"type": "string", "required": False, "length": 40},
    },
}
V2 = {
    **V1,
    "properties": {**V1["properties"], "email": {"type": "string", "length": 60}},  # type: ignore[dict-item]
}


def test_a_second_version_of_a_model(shop: DataSource) -> None:
    def columns() -> list[str]:
        return [c["columnName"] for c in shop.discover_model_properties("CUSTOMER_TEST")]

    shop.create_model(V1["name"], V1["properties"], V1["options"])  # type: ignore[arg-type]
    shop.automigrate("CustomerTest")
    assert columns() == ["id", "name"]
    assert shop.is_actual("CustomerTest") is True
    shop.create_model(V2["name"], V2["properties"], V2["options"])  # type: ignore[arg-type]
    if not shop.is_actual(["CustomerTest"]):
        shop.autoupdate(["CustomerTest"])
    assert columns() == ["id", "name", "email"]
    assert shop.is_actual("CustomerTest") is True


def test_automigrate_loses_rows_only_when_it_is_told(shop: DataSource) -> None:
    model = shop.create_model(V1["name"], V1["properties"], V1["options"])  # type: ignore[arg-type]
    shop.automigrate("CustomerTest")
    model.create(id="1", name="Ann")
    with pytest.raises(UnsafeMigrationError, match="allow_data_loss=True"):
        shop.automigrate("CustomerTest")
    shop.automigrate("CustomerTest", allow_data_loss=True)
    assert model.count() == 0


class MyDAO:
    """Data access of a connector's own."""

    @classmethod
    async def shout(cls, key: Any) -> str:
        found: Any = await operations_of(cls).find_by_id(cls, key)
        return str(found.name).upper()


class MyConnector(SimpleConnector):
    """The methods of the original, one by one, over a dictionary."""

    name = "mine"
    data_access = MyDAO

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.tables: dict[str, dict[Any, dict[str, Any]]] = {}
        self.calls: list[str] = []

    @hookimpl
    def open(self, ctx: Any) -> None:
        self.calls.append("connect")

    @hookimpl
    def close(self, ctx: Any) -> None:
        self.calls.append("disconnect")

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        self.tables.setdefault(model.name, {})

    def create(self, model: ModelSpec, key: Any, record: dict[str, Any]) -> None:
        self.calls.append("create")
        self.tables[model.name][key] = record

    def save(self, model: ModelSpec, key: Any, record: dict[str, Any]) -> None:
        self.calls.append("save")
        self.tables[model.name][key] = record

    def find(self, model: ModelSpec, key: Any) -> dict[str, Any] | None:
        return self.tables[model.name].get(key)

    def all(self, model: ModelSpec) -> list[dict[str, Any]]:
        return list(self.tables[model.name].values())

    def destroy(self, model: ModelSpec, key: Any) -> None:
        self.calls.append("destroy")
        del self.tables[model.name][key]


def test_a_connector_by_module_by_class_and_by_function() -> None:
    def made(settings: Any) -> MyConnector:
        return MyConnector(settings)

    assert DataSource({"connector": juggler_sqlite, "database": ":memory:"}).name == "sqlite"
    assert DataSource("loopback-connector-memory").name == "memory"
    assert DataSource(MyConnector, {}).name == "mine"
    assert DataSource(made, {"host": "h"}).name == "mine"
    mine = MyConnector()
    ds = DataSource(mine)
    assert ds.connector.data_source is ds


def test_what_a_connector_writes(db: DataSource) -> None:
    del db
    mine = MyConnector()
    ds = DataSource(mine, {"scan": "allow"})
    User: Any = ds.define("User", {"id": {"type": "number", "id": True}, "name": "string"})
    assert mine.tables == {"User": {}}
    user = User.create(id=1, name="Ann")
    user.update_attributes({"name": "Eve"})
    User.update_or_create({"id": 2, "name": "Bob"})
    assert (User.exists(1), User.count(), User.find_by_id(2).name) == (True, 2, "Bob")
    assert [u.name for u in User.find({"where": {"name": {"gt": "C"}}})] == ["Eve"]
    assert User.shout(1) == "EVE"
    user.destroy()
    User.destroy_all(all=True)
    assert mine.tables == {"User": {}}
    ds.disconnect()
    assert mine.calls == [
        "connect", "create", "save", "create", "destroy", "destroy", "disconnect",
    ]  # fmt: skip
