"""Typical projects, loaded as they are and used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from loopback_projects import model

from juggler import GeoPoint, ValidationError

if TYPE_CHECKING:
    from juggler.loopback import Project

SHOP = {
    "customer": model(
        "Customer",
        {"name": {"type": "string", "required": True}, "age": {"type": "number"}},
        relations={
            "address": {
                "type": "embedsOne",
                "model": "Address",
                "property": "billingAddress",
                "options": {"validate": True, "forceId": False},
            },
            "emails": {
                "type": "embedsMany",
                "model": "EmailAddress",
                "property": "emailList",
                "options": {"validate": True, "forceId": False},
            },
            "accounts": {
                "type": "referencesMany",
                "model": "Account",
                "foreignKey": "accountIds",
                "options": {"validate": True, "forceId": False},
            },
            "orders": {"type": "hasMany", "model": "Order", "foreignKey": ""},
            "profile": {"type": "hasOne", "model": "Profile", "foreignKey": ""},
            "pictures": {"type": "hasMany", "model": "Picture", "polymorphic": "imageable"},
        },
    ),
    "order": model(
        "Order",
        {"description": {"type": "string"}, "date": {"type": "date", "default": "$now"}},
        relations={
            "customer": {"type": "belongsTo", "model": "Customer", "foreignKey": ""},
            "products": {
                "type": "hasMany",
                "model": "Product",
                "foreignKey": "",
                "through": "OrderLine",
            },
        },
    ),
    "order-line": model("OrderLine", {"amount": {"type": "number", "default": 1}}),
    "product": model(
        "Product",
        {"title": "string", "tags": ["string"], "price": {"type": "number", "min": 0}},
        relations={
            "categories": {"type": "hasAndBelongsToMany", "model": "Category", "foreignKey": ""},
            "pictures": {
                "type": "hasMany",
                "model": "Picture",
                "polymorphic": {
                    "as": "imageable",
                    "foreignKey": "imageableId",
                    "discriminator": "imageableType",
                },
            },
        },
    ),
    "category": model(
        "Category",
        {"name": {"type": "string"}},
        relations={"products": {"type": "hasAndBelongsToMany", "model": "Product"}},
    ),
    "picture": model(
        "Picture",
        {"url": "string"},
        relations={"imageable": {"type": "belongsTo", "polymorphic": True}},
    ),
    "profile": model("Profile", {"bio": "string"}),
    "account": model("Account", {"balance": "number"}),
    "address": model("Address", {"street": "string", "city": "string"}, base="Model"),
    "email-address": model("EmailAddress", {"label": "string", "address": "string"}, base="Model"),
}
TRANSIENT = {"Address": {"dataSource": "transient"}, "EmailAddress": {"dataSource": "transient"}}
SOURCES = {"server/datasources.json": {
    "db": {"name": "db", "connector": "memory"},
    "transient": {"name": "transient", "connector": "transient"},
}}  # fmt: skip


@pytest.fixture
def shop(load_project: Any) -> Project:
    return load_project(SHOP, files=SOURCES, config=TRANSIENT)  # type: ignore[no-any-return]


def test_nothing_is_lost_of_a_project_without_code(shop: Project) -> None:
    assert not shop.report.lost, str(shop.report)
    assert str(shop.report) == "Everything is honoured."
    assert set(shop.models) == {document["name"] for document in SHOP.values()}


def test_every_kind_of_relation_works(shop: Project) -> None:
    customers, orders, products = shop["Customer"], shop["Order"], shop["Product"]
    ann = customers.create(name="Ann", age=41)
    ann.address.create(street="Elm 1", city="Rome")
    ann.emails.create(label="home", address="ann@x.org")
    order = ann.orders.create(description="first")
    ann.profile.create(bio="…")
    ann.accounts.create(balance=5)
    ann.pictures.create(url="ann.png")
    lamp = order.products.create(title="Lamp", price=9.5)
    lamp.categories.create(name="light")
    lamp.pictures.create(url="lamp.png")

    found = customers.find_by_id(ann.id, include=["orders", "profile", "accounts", "pictures"])
    row = found.to_json()
    assert row["billingAddress"]["city"] == "Rome"
    assert row["emailList"][0]["address"] == "ann@x.org"
    assert [o["description"] for o in row["orders"]] == ["first"]
    assert row["profile"]["customerId"] == ann.id
    assert row["accounts"][0]["balance"] == 5
    assert [p["url"] for p in row["pictures"]] == ["ann.png"]
    assert orders.find_one({"where": {"customerId": ann.id}}).customer().name == "Ann"
    assert [p.title for p in order.products()] == ["Lamp"]
    assert [c.name for c in products.find_one().categories()] == ["light"]
    lamp_picture = shop["Picture"].find_one({"where": {"imageableType": "Product"}})
    assert lamp_picture.imageable().title == "Lamp"


def test_defaults_and_rules_of_properties_hold(shop: Project) -> None:
    assert shop["Order"].create(description="x").date is not None
    with pytest.raises(ValidationError):
        shop["Customer"].create(age=3)
    with pytest.raises(ValidationError):
        shop["Product"].create(title="x", price=-1)


def test_models_work_in_the_other_colour(shop: Project) -> None:
    async def run() -> list[str]:
        async with shop:
            ann = await shop["Customer"].aio.create(name="Ann")
            await ann.orders.aio.create(description="later")
            found = await shop["Customer"].aio.find({"include": "orders"})
            return [o["description"] for o in found[0].to_json()["orders"]]

    assert asyncio.run(run()) == ["later"]


USERS = {
    "member": model(
        "Member",
        {"nick": "string"},
        base="User",
        hidden=["nick"],
        relations={"projects": {"type": "hasMany", "model": "Project", "foreignKey": "ownerId"}},
        acls=[{"accessType": "*", "principalType": "ROLE", "principalId": "$owner",
               "permission": "ALLOW"}],
    ),
    "project": model(
        "Project", {"name": "string"},
        relations={"owner": {"type": "belongsTo", "model": "Member", "foreignKey": "ownerId"}},
    ),
}  # fmt: skip
BUILT_IN = {
    name: {"dataSource": "db", "public": False}
    for name in ("AccessToken", "ACL", "RoleMapping", "Role", "Application", "Email", "Scope")
}


def test_loopbacks_own_models_are_there(load_project: Any) -> None:
    project = load_project(USERS, config={"User": {"dataSource": "db"}, **BUILT_IN})
    assert set(project.models) == {"Member", "Project", "User", *BUILT_IN}
    ann = project["Member"].create(email="ann@x.org", password="opensesame", nick="annie")
    assert ann.to_json().keys() & {"password", "nick", "verificationToken"} == set()
    token = ann.accessTokens.create({})
    assert token.ttl == 1_209_600
    assert len(token.id) > 20
    role = project["Role"].create(name="admin")
    role.principals.create(principalType="USER", principalId=str(ann.id))
    assert project["RoleMapping"].find_one().role().name == "admin"
    assert project["Member"].__definition__.settings["acls"][0]["permission"] == "ALLOW"


def test_users_have_unique_mail_addresses(load_project: Any) -> None:
    project = load_project(USERS)
    project["Member"].create(email="ann@x.org", password="x")
    with pytest.raises(ValidationError, match="Email already exists"):
        project["Member"].create(email="ann@x.org", password="y")


def test_what_their_code_did_is_reported(load_project: Any) -> None:
    lost = [str(f) for f in load_project(USERS).report.lost]
    assert any(text.startswith("Member: passwords are stored as given") for text in lost)


def test_tokens_lead_to_the_one_model_that_extends_user(load_project: Any) -> None:
    project = load_project(USERS, config=BUILT_IN)
    ann = project["Member"].create(email="ann@x.org", password="x")
    token = project["AccessToken"].create(userId=ann.id)
    assert token.user().email == "ann@x.org"


@pytest.mark.parametrize(
    ("version", "has"), [("^2.22.0", True), ("~2", True), ("^3.0.0", False), ("*", False)]
)
def test_users_of_loopback_2_have_a_status(load_project: Any, version: str, has: bool) -> None:
    package = {"name": "x", "dependencies": {"loopback": version}}
    project = load_project(USERS, files={"package.json": package})
    assert ("lastUpdated" in project["Member"].__definition__.properties) is has


def test_places_embedded_objects_and_buffers(load_project: Any) -> None:
    project = load_project({
        "shop": model("Shop", {
            "place": {"type": "geopoint"},
            "open": {"from": "date", "days": ["number"]},
            "rooms": [{"name": {"type": "string", "required": True}}],
            "logo": "buffer",
            "anything": {"type": "any"},
            "note": {"type": "Object", "default": {"required": "true"}},
        })
    })  # fmt: skip
    assert not project.report.lost
    shop = project["Shop"].create(
        place="52.5,13.4", open={"days": ["1", 2]}, rooms=[{"name": "A"}], logo=b"x", anything=[1]
    )
    assert shop.place == GeoPoint(52.5, 13.4)
    assert shop.open.days == [1, 2]
    assert project["Shop"].find_one().note == {"required": "true"}
    with pytest.raises(ValidationError):
        project["Shop"].create(rooms=[{}])


def test_key_value_models(load_project: Any) -> None:
    project = load_project(
        {"color": {"name": "Color", "base": "KeyValueModel"}},
        files={"server/datasources.json": {"db": {"connector": "kv-memory"}}},
    )
    color: Any = project["Color"]
    color.set("red", {"r": 255}, ttl=60)
    assert color.get("red") == {"r": 255}
    assert color.keys() == ["red"]
    assert not project.report.lost
