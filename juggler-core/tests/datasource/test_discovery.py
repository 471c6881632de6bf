"""Discovery: LoopBack's facts, LDL documents, built models."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from juggler.connector import Capabilities, DiscoveredModel, ForeignKey
from juggler.errors import CapabilityError, ConfigurationError, SchemaMissingError
from juggler.spec import (
    EXTRA,
    ColumnInfo,
    FieldSpec,
    IndexSpec,
    KeySpec,
    ModelSpec,
    RelationInfo,
)
from juggler.values.types import INTEGER, STRING, TypeKind, TypeSpec, simple

if TYPE_CHECKING:
    from pathlib import Path

    from juggler.datasource import DataSource


def found(name: str, *columns: tuple[str, Any], key: Any, **more: Any) -> DiscoveredModel:
    fields = tuple(
        FieldSpec(column, column, kind if isinstance(kind, TypeSpec) else simple(kind),
                  nullable=column not in key.names)
        for column, kind in columns
    )  # fmt: skip
    infos = tuple(
        ColumnInfo(
            column, str(kind).upper(), nullable=column not in key.names, facts={"length": 20}
        )
        for column, kind in columns
    )
    relation = RelationInfo(name, columns=infos, facts={"primary_key": f"pk_{name}"})
    spec = ModelSpec(name, name, fields, key)
    return DiscoveredModel(spec, relation, owner="STRONGLOOP", columns=infos, **more)


@pytest.fixture(autouse=True)
def store(shelf: Any) -> None:
    shelf.found = [
        found(
            "INVENTORY",
            ("PRODUCT_ID", TypeSpec(TypeKind.STRING, length=20)),
            ("LOCATION_ID", STRING),
            ("AVAILABLE", TypeKind.INTEGER),
            key=KeySpec(("PRODUCT_ID", "LOCATION_ID")),
        ),
        found("PRODUCT", ("ID", STRING), ("NAME", STRING), key=KeySpec(("ID",))),
        found("LOCATION", ("ID", STRING), ("geo", TypeKind.GEO), key=KeySpec(("ID",))),
        found(
            "INVENTORY_VIEW",
            ("PRODUCT_ID", STRING),
            ("AVAILABLE", TypeKind.INTEGER),
            key=KeySpec(("PRODUCT_ID",)),
            kind="view",
            base="INVENTORY",
        ),
    ]
    shelf.keys = [
        ForeignKey("fk_product", "INVENTORY", "PRODUCT_ID", "PRODUCT", "ID", owner="STRONGLOOP"),
        ForeignKey("fk_location", "INVENTORY", "LOCATION_ID", "LOCATION", "ID"),
    ]


def test_tables_and_views(db: DataSource) -> None:
    tables = db.discover_model_definitions()
    assert tables[0] == {"type": "table", "name": "INVENTORY", "owner": "STRONGLOOP"}
    assert [t["name"] for t in tables] == ["INVENTORY", "PRODUCT", "LOCATION"]
    assert len(db.discover_model_definitions(views=True)) == 4
    assert [t["name"] for t in db.discover_model_definitions(limit=1, offset=1)] == ["PRODUCT"]
    assert db.discover_model_definitions(owner="OTHER") == []
    with pytest.raises(ConfigurationError):
        db.discover_model_definitions(limit=-1)


def test_columns(db: DataSource) -> None:
    assert db.discover_model_properties("PRODUCT")[1] == {
        "owner": "STRONGLOOP",
        "tableName": "PRODUCT",
        "columnName": "NAME",
        "dataType": "STRING",
        "dataLength": 20,
        "dataPrecision": None,
        "dataScale": None,
        "nullable": True,
    }
    assert len(db.discover_model_properties("INVENTORY_VIEW", owner="STRONGLOOP")) == 2


def test_keys(db: DataSource) -> None:
    assert db.discover_primary_keys("INVENTORY") == [
        {
            "owner": "STRONGLOOP",
            "tableName": "INVENTORY",
            "columnName": column,
            "keySeq": number,
            "pkName": "pk_INVENTORY",
        }
        for number, column in enumerate(["PRODUCT_ID", "LOCATION_ID"], 1)
    ]
    first, second = db.discover_foreign_keys("INVENTORY")
    assert first == {
        "fkOwner": "STRONGLOOP",
        "fkName": "fk_product",
        "fkTableName": "INVENTORY",
        "fkColumnName": "PRODUCT_ID",
        "keySeq": 1,
        "pkOwner": None,
        "pkName": None,
        "pkTableName": "PRODUCT",
        "pkColumnName": "ID",
    }
    assert second["pkTableName"] == "LOCATION"
    assert db.discover_foreign_keys("PRODUCT") == []
    assert db.discover_exported_foreign_keys("PRODUCT") == [first]


def test_a_schema_is_an_ldl_document(db: DataSource) -> None:
    assert db.discover_schema("INVENTORY", owner="STRONGLOOP") == {
        "name": "Inventory",
        "options": {
            "tableName": "INVENTORY",
            "idInjection": False,
            "shelf": {"schema": "STRONGLOOP"},
        },
        "properties": {
            "productId": {
                "type": "string",
                "id": 1,
                "required": True,
                "length": 20,
                "columnName": "PRODUCT_ID",
            },
            "locationId": {
                "type": "string",
                "id": 2,
                "required": True,
                "columnName": "LOCATION_ID",
            },
            "available": {"type": "integer", "columnName": "AVAILABLE"},
        },
    }


def test_schemas_follow_foreign_keys_when_asked(db: DataSource) -> None:
    assert set(db.discover_schemas("INVENTORY")) == {"INVENTORY"}
    both = db.discover_schemas("INVENTORY", associations=True)
    assert set(both) == {"INVENTORY", "PRODUCT", "LOCATION"}
    assert both["INVENTORY"]["options"]["relations"] == {
        "product": {"type": "belongsTo", "model": "Product", "foreignKey": "productId"},
        "location": {"type": "belongsTo", "model": "Location", "foreignKey": "locationId"},
    }


def test_models_are_built(db: DataSource, shelf: Any) -> None:
    models = db.discover_and_build_models("INVENTORY")
    assert set(models) == {"Inventory", "Product", "Location"}
    inventory = models["Inventory"]
    assert db.models["Inventory"] is inventory
    assert db.id_names(inventory) == ("productId", "locationId")
    assert db.column_name(inventory, "available") == "AVAILABLE"
    assert inventory.__definition__.relations["product"]["model"] == "Product"
    shelf.rows["INVENTORY"] = {("p", "l"): ("p", "l", 5)}
    assert inventory.find_one({"where": {"available": 5}}).productId == "p"
    alone = db.discover_and_build_models("INVENTORY", associations=False)
    assert set(alone) == {"Inventory"}
    assert not alone["Inventory"].__definition__.relations


def test_what_was_visited_is_not_read_again(db: DataSource, shelf: Any) -> None:
    visited: dict[str, Any] = {}
    db.discover_schemas("PRODUCT", visited=visited)
    assert set(visited) == {"PRODUCT"}
    found = db.discover_schemas("INVENTORY", associations=True, visited=visited)
    assert set(found) == {"INVENTORY", "LOCATION"}
    assert set(visited) == {"PRODUCT", "INVENTORY", "LOCATION"}
    assert found["INVENTORY"]["options"]["relations"]["product"]["model"] == "Product"
    asked = len(shelf.calls)
    assert db.discover_schemas("INVENTORY", associations=True, visited=visited) == {}
    assert len(shelf.calls) == asked


def test_models_that_are_built_are_not_built_again(db: DataSource) -> None:
    mine = db.define("Ware", {"id": "string", "name": "string"})
    visited: dict[str, Any] = {"PRODUCT": mine}
    built = db.discover_and_build_models("INVENTORY", visited=visited)
    assert set(built) == {"Inventory", "Location"}
    assert built["Inventory"].__definition__.relations["ware"]["model"] == "Ware"
    assert visited["LOCATION"] is built["Location"]


def test_tables_of_all_owners(db: DataSource, shelf: Any) -> None:
    db.discover_schemas("PRODUCT", all_owners=True)
    db.discover_and_build_models("PRODUCT", all_owners=True)
    assert [request.all_owners for request in shelf.requests] == [True, True]


def test_everything(db: DataSource, tmp_path: Path) -> None:
    everything = db.discover()
    assert len(everything) == 4
    assert "Inventory (table INVENTORY)" in str(everything)
    path = everything.write(tmp_path / "models.json")
    documents = {document["name"]: document for document in json.loads(path.read_text())}
    assert documents["InventoryView"]["options"]["view"] == {
        "of": "Inventory",
        "partition": ["productId"],
        "clustering": [],
        "fields": ["available"],
    }
    assert documents["InventoryView"]["options"]["managed"] is False
    with pytest.raises(ConfigurationError, match="neither Python nor JSON"):
        everything.write(tmp_path / "models.txt")
    for document in everything.ldl():
        db.from_ldl(document)
    assert db.id_names("InventoryView") == ("productId",)
    assert not db.spec_of("InventoryView").managed


def test_typed_source_defines_the_same_models(
    db: DataSource, shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.found = [model for model in shelf.found if model.kind == "table"]
    db.discover().write(tmp_path / "discovered_models.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("discovered_models")
    db.attach(module.Inventory, module.Product, module.Location)
    assert db.table_name(module.Inventory) == "INVENTORY"
    assert db.id_names(module.Inventory) == ("productId", "locationId")
    assert db.column_names("Location") == ["ID", "geo"]
    documents = {document["name"]: document for document in db.discover().ldl()}
    relation = module.Inventory.__definition__.relations["product"]
    assert relation == documents["Inventory"]["options"]["relations"]["product"]
    sys.modules.pop("discovered_models")


def test_in_the_asynchronous_colour(db: DataSource) -> None:
    async def run() -> None:
        assert len(await db.aio.discover_model_definitions(views=True)) == 4
        assert len(await db.aio.discover_model_properties("PRODUCT")) == 2
        assert len(await db.aio.discover_primary_keys("INVENTORY")) == 2
        assert len(await db.aio.discover_foreign_keys("INVENTORY")) == 2
        assert len(await db.aio.discover_exported_foreign_keys("PRODUCT")) == 1
        assert (await db.aio.discover_schema("PRODUCT"))["name"] == "Product"
        assert len(await db.aio.discover_schemas("INVENTORY", associations=True)) == 3
        assert len(await db.aio.discover_and_build_models("INVENTORY")) == 3
        assert len(await db.aio.discover()) == 4

    asyncio.run(run())


def test_an_unknown_table(db: DataSource) -> None:
    with pytest.raises(SchemaMissingError, match="no table or view 'PRODUKT'") as caught:
        db.discover_model_properties("PRODUKT")
    assert caught.value.hint == "did you mean 'PRODUCT'?"


def test_a_connector_that_discovers_nothing(db: DataSource, shelf: Any) -> None:
    shelf.claims = Capabilities()
    db.detach()
    with pytest.raises(CapabilityError, match="cannot do discovery"):
        db.discover()
    assert shelf.calls == []


def test_names_that_meet(db: DataSource, shelf: Any) -> None:
    shelf.found = [
        found("A_B", ("X_Y", STRING), ("x_y", STRING), ("zipCode", STRING), key=KeySpec(("X_Y",))),
        found("a_b", ("id", STRING), ("a_B", STRING), key=KeySpec(("id",))),
    ]
    shelf.keys = [
        ForeignKey("one", "a_b", "a_B", "A_B", "X_Y"),
        ForeignKey("two", "a_b", "a_B", "A_B", "X_Y"),
        ForeignKey("several", "a_b", "id", "A_B", "X_Y"),
        ForeignKey("several", "a_b", "a_B", "A_B", "x_y", seq=2),
    ]
    everything = db.discover()
    first, second = everything.ldl()
    assert list(first["properties"]) == ["xY", "x_y", "zipCode"]
    assert (first["name"], second["name"]) == ("AB", "a_b")
    assert set(second["options"]["relations"]) == {"aBRel"}
    assert everything.notes == ("foreign key several of a_b has several columns: no relation made",)


def test_nested_and_open_documents(db: DataSource, shelf: Any) -> None:
    inner = ModelSpec("in", "in", (FieldSpec("a", "a", STRING),), KeySpec(()))
    shelf.found = [
        found(
            "docs",
            ("id", STRING),
            ("list", TypeSpec(TypeKind.ARRAY, of=TypeSpec(TypeKind.EMBEDDED, model=inner))),
            ("tags", TypeSpec(TypeKind.SET, of=STRING)),
            (EXTRA, TypeKind.OBJECT),
            key=KeySpec(("id",), (("list", "desc"),)),
        )
    ]
    document = db.discover_schema("docs")
    assert document["properties"]["list"] == {"type": [{"a": "string"}], "required": True}
    assert document["properties"]["tags"] == {"type": "set<string>"}
    assert EXTRA not in document["properties"]
    assert document["options"]["key"] == {"partition": ["id"], "clustering": ["list DESC"]}


def test_types_options_and_indexes_of_columns_come_along(db: DataSource, shelf: Any) -> None:
    """A model inside of columns has a document of its own, which every one of them refers to."""
    number = FieldSpec("no", "no", INTEGER, hints={"shelf": {"dataType": "int"}})
    place = ModelSpec(
        "place", "place", (FieldSpec("street", "street", STRING), number), KeySpec(())
    )
    embedded = TypeSpec(TypeKind.EMBEDDED, model=place)
    several = TypeSpec(TypeKind.MAP, of=TypeSpec(TypeKind.ARRAY, of=INTEGER))
    kept = found(
        "docs",
        ("id", STRING),
        ("home", embedded),
        ("places", TypeSpec(TypeKind.ARRAY, of=embedded)),
        ("byName", TypeSpec(TypeKind.MAP, of=embedded)),
        ("several", several),
        ("any", TypeKind.ANY),
        key=KeySpec(("id",)),
    )
    index = IndexSpec("by_home", (("any", "desc"),), unique=True, options={"kind": "tree"})
    spec = evolve(kept.spec, indexes=(index,), options={"comment": "x"})
    shelf.found = [evolve(kept, spec=spec)]
    first, docs = db.discover().ldl()
    assert first == {
        "name": "Place",
        "options": {"tableName": "place", "idInjection": False, "abstract": True},
        "properties": {
            "street": {"type": "string"},
            "no": {"type": "integer", "shelf": {"dataType": "int"}},
        },
    }
    words = {name: prop["type"] for name, prop in docs["properties"].items()}
    assert words == {
        "id": "string", "home": "Place", "places": ["Place"], "byName": "map<string, Place>",
        "several": "map<string, list<integer>>", "any": "any",
    }  # fmt: skip
    assert docs["options"]["shelf"] == {"comment": "x"}
    assert docs["options"]["indexes"] == {
        "by_home": {"keys": {"any": -1}, "unique": True, "options": {"kind": "tree"}}
    }
    names: dict[str, Any] = {"__name__": "typed_docs"}
    exec(db.discover().python(), names)  # noqa: S102 - ours
    Docs = names["Docs"]
    several = Docs.ldl()["properties"]["several"]
    assert several["type"] == docs["properties"]["several"]["type"]
    db.attach(Docs)
    assert Docs(id="a").is_valid(), "a property of any type may be null"
    assert set(db.discover_and_build_models("docs")) == {"Place", "Docs"}
