"""Embedded instances that are managed like rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    DataSource,
    DuplicateKeyError,
    EmbedsMany,
    EmbedsOne,
    InvalidQueryError,
    InvalidValueError,
    Model,
    NotFoundError,
    Prop,
    ValidationError,
    belongs_to,
    embeds_many,
    embeds_one,
    prop,
)
from juggler.model.hooks import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector.port import Recorder


class Town(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")


class Address(Model):
    id: Prop[int | None] = prop(default=None, id=True)
    street: Prop[str] = prop(min_length=2)
    town_id: Prop[int | None] = prop(default=None)
    town: BelongsTo[Town] = belongs_to()


class Customer(Model):
    id: Prop[int] = prop(id=True, generated=True)
    address: Prop[Address | None] = prop(default=None)
    items: Prop[list[Address]] = prop(default_factory=list)
    home: EmbedsOne[Address] = embeds_one()
    addresses: EmbedsMany[Address] = embeds_many(property="items")


@pytest.fixture
def one(db: DataSource) -> Any:
    db.attach(Town, Address, Customer)
    return Customer.create()


def streets(customer: Any) -> list[str]:
    return [a.street for a in Customer.find_by_id(customer.id).addresses()]  # type: ignore[union-attr]


def test_embeds_one(one: Any, calls: Recorder) -> None:
    assert one.home() is None
    assert calls.calls == []
    made = one.home.create(street="high")
    assert one.home() == made
    assert Customer.find_by_id(1).home().street == "high"  # type: ignore[union-attr]
    with pytest.raises(DuplicateKeyError):
        one.home.create(street="low")
    assert one.home.update({"street": "side"}).street == "side"
    assert Customer.find_by_id(1).address.street == "side"  # type: ignore[union-attr]
    assert one.home.delete()
    assert not one.home.delete()
    assert Customer.find_by_id(1).home() is None  # type: ignore[union-attr]


def test_assignment(one: Any) -> None:
    one.home = Address(street="new")
    one.save()
    assert Customer.find_by_id(1).home().street == "new"  # type: ignore[union-attr]
    with pytest.raises(InvalidValueError):
        one.home = Town(name="x")


def test_embeds_many(one: Any) -> None:
    first = one.addresses.create(street="aa")
    one.addresses.create(street="bb")
    assert first.id == 1
    assert streets(one) == ["aa", "bb"]
    assert [a.street for a in one.addresses({"where": {"street": {"gt": "aa"}}})] == ["bb"]
    assert one.addresses.find_by_id(2).street == "bb"
    assert one.addresses.at(0).street == "aa"
    assert one.addresses.at(5) is None
    assert one.addresses.count({"street": "aa"}) == 1
    assert one.addresses.exists(2)
    assert one.addresses.update_by_id(2, {"street": "cc"}).street == "cc"
    assert streets(one) == ["aa", "cc"]
    with pytest.raises(NotFoundError):
        one.addresses.update_by_id(9, {"street": "cc"})
    with pytest.raises(DuplicateKeyError):
        one.addresses.create(id=2, street="dd")
    assert one.addresses.delete_by_id(1)
    assert not one.addresses.delete_by_id(1)
    assert one.addresses.delete_all({"street": "zz"}) == 0
    assert one.addresses.delete_all() == 1
    assert streets(one) == []


def test_a_failed_rule_leaves_the_list_as_it_was(one: Any) -> None:
    one.addresses.create(street="aa")
    with pytest.raises(ValidationError):
        one.addresses.create(street="x")
    with pytest.raises(ValidationError):
        one.addresses.update_by_id(1, {"street": "x"})
    assert [a.street for a in one.addresses()] == ["aa"]
    assert streets(one) == ["aa"]
    assert one.changes == {}


def test_a_new_row_is_stored_with_what_is_built(db: DataSource) -> None:
    db.attach(Town, Address, Customer)
    new: Any = Customer()
    new.addresses.build(street="aa")
    new.home.build(street="bb")
    new.save()
    assert streets(new) == ["aa"]


class Line(Model):
    id: Prop[int | None] = prop(default=None, id=True)
    text: Prop[str] = prop(default="")


class Order(Model):
    id: Prop[int] = prop(id=True, generated=True)
    rows: Prop[list[Line]] = prop(default_factory=list)
    lines: EmbedsMany[Line] = embeds_many(property="rows")
    first: Prop[Line | None] = prop(default=None)


WRITING = ["before_save", "before_validate", "after_validate"]
SAVED = [*WRITING, "after_save"]
CREATED = [*WRITING, "before_create", "after_create", "after_save"]
UPDATED = [*WRITING, "before_update", "after_update", "after_save"]


@pytest.fixture
def seen(db: DataSource) -> Iterator[list[str]]:
    """The hooks of lines that run; afterwards no line has any."""
    db.attach(Line, Order)
    found: list[str] = []
    watched = [hook for hook in HOOKS if "initialize" not in hook]
    for hook in watched:
        Line.observe(hook, lambda ctx: found.append(ctx.hook))
    yield found
    for hook in watched:
        Line.clear_observers(hook)


WAYS: dict[str, tuple[Any, list[str]]] = {
    "with the row": (lambda order: Order.create(rows=[Line(text="x")]), CREATED),
    "as values": (lambda order: Order.create({"first": {"text": "x"}}), CREATED),
    "in bulk": (lambda order: Order.create_all([{"rows": [{"text": "x"}]}]), CREATED),
    "changed in place": (
        lambda order: (setattr(order.rows[0], "text", "y"), order.save()),
        UPDATED,
    ),
    "appended": (lambda order: (order.rows.append(Line(text="y")), order.save()), CREATED),
    "patched": (lambda order: order.patch({"first": {"text": "y"}}), CREATED),
    "create": (lambda order: order.lines.create(text="y"), CREATED),
    "update_by_id": (lambda order: order.lines.update_by_id(1, {"text": "y"}), UPDATED),
    "update_all": (lambda order: order.lines.update_all({"id": 1}, {"text": "y"}), UPDATED),
    "delete_by_id": (lambda order: order.lines.delete_by_id(1), ["before_delete", "after_delete"]),
    "upserted, new": (
        lambda _: Order.upsert({"id": 9, "rows": [{"text": "x"}]}),
        [*WRITING, "after_create", "after_save"],
    ),
    "upserted, there": (lambda _: Order.upsert({"id": 1, "first": {"text": "x"}}), SAVED),
    "upserted, without": (lambda _: Order.upsert({"id": 1}), []),
    "upserted by a condition": (
        lambda _: Order.upsert_with_where({"id": 1}, {"first": {"text": "y"}}),
        CREATED,
    ),
    "replaced or created": (
        lambda _: Order.replace_or_create({"id": 1, "first": {"text": "x"}}),
        CREATED,
    ),
    "all rows": (
        lambda _: Order.update_all({"id": 1}, {"first": {"text": "x"}}),
        ["before_save", "after_save"],
    ),
    "all rows, without": (lambda _: Order.update_all({"id": 1}, {"first": None}), []),
    "nothing changed": (lambda order: order.save(), []),
    "something else": (lambda order: order.patch({"rows": order.rows}), []),
    "read": (lambda order: (Order.find(), order.reload()), []),
}


@pytest.mark.parametrize("way", WAYS)
def test_hooks_of_the_embedded_model_run(seen: list[str], way: str) -> None:
    order: Any = Order.create()
    order.lines.create(text="a")
    order.lines.create(text="b")
    del seen[:]
    call, expected = WAYS[way]
    call(order)
    assert seen == expected


def test_a_hook_of_an_embedded_model_changes_what_is_stored(db: DataSource) -> None:
    line = db.define("Line", {"text": str})
    order = db.define("Order", {"rows": ["Line"]})
    order.embeds_many(line, as_="lines", property="rows")
    new: list[bool] = []

    @line.before_save
    async def stamp(ctx: Any) -> None:
        ctx.instance.text += "!"
        new.append(ctx.is_new)

    async def main() -> None:
        one = await order.aio.create({"rows": [{"text": "a"}]})
        assert one.rows[0].text == "a!"
        assert (await one.lines.aio.create(text="b")).text == "b!"
        one.rows[0].text = "c"
        await one.aio.save()
        assert [row.text for row in (await order.aio.find_one()).rows] == ["c!", "b!"]

    asyncio.run(main())
    assert new == [True, True, False]

    @line.before_save
    def refuse(ctx: Any) -> None:
        raise ZeroDivisionError

    line.remove_observer("before_save", stamp)
    one = order.find_one()
    with pytest.raises(ZeroDivisionError):
        one.lines.create(text="x")
    assert [row.text for row in one.rows] == ["c!", "b!"]
    assert len(order.find_one().rows) == 2


@pytest.mark.parametrize("hook", ["before_save", "before_validate"])
def test_hooks_of_embedded_values_of_an_upsert_change_what_is_stored(
    db: DataSource, hook: str
) -> None:
    line = db.define("Line", {"text": {"type": str, "length": 3}})
    order = db.define("Order", {"id": {"type": int, "id": True}, "name": str, "row": "Line"})

    def louder(ctx: Any) -> None:
        assert ctx.is_new is None
        ctx.instance.text += "!"

    line.observe(hook, louder)
    for text in ("a!", "b!"):
        assert order.upsert({"id": 1, "row": {"text": text[0]}}).row.text == text
        assert order.find_one().row.text == text
    with pytest.raises(ValidationError):
        order.upsert({"id": 1, "row": {"text": "long"}})
    line.clear_observers("before_validate")
    if hook == "before_save":
        order.update_all({"id": 1}, {"row": {"text": "c"}, "name": "n"})
        assert (order.find_one().row.text, order.find_one().name) == ("c!", "n")
        with pytest.raises(ValidationError):
            order.update_all({"id": 1}, {"row": {"text": "abc"}})


def test_relations_of_embedded_instances_are_included(one: Any, calls: Recorder) -> None:
    town = Town.create(name="t")
    one.addresses.create(street="aa", town_id=town.id)
    one.addresses.create(street="bb", town_id=town.id)
    del calls.calls[:]
    (found,) = Customer.find(include={"addresses": "town"})
    assert len(calls.calls) == 2
    assert [a["town"]["name"] for a in found.to_json()["addresses"]] == ["t", "t"]
    assert found.items[0].town().name == "t"  # type: ignore[union-attr]


def test_conditions_of_a_handle(one: Any) -> None:
    for street in ("aa", "bb", "cc"):
        one.addresses.create(street=street)
    assert one.addresses.exists({"street": "bb"})
    assert not one.addresses.exists({"street": "zz"})
    assert one.addresses.exists()
    assert one.addresses.find_one({"where": {"street": {"gt": "aa"}}}).id == 2
    assert one.addresses.find_one({"where": {"street": "zz"}}) is None
    assert one.addresses.update_all({"street": {"gt": "aa"}}, {"town_id": 7}) == 2
    assert one.addresses.update_all({"street": "zz"}, {"town_id": 9}) == 0
    assert [a.town_id for a in Customer.find_by_id(one.id).addresses()] == [None, 7, 7]  # type: ignore[union-attr]
    assert one.addresses.update_all({"town_id": 1}) == 3
    with pytest.raises(ValidationError):
        one.addresses.update_all({}, {"street": "x"})
    assert streets(one) == ["aa", "bb", "cc"]


def test_a_filter_of_a_handle_chooses_orders_and_slices(one: Any) -> None:
    for street in ("cc", "aa", "bb"):
        one.addresses.create(street=street)
    assert [a.street for a in one.addresses({"order": "street DESC", "limit": 2})] == ["cc", "bb"]
    assert [a.street for a in one.addresses({"skip": 1})] == ["aa", "bb"]
    (shown,) = one.addresses({"where": {"id": 2}, "fields": ["street"]})
    assert shown.to_json() == {"street": "aa"}
    assert one.addresses.at(1).to_json() == {"id": 2, "street": "aa", "town_id": None}


def test_a_handle_includes_relations_of_what_is_embedded(one: Any, calls: Recorder) -> None:
    town = Town.create(name="t")
    one.addresses.create(street="aa", town_id=town.id)
    one.addresses.create(street="bb")
    del calls.calls[:]
    first, second = one.addresses({"include": "town", "order": "street"})
    assert (first.town.loaded.name, second.town.loaded) == ("t", None)
    assert len(calls.calls) == 1
    assert one.addresses.find_one({"include": "town"}).town.loaded.name == "t"


def test_a_scope_of_embeds_many_is_part_of_every_question(db: DataSource) -> None:
    town = db.define("Town", {"name": str})
    line = db.define("Line", {"text": str, "done": bool})
    line.belongs_to(town)
    order = db.define("Order", {})
    scope = {"where": {"done": False}, "order": "text DESC", "include": "town"}
    order.embeds_many(line, as_="open", property="lines", scope=scope)
    rome = town.create(name="Rome")
    one = order.create(
        lines=[
            {"text": "a", "done": False, "townId": rome.id},
            {"text": "b", "done": True},
            {"text": "c", "done": False},
        ]
    )
    found = one.open()
    assert [row.text for row in found] == ["c", "a"]
    assert found[1].town.loaded.name == "Rome"
    assert (one.open.count(), one.open.exists({"done": True})) == (2, False)
    (shown,) = order.find(include="open")
    assert [row["text"] for row in shown.to_json()["open"]] == ["c", "a"]
    assert shown.to_json()["open"][1]["town"]["name"] == "Rome"
    assert one.open.delete_all() == 2
    assert [row.text for row in one.lines] == ["b"]


def test_scopes_of_an_include_are_for_each_parent(db: DataSource, calls: Recorder) -> None:
    db.attach(Town, Address, Customer)
    town = Town.create(name="t")
    for streets_ in (("aa", "bb", "cc"), ("dd", "ee")):
        customer: Any = Customer.create()
        for street in streets_:
            customer.addresses.create(street=street, town_id=town.id)
    scope = {
        "where": {"street": {"neq": "cc"}}, "order": "street DESC", "limit": 1, "skip": 1,
        "fields": ["street"], "include": "town",
    }  # fmt: skip
    del calls.calls[:]
    found = Customer.find(include={"relation": "addresses", "scope": scope})
    assert len(calls.calls) == 2
    assert [one.to_json()["addresses"] for one in found] == [
        [{"street": "aa", "town": {"id": 1, "name": "t"}}],
        [{"street": "dd", "town": {"id": 1, "name": "t"}}],
    ]
    assert [len(one.items) for one in found] == [3, 2]
    typed = Customer.find(include=Customer.addresses.where(Address.street == "ee"))
    assert [[a.street for a in one.addresses.loaded or []] for one in typed] == [[], ["ee"]]


def test_a_scope_of_embeds_one_shows_it_or_not(db: DataSource) -> None:
    db.attach(Town, Address, Customer)
    for street in ("aa", "bb"):
        Customer.create(address=Address(street=street))
    scope = {"relation": "home", "scope": {"where": {"street": "bb"}}}
    found = Customer.find(include=scope)
    assert ["home" in one.to_json() for one in found] == [False, True]


@pytest.mark.parametrize("scope", [{"where": {"stret": 1}}, {"order": "stret"}, {"limit": -1}])
def test_mistakes_of_a_scope_show_before_any_request(
    one: Any, calls: Recorder, scope: dict[str, Any]
) -> None:
    with pytest.raises(InvalidQueryError):
        Customer.find(include={"relation": "addresses", "scope": scope})
    assert calls.calls == []


def test_dictionary_models_get_the_property(db: DataSource) -> None:
    line, order, note = db.define("Line"), db.define("Order"), db.define("Note")
    order.embeds_many(line, as_="lines")
    order.embeds_one(note)
    assert {"_lines", "_note"} <= set(order.__definition__.properties)
    one = order.create()
    one.lines.create(text="x")
    one.note.create(t="y")
    found = order.find_by_id(one.id)
    assert [x.text for x in found.lines()] == ["x"]
    assert found.note().t == "y"


def test_a_key_that_a_model_was_given_is_kept_in_the_list(db: DataSource) -> None:
    line, order = db.define("Line", {"text": str}), db.define("Order")
    order.embeds_many(line, as_="lines")
    one = order.create()
    made = [one.lines.create(text=text) for text in "abc"]
    assert [(x.id, x.text) for x in made] == [(1, "a"), (2, "b"), (3, "c")]
    assert one.reload().to_json() == {
        "id": 1,
        "_lines": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}, {"id": 3, "text": "c"}],
    }
    assert one.lines.find_by_id(2).text == "b"
    assert one.lines.update_by_id(2, {"text": "B"}).text == "B"
    assert one.lines.delete_by_id(1)
    assert one.lines.create(text="d").id == 4
    assert [x.text for x in order.find_by_id(1).lines()] == ["B", "c", "d"]
    single = db.define("Single")
    single.embeds_one(line, as_="line")
    single.create().line.create(text="x")
    assert single.find_one().to_json() == {"id": 1, "_line": {"text": "x"}}


@pytest.mark.parametrize("kind", ["string", "uuid"])
def test_keys_of_other_types_are_made_too(db: DataSource, kind: str) -> None:
    line = db.define("Line", {"id": {"type": kind, "id": True, "generated": True}, "text": str})
    order = db.define("Order")
    order.embeds_many(line, as_="lines")
    one = order.create()
    first, second = one.lines.create(text="a"), one.lines.create(text="b")
    assert first.id != second.id
    assert one.reload().lines.find_by_id(second.id).text == "b"


def test_asynchronous(one: Any) -> None:
    async def main() -> None:
        await one.addresses.aio.create(street="aa")
        assert [a.street for a in await one.addresses.aio()] == ["aa"]
        await one.home.aio.create(street="bb")
        assert (await one.home.aio()).street == "bb"

    asyncio.run(main())
