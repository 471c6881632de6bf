"""Relations: filters through them, limits per parent, keys of several parts, deletes that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import ConflictError, InvalidQueryError

if TYPE_CHECKING:
    from juggler import DataSource
    from juggler.connector.port import Recorder


@pytest.fixture
def shop(db: DataSource) -> dict[str, Any]:
    customer = db.define("Customer", {"name": str, "country": str})
    order = db.define("Order", {"n": int}, {"strict": True})
    tag = db.define("Tag", {"name": str})
    customer.has_many(order, as_="orders")
    order.belongs_to(customer, as_="customer")
    order.has_and_belongs_to_many("tags", {"model": tag})
    order.references_many(tag, as_="marks", foreign_key="markIds")
    tags = [tag.create(name=name) for name in "abc"]
    for name, country in (("Ann", "IT"), ("Bob", "DE")):
        one: Any = customer.create(name=name, country=country)
        for n in (1, 2, 3):
            made = one.orders.create(n=n, markIds=[t.id for t in tags])
            for each in tags:
                made.tags.add(each)
    return {"customer": customer, "order": order, "tag": tag}


def test_filters_and_orders_by_a_related_row(shop: dict[str, Any]) -> None:
    order = shop["order"]
    assert len(order.find({"where": {"customer.country": "IT"}})) == 3
    rows = order.find({"order": ["customer.name DESC", "n"], "limit": 4})
    assert [r.n for r in rows] == [1, 2, 3, 1]
    with pytest.raises(InvalidQueryError):
        order.find({"where": {"custmer.country": "IT"}})


@pytest.mark.parametrize("relation", ["tags", "marks"])
def test_a_limit_of_an_include_is_for_each_parent(shop: dict[str, Any], relation: str) -> None:
    scope = {"relation": relation, "scope": {"order": "name DESC", "limit": 2}}
    for one in shop["order"].find(include=scope):
        assert [t.name for t in getattr(one, relation).loaded] == ["c", "b"]


def test_so_it_is_for_has_many_in_one_request(shop: dict[str, Any], calls: Recorder) -> None:
    customer = shop["customer"]
    scope = {"relation": "orders", "scope": {"order": "n DESC", "limit": 1, "skip": 1}}
    rows = customer.find(include=scope)
    assert [[o.n for o in one.orders.loaded] for one in rows] == [[2], [2]]
    assert [call.hook for call in calls.calls if call.hook == "fetch"] == ["fetch", "fetch"]


def test_fields_and_include_go_together(shop: dict[str, Any]) -> None:
    rows = shop["order"].find(fields=["n"], include={"customer": "orders"}, limit=1)
    assert rows[0].customer.loaded.name == "Ann"
    assert set(rows[0].to_json()) == {"n", "customer"}


def test_keys_of_several_parts_everywhere(db: DataSource) -> None:
    stock = db.define(
        "Stock",
        {"shop": {"type": str, "id": 1}, "item": {"type": str, "id": 2}, "qty": int},
    )
    move = db.define("Move", {"n": int, "shop": str, "item": str})
    stock.has_many(move, as_="moves", foreign_key=["shop", "item"])
    one: Any = stock.create(shop="s", item="a", qty=1)
    stock.create(shop="s", item="b", qty=2)
    key = ("s", "a")
    assert stock.exists(key)
    one.moves.create(n=1)
    assert [m.n for m in stock.find(include="moves")[0].moves.loaded] == [1]
    assert stock.find({"include": "moves"})[1].moves.loaded == []
    stock.replace_by_id(key, {"qty": 5})
    assert stock.upsert({"shop": "s", "item": "a", "qty": 6}).to_object()["qty"] == 6
    assert stock.delete_by_id({"shop": "s", "item": "a"}) is True
    assert [s.item for s in stock.find()] == ["b"]  # type: ignore[attr-defined]


def test_deletes_in_a_scope_never_widen(shop: dict[str, Any]) -> None:
    order, tag = shop["order"], shop["tag"]
    ann = shop["customer"].find_one({"where": {"name": "Ann"}})
    assert ann.orders.delete_all({"n": {"gt": 1}}).changed == 2
    assert order.count() == 4
    first = ann.orders()[0]
    first.marks.remove(tag.find_one())
    first.tags.remove(tag.find_one())
    assert tag.count() == 3


def test_rules_for_rows_that_refer_to_a_deleted_one(db: DataSource) -> None:
    owner = db.define("Owner", {"name": str})
    for rule in ("restrict", "cascade", "nullify"):
        other = db.define(rule.capitalize(), {"n": int})
        owner.has_many(other, as_=f"{rule}s", on_delete=rule, foreign_key="ownerId")
    one: Any = owner.create(name="o")
    for name in ("restricts", "cascades", "nullifys"):
        getattr(one, name).create(n=1)
    with pytest.raises(ConflictError):
        one.delete()
    assert [db.models[m].count() for m in ("Restrict", "Cascade", "Nullify")] == [1, 1, 1]
    db.models["Restrict"].delete_all(all=True)
    one.delete()
    kept: Any = db.models["Nullify"].find_one()
    assert (db.models["Cascade"].count(), kept.ownerId) == (0, None)
