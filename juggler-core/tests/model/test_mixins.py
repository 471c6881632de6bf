"""Mixins: by class, by name, several at once, with options, with hooks and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import ConfigurationError, Model, ModelBuilder, Prop, ValidationError, connect, prop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        yield source


def stamped(model: Any, options: dict[str, Any]) -> None:
    name = options.get("as", "created")
    model.define_property(name, {"type": "date", "defaultFn": "now"})


def test_a_definition_names_its_mixins(db: DataSource) -> None:
    db.mixins.define("Stamp", stamped)
    one = db.define("One", {"a": int}, {"mixins": {"Stamp": True}})
    two = db.define("Two", {"a": int}, {"mixins": {"Stamp": [{"as": "made"}, {"as": "seen"}]}})
    none = db.define("Three", {"a": int}, {"mixins": {"Stamp": False}})
    assert one.create(a=1).created is not None
    assert set(two.__definition__.properties) == {"id", "a", "made", "seen"}
    assert set(none.__definition__.properties) == {"id", "a"}


def test_a_model_is_a_mixin_too(db: DataSource) -> None:
    tagged = ModelBuilder().define("Tagged", {"tag": str})
    tagged.shout = lambda self: self.tag.upper()
    tagged.validates_length_of("tag", max=3, allow_blank=True)
    tagged.before_save(lambda ctx: setattr(ctx.instance, "tag", (ctx.instance.tag or "").strip()))
    tagged.scope("plain", {"where": {"tag": ""}})
    db.mixins.define("Tagged", tagged)
    post = db.define("Post", {"title": str}, {"mixins": {"Tagged": {}}})
    assert post.create(tag=" ab ").shout() == "AB"
    with pytest.raises(ValidationError):
        post.create(tag="abcd")
    post.create(title="t")
    assert [p.title for p in post.plain()] == ["t"]


def test_typed_classes_name_mixins_of_their_data_source(db: DataSource) -> None:
    db.mixins.define("Stamp", stamped)

    class Note(Model, settings={"mixins": {"Stamp": True}}):
        id: Prop[int] = prop(id=True)

    db.attach(Note)
    created: Any = Note.create({"id": 1})
    assert created["created"] is not None


def test_a_typed_mixin_brings_hooks_and_rules(db: DataSource) -> None:
    class Named(Model, abstract=True):
        name: Prop[str | None] = prop(default=None)

    Named.validates_presence_of("name")
    seen: list[str] = []
    Named.after_save(lambda ctx: seen.append(ctx.instance.name))

    class Dog(Model, mixins=[Named]):
        id: Prop[int] = prop(id=True)

    db.attach(Dog)
    dog: Any = Dog
    dog.create({"id": 1, "name": "Rex"})
    with pytest.raises(ValidationError):
        dog.create({"id": 2})
    assert seen == ["Rex"]


def test_several_in_one_call_by_class_and_by_name(db: DataSource) -> None:
    db.mixins.define("Stamp", stamped)
    group = db.define("Group", {"groups": [str]})
    db.define("Place", {"city": str})
    user = db.define("User", {"name": str})
    user.mixin(group, "Place", "Stamp", {"as": "made"})
    assert set(user.__definition__.properties) == {"id", "name", "groups", "city", "made"}


def test_unknown_names_are_refused_when_attached(db: DataSource) -> None:
    db.mixins.define("Stamp", stamped)
    with pytest.raises(ConfigurationError, match="Stamp") as caught:
        db.define("Bad", {}, {"mixins": {"Stmp": True}})
    assert caught.value.code == "unknown-mixin"
    assert "Bad" not in db.models
    builder = ModelBuilder()
    later = builder.define("Later", {}, {"mixins": {"Stmp": True}})
    with pytest.raises(ConfigurationError):
        db.attach(later)
    with pytest.raises(ConfigurationError) as caught:
        db.mixins.define("Three", 3)
    assert caught.value.code == "bad-mixin"


def test_a_mixin_is_applied_once(db: DataSource) -> None:
    calls: list[str] = []

    @db.mixins.define("Count")
    def _(model: Any, options: dict[str, Any]) -> None:
        calls.append(model.__name__)

    base = db.define("Base", {}, {"mixins": {"Count": True}})
    base.extend("Sub", {})
    base.attach_to(db)
    assert calls == ["Base"]


@pytest.mark.parametrize("mixins", [True, 7, "Stamped", ["Stamped", 3]])
def test_another_form_of_the_setting_is_refused(mixins: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ModelBuilder().define("Note", {"text": "string"}, {"mixins": mixins})

    assert caught.value.code == "bad-mixin"
    assert '["Name"]' in caught.value.hint
