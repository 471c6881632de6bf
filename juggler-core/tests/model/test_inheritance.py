"""Inheritance: properties, settings by their policies, removal, ``setup``, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import ConfigurationError, Model, ModelBuilder, Prop, connect, prop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


@pytest.fixture
def builder() -> ModelBuilder:
    return ModelBuilder()


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        yield source


def test_settings_are_merged_by_loopbacks_policies(builder: ModelBuilder) -> None:
    base = builder.define(
        "Base",
        {},
        {
            "acls": [{"p": 1}],
            "methods": {"a": 1, "b": 1},
            "http": {"path": "x"},
            "plural": "bases",
            "scope": {"where": {"a": 1}},
        },
    )
    sub = base.extend(
        "Sub", {}, {"acls": [{"p": 2}], "methods": {"b": 2}, "scope": {"where": {"b": 1}}}
    )
    assert sub.__definition__.settings == {
        "acls": [{"p": 1}, {"p": 2}],
        "methods": {"a": 1, "b": 2},
        "scope": {"where": {"b": 1}},
    }
    assert (base.plural_name(), sub.plural_name()) == ("bases", "Subs")


def test_a_policy_of_ones_own(builder: ModelBuilder) -> None:
    policy = {"acls": {"replace": True}, "methods": {}}
    base = builder.define(
        "Base", {}, {"acls": [1], "methods": {"m": {"x": 1}}, "configureModelMerge": policy}
    )
    sub = base.extend("Sub", {}, {"acls": [2], "methods": {"m": {"y": 2}}})
    assert sub.__definition__.settings["acls"] == [2]
    assert sub.__definition__.settings["methods"] == {"m": {"x": 1, "y": 2}}
    bare = base.extend("Bare", {}, {"acls": None})
    assert "acls" not in bare.__definition__.settings
    with pytest.raises(ConfigurationError):
        builder.define("Bad", {}, {"configureModelMerge": {"acls": {"replce": True}}})


def test_properties_of_the_base_are_left_out(builder: ModelBuilder) -> None:
    base = builder.define("Base", {"a": int, "b": int, "c": int})
    sub = base.extend("Sub", {"a": None, "b": False})
    assert list(sub.__definition__.properties) == ["id", "c"]
    listed = base.extend("Listed", {}, {"excludeBaseProperties": ["c"]})
    deeper = listed.extend("Deeper", {"c": str})
    assert list(listed.__definition__.properties) == ["id", "a", "b"]
    assert list(deeper.__definition__.properties) == ["id", "a", "b", "c"]
    with pytest.raises(ConfigurationError):
        base.extend("Bad", {}, {"excludeBaseProperties": ["d"]})


def test_typed_classes_leave_properties_out_too() -> None:
    class Base(Model):
        id: Prop[int] = prop(id=True)
        secret: Prop[str | None] = prop(default=None)

    class Sub(Base, settings={"excludeBaseProperties": ["secret"]}):
        pass

    assert list(Sub.__definition__.properties) == ["id"]
    with pytest.raises(AttributeError):
        Sub({"id": 1}).secret  # noqa: B018 - left out
    with pytest.raises(ConfigurationError):

        class Bad(Base, settings={"excludeBaseProperties": ["nothing"]}):
            pass


def test_setup_runs_for_every_model_that_extends(builder: ModelBuilder) -> None:
    seen: list[str] = []
    base = builder.define("Base", {})
    base.setup = classmethod(lambda cls: seen.append(cls.__name__))
    base.extend("One", {})
    builder.define("Two", {}, {"base": "Base"})
    assert seen == ["One", "Two"]


def test_a_placeholder_is_filled_in_place_with_its_base(builder: ModelBuilder) -> None:
    base = builder.define("Base", {"a": int})
    base.hello = lambda self: "hello"
    base.validates_presence_of("a")
    holder = builder.get_model("Later", force_create=True)
    assert holder is not None
    assert builder.get_model("Nobody") is None
    with pytest.raises(ConfigurationError) as caught:
        holder({"a": 1})
    assert caught.value.code == "unresolved-model"
    assert builder.define("Later", {"b": int}, {"base": "Base"}) is holder
    later: Any = holder
    assert later({"a": 1, "b": 2}).hello() == "hello"
    assert not later({"b": 2}).is_valid()


def test_a_copy_shares_the_definition(db: DataSource) -> None:
    user = db.define("User", {"name": str})
    user.create(name="Ann")
    with connect("memory:") as other:
        copied = other.copy_model(user)
        assert copied is not user
        assert issubclass(copied, user)
        assert copied.__definition__ == user.__definition__
        copied.create(name="Bob")
        assert [u.name for u in copied.find()] == ["Bob"]
    assert [u.name for u in user.find()] == ["Ann"]
    assert db.copy_model(user) is not user
    assert db.models["User"] is user


def test_models_that_settings_name(db: DataSource) -> None:
    cart = db.define("Cart", {}, {"models": {"Item": "LineItem"}})
    with pytest.raises(ConfigurationError) as caught:
        cart.Item  # noqa: B018 - not there yet
    assert caught.value.code == "unresolved-model"
    item = db.define("LineItem", {"n": int})
    assert cart.Item is item
    assert cart.extend("Basket", {}).Item is item


def test_deleting_models(builder: ModelBuilder) -> None:
    user = builder.define("User", {"name": str})
    builder.define("Post", {})
    builder.delete_model_by_name("User")
    assert builder.get_model("User") is None
    with pytest.raises(ConfigurationError):
        user.count()
    builder.delete_all_models()
    assert not builder.models
