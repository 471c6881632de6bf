"""Conditions and orders on properties of related rows: two steps, shown, bounded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import (
    BelongsTo,
    CapabilityError,
    CostGuardError,
    DataSource,
    HasAndBelongsToMany,
    HasMany,
    InvalidQueryError,
    Model,
    Prop,
    belongs_to,
    connect,
    has_and_belongs_to_many,
    has_many,
    prop,
)
from juggler.operations import related

if TYPE_CHECKING:
    from juggler.connector.port import Recorder


class Customer(Model):
    id: Prop[int] = prop(id=True, generated=True)
    country: Prop[str | None] = prop(default=None)
    age: Prop[int] = prop(default=0)
    orders: HasMany[Order] = has_many()


class Order(Model):
    id: Prop[int] = prop(id=True, generated=True)
    total: Prop[int] = prop(default=0)
    customer_id: Prop[int | None] = prop(default=None)
    customer: BelongsTo[Customer] = belongs_to()
    lines: HasMany[Line] = has_many()
    tags: HasAndBelongsToMany[Tag] = has_and_belongs_to_many()


class Line(Model):
    id: Prop[int] = prop(id=True, generated=True)
    text: Prop[str] = prop(default="")
    order_id: Prop[int | None] = prop(default=None)
    order: BelongsTo[Order] = belongs_to()


class Tag(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")


@pytest.fixture
def shop(db: DataSource) -> DataSource:
    db.attach(Customer, Order, Line, Tag)
    for country, age in (("IT", 20), ("DE", 30), (None, 40)):
        Customer.create(country=country, age=age)
    for at, customer in enumerate((1, 2, 3, None, 1)):
        order: Any = Order.create(customer_id=customer, total=at)
        order.lines.create(text=f"l{at}")
    first: Any = Order.find_by_id(1)
    first.tags.create(name="red")
    return db


def ids(where: Any, **more: Any) -> list[int]:
    return [row.id for row in Order.find({"where": where, **more})]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"customer.country": "IT"}, [1, 5]),
        ({"customer.country": {"neq": "IT"}}, [2, 3, 4]),
        ({"customer.country": None}, [3, 4]),
        ({"customer.country": {"neq": None}}, [1, 2, 5]),
        ({"customer.country": {"inq": ["IT", "DE"]}}, [1, 2, 5]),
        ({"customer.country": {"nin": ["IT"]}}, [2, 3, 4]),
        ({"customer.country": {"inq": ["DE", None]}}, [2, 3, 4]),
        ({"customer.country": {"like": "I%"}, "customer.age": {"gt": 10}}, [1, 5]),
        ({"customer.age": {"between": [25, 45]}, "total": {"gt": 1}}, [3]),
        ({"or": [{"customer.country": "DE"}, {"total": 4}]}, [2, 5]),
        ({"not": {"customer.country": "IT"}}, [2, 3, 4]),
        ({"lines.text": "l2"}, [3]),
        ({"lines.text": {"neq": "l2"}}, [1, 2, 4, 5]),
        ({"lines": {"elemMatch": {"text": {"gt": "l2"}}}}, [4, 5]),
        ({"tags.name": "red"}, [1]),
        ({"not": {"tags.name": "red"}}, [2, 3, 4, 5]),
        ({"customer.orders.total": 4}, [1, 5]),
        ({"customer.country": "XX"}, []),
    ],
)
def test_conditions(shop: DataSource, where: Any, expected: list[int]) -> None:
    assert ids(where) == expected
    assert Order.count(where) == len(expected)
    assert Order.where(where).exists() is bool(expected)
    assert [o.id for o in Order.where(where).page(2)[0]] == expected[:2]


def test_several_conditions_on_one_row_are_one_step(shop: DataSource, calls: Recorder) -> None:
    ids({"customer.country": "IT", "customer.age": 20})
    assert len(calls.calls) == 2


def test_writes_by_condition(shop: DataSource) -> None:
    assert Order.update_all({"customer.country": "IT"}, {"total": 50}).changed == 2
    assert Order.delete_all({"customer.country": "XX"}).changed == 0
    assert Order.delete_all({"customer.country": "IT"}).changed == 2
    assert ids({}) == [2, 3, 4]


def test_in_scopes_and_includes(shop: DataSource) -> None:
    (one,) = Customer.find(
        {"where": {"id": 1}}, include=Customer.orders.where({"lines.text": "l4"})
    )
    assert [o.id for o in one.orders.loaded or []] == [5]
    assert [o.id for o in one.orders({"where": {"lines.text": "l0"}})] == [1]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("customer.age", [4, 1, 5, 2, 3]),
        ("customer.age DESC", [3, 2, 1, 5, 4]),
        (["customer.country DESC", "total DESC"], [5, 1, 2, 4, 3]),
        (["customer.country", "id DESC"], [4, 3, 2, 5, 1]),
    ],
)
def test_order(shop: DataSource, order: Any, expected: list[int]) -> None:
    assert ids({}, order=order) == expected
    assert ids({}, order=order, limit=2, skip=1) == expected[1:3]
    assert [o.id for o in Order.find({"order": order, "fields": ["id"]})] == expected
    assert Order.find_one({"order": order}).id == expected[0]  # type: ignore[union-attr]


def test_order_through_two_relations(shop: DataSource) -> None:
    found = Line.find({"order": "order.customer.age DESC", "limit": 2}, include="order")
    assert [line.order.loaded.id for line in found] == [3, 2]  # type: ignore[union-attr]


def test_what_gives_no_order_is_refused(shop: DataSource, calls: Recorder) -> None:
    for order in ("lines.text", "customer"):
        with pytest.raises(InvalidQueryError) as caught:
            Order.find({"order": order})
        assert caught.value.code == "related-order"
    with pytest.raises(CapabilityError):
        Order.where().order("customer.age").page(2)
    with pytest.raises(InvalidQueryError) as caught:
        Order.find({"where": {"customer": 5}})
    assert caught.value.code == "relation-path"
    assert calls.calls == []


def test_an_unknown_path_is_an_error(shop: DataSource) -> None:
    for where in ({"customer.cuntry": 1}, {"custmer.country": 1}):
        with pytest.raises(InvalidQueryError) as caught:
            Order.find({"where": where})
        assert caught.value.code == "unknown-property"


def test_beyond_the_bound_it_is_refused(shop: DataSource, monkeypatch: Any) -> None:
    monkeypatch.setattr(related, "MOST", 2)
    assert ids({"customer.age": {"lt": 35}}) == [1, 2, 5]
    with pytest.raises(CostGuardError) as caught:
        ids({"customer.age": {"lt": 45}})
    assert caught.value.code == "too-many-related"


def test_explain_shows_the_steps_without_reading(shop: DataSource, calls: Recorder) -> None:
    plan = Order.explain({"where": {"customer.country": "IT"}, "include": "lines"})
    assert calls.calls == []
    assert [step["relation"] for step in plan.to_dict()["related"]] == [
        "Order.customer", "Order.lines",
    ]  # fmt: skip
    assert "Order.customer" in str(plan)
    assert "country" in str(plan)
    did = Order.explain({"where": {"customer.country": "IT"}}, analyze=True).to_dict()["did"]
    assert did["returned"] == 2
    assert "related" in Order.explain({"order": "customer.age"}).to_dict()


def test_asynchronous(shop: DataSource) -> None:
    async def main() -> None:
        found = await Order.aio.find({"where": {"customer.country": "IT"}})
        assert [o.id for o in found] == [1, 5]
        assert await Order.aio.count({"tags.name": "red"}) == 1

    asyncio.run(main())


def test_across_data_sources(db: DataSource) -> None:
    with connect("memory:") as other:
        user, post = db.define("User"), other.define("Post")
        post.belongs_to(user)
        ann = user.create(name="ann")
        post.create(userId=ann.id)
        post.create()
        assert post.count({"user.name": "ann"}) == 1


def test_embedded_properties_are_paths(db: DataSource) -> None:
    line, order = db.define("Line", {"text": str}), db.define("Order")
    order.embeds_many(line)
    order.create().lines.create(text="x")
    order.create()
    assert order.count({"lines.text": "x"}) == 1


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.none() | st.integers(1, 4), max_size=8),
    st.lists(
        st.tuples(st.none() | st.sampled_from("ab"), st.integers(0, 3)), min_size=4, max_size=4
    ),
    st.none() | st.sampled_from("abc"),
    st.sampled_from(["eq", "neq", "gt", "lt", "inq", "nin", "not"]),
)
def test_conditions_are_what_each_row_would_say(
    owners: list[int | None], people: list[tuple[str | None, int]], value: str | None, word: str
) -> None:
    with connect("memory:") as db:
        db.attach(Customer, Order, Line, Tag)
        for country, age in people:
            Customer.create(country=country, age=age)
        for owner in owners:
            Order.create(customer_id=owner)
        condition: Any = {"eq": value, "neq": value, "inq": [value], "nin": [value]}.get(word)
        if word in {"gt", "lt"}:
            condition = {word: value or "a"}
        elif word != "not":
            condition = {word: condition}
        where = {"not": {"country": value}} if word == "not" else {"country": condition}
        path: Any = {"country": "customer.country"}
        asked = (
            {"not": {"customer.country": value}} if word == "not"
            else {path["country"]: condition}
        )  # fmt: skip
        nobody = Customer.create(country=None)
        expected = [
            order.id
            for order in Order.find()
            if Customer.where(where).where({"id": order.customer_id or nobody.id}).exists()
        ]
        assert ids(asked) == expected
