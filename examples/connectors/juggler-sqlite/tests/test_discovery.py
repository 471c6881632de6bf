"""Tables that somebody else made: Inventory refers to Product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

TABLES = (
    "CREATE TABLE Product (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, price NUMERIC)",
    """CREATE TABLE Inventory (
        product_id INTEGER NOT NULL REFERENCES Product (id),
        location_id TEXT NOT NULL,
        available INTEGER,
        PRIMARY KEY (product_id, location_id)
    )""",
    "CREATE VIEW Stock AS SELECT name, available FROM Product JOIN Inventory ON id = product_id",
    "INSERT INTO Product VALUES (1, 'Ball', 2.5), (2, 'Net', 9)",
    "INSERT INTO Inventory VALUES (1, 'Rome', 5), (1, 'Oslo', 0), (2, 'Rome', 7)",
)
REFERENCE = {
    "fkOwner": "main",
    "fkName": "Inventory_fk0",
    "fkTableName": "Inventory",
    "fkColumnName": "product_id",
    "keySeq": 1,
    "pkOwner": "main",
    "pkName": None,
    "pkTableName": "Product",
    "pkColumnName": "id",
}


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("sqlite:") as source:
        for statement in TABLES:
            source.execute(statement)
        yield source


def test_tables_and_views(db: DataSource) -> None:
    tables = db.discover_model_definitions()
    assert [(t["type"], t["name"]) for t in tables] == [
        ("table", "Inventory"),
        ("table", "Product"),
    ]
    views = db.discover_model_definitions(views=True)
    assert [(t["type"], t["name"]) for t in views[2:]] == [("view", "Stock")]
    assert [t["name"] for t in db.discover_model_definitions(limit=1, offset=1)] == ["Product"]
    assert db.discover_model_definitions(owner="somebody") == []


def test_properties(db: DataSource) -> None:
    found = [
        (p["columnName"], p["dataType"], p["nullable"])
        for p in db.discover_model_properties("Product")
    ]
    assert found[1:] == [("name", "VARCHAR(40)", False), ("price", "NUMERIC", True)]
    assert found[0][:2] == ("id", "INTEGER")


def test_keys(db: DataSource) -> None:
    keys = db.discover_primary_keys("Inventory")
    assert [(k["columnName"], k["keySeq"]) for k in keys] == [
        ("product_id", 1),
        ("location_id", 2),
    ]
    assert db.discover_foreign_keys("Inventory") == [REFERENCE]
    assert db.discover_foreign_keys("Product") == []
    assert db.discover_exported_foreign_keys("Product") == [REFERENCE]


def test_a_reference_without_a_column_is_to_the_primary_key(db: DataSource) -> None:
    db.execute("CREATE TABLE Price (id INTEGER PRIMARY KEY, product INTEGER REFERENCES Product)")
    (reference,) = db.discover_foreign_keys("Price")
    assert (reference["pkTableName"], reference["pkColumnName"]) == ("Product", "id")


def test_built_models_read_and_write_the_rows(db: DataSource) -> None:
    models = db.discover_and_build_models("Inventory", associations=True)
    assert set(models) == {"Inventory", "Product"}
    inventory, product = models["Inventory"], models["Product"]
    assert db.id_names(inventory) == ("productId", "locationId")
    assert db.column_name(inventory, "productId") == "product_id"
    assert inventory.__definition__.relations["product"]["model"] == "Product"
    with db.options(allow_scan=True):
        found = inventory.find({"where": {"available": {"gt": 0}}, "order": "productId"})
    assert [(row.productId, row.locationId) for row in found] == [(1, "Rome"), (2, "Rome")]
    product.create({"id": 3, "name": "Bat", "price": 4.25})
    inventory.create({"productId": 3, "locationId": "Rome", "available": 1})
    rows = db.execute("SELECT name, available FROM Stock WHERE name = ?", ["Bat"]).rows
    assert rows == [{"name": "Bat", "available": 1}]
