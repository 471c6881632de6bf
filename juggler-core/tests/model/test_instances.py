"""Instances: new or not, getters and setters, parents of embedded ones, defaults not kept, keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BulkError,
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    ValidationError,
    connect,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        yield source


def test_new_until_stored(db: DataSource) -> None:
    user = db.define("User", {"name": str})
    made = user(name="Ann")
    assert made.is_new
    assert made.is_new_record()
    made.save()
    assert not made.is_new
    assert not user.find_one().is_new


def test_getters_and_setters(db: DataSource) -> None:
    user = db.define("User", {"name": str, "age": int})

    @user.getter("name")
    def _(one: Any) -> str:
        return str(one["name"]).upper()

    @user.setter("name")
    def _(one: Any, value: str) -> None:
        one["name"] = value.strip()

    made = user.create(name="ann")
    assert (made.name, made["name"]) == ("ANN", "ann")
    made.name = "  bob "
    assert made.changes == {"name": ("ann", "bob")}
    made.save()
    assert user.find_one({"where": {"name": "bob"}}).name == "BOB"
    assert user.find_one(fields=["name"]).name == "BOB"
    assert made.to_object() == {"id": 1, "name": "bob", "age": None}
    assert "name='bob'" in repr(made)
    made["name"] = "zed"
    made.reset()
    assert made["name"] == "bob"
    made.patch({"name": " raw"})
    assert made.reload()["name"] == " raw"
    sub = user.extend("Sub", {"x": int})
    assert sub.create(name="kid").name == "KID"
    with pytest.raises(ConfigurationError):
        user.getter("nme")(len)


def test_embedded_instances_know_their_parent(db: DataSource) -> None:
    user = db.define(
        "User",
        {"address": {"city": str, "place": {"x": int}}, "phones": [{"n": str}]},
        {"parentRef": True},
    )
    made = user({"address": {"city": "Rome", "place": {"x": 1}}, "phones": [{"n": "1"}]})
    assert made.address.__parent__ is made
    assert made.address.place.__parent__ is made.address
    made.save()
    read = user.find_one()
    assert read.phones[0].__parent__ is read
    assert read.__parent__ is None
    made.phones = [{"n": "2"}]
    made.save()
    assert made.phones[0].__parent__ is made
    plain = db.define("Plain", {"address": {"city": str}})
    assert plain.create({"address": {"city": "x"}}).address.__parent__ is None


def test_defaults_that_are_not_kept(db: DataSource) -> None:
    model = db.define(
        "Thing",
        {
            "kept": {"type": "number", "default": 5},
            "equal": {"type": "number", "default": 5, "persistDefaultValues": False},
            "never": {"type": "number", "default": 5, "applyDefaultOnWrites": False},
            "list": {"type": ["string"], "default": ["a"], "persistDefaultValues": False},
        },
    )
    made = model.create({})
    assert made.to_object() == {"id": 1, "kept": 5, "equal": None, "never": None, "list": None}
    other = model.create(equal=5, never=6, list=["a", "b"])
    assert (other.equal, other.never, other.list) == (None, 6, ["a", "b"])
    other.patch({"never": 5, "list": ["a"]})
    assert (other.reload().never, other.list) == (None, None)


def test_keys_that_callers_may_not_give(db: DataSource) -> None:
    model = db.define("Forced", {"name": str}, {"forceId": True})
    made = model.create(name="a")
    for call in (
        lambda: model.create(id=7),
        lambda: model.create(model(id=7)),
        lambda: model(id=8).save(),
    ):
        with pytest.raises(ValidationError) as caught:
            call()
        assert caught.value.details["codes"] == {"id": ["absence"]}
    with pytest.raises(BulkError):
        model.create_all([{"name": "b"}, {"id": 9}])
    for write in (model.upsert, model.replace_or_create):
        with pytest.raises(NotFoundError):
            write({"id": 9, "name": "x"})
        assert write({"id": made.id, "name": "x"}).name == "x"
        assert write({"name": "new"}).id > 1
    assert model.update_only_properties() == ["id"]
    auto = db.define(
        "Auto", {"id": {"type": "string", "id": True}, "n": {"type": int, "updateOnly": True}},
        {"forceId": "auto"},
    )  # fmt: skip
    assert auto.create(id="mine").id == "mine"
    assert auto.update_only_properties() == ["n"]


def test_pages_of_a_model(db: DataSource) -> None:
    user = db.define("User", {"name": str})
    user.create_all({"name": name} for name in "abc")
    assert [[u.name for u in page] for page in user.pages(2)] == [["a", "b"], ["c"]]
    rows, token = user.page(2)
    assert [u.name for u in user.page(2, token)[0]] == ["c"]
    assert len(rows) == 2

    async def main() -> list[int]:
        return [len(page) async for page in user.aio.pages(2)]

    assert asyncio.run(main()) == [2, 1]


def test_models_know_what_they_embed_as_it_is_now(db: DataSource) -> None:
    db.define("Inner", {"name": "string"}, {"strict": True})
    db.define("Middle", {"inner": "Inner"}, {"strict": True})
    outer = db.define("Outer", {"middles": ["Middle"]}, {"strict": True})
    value = {"middles": [{"inner": {"name": "a", "more": "x"}}]}
    with pytest.raises(InvalidValueError):
        outer.create(value)

    db.define_property("Inner", "more", "string")
    made = outer.create(value)
    assert outer.find_by_id(made.id).middles[0].inner.more == "x"
    assert outer(value).middles[0].inner.more == "x"

    made.delete()
    db.define("Inner", {"name": "string", "other": "string"}, {"strict": True})
    made = outer.create(middles=[{"inner": {"other": "y"}}])
    assert outer.find_by_id(made.id).middles[0].inner.other == "y"
