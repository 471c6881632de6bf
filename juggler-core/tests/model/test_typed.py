"""Typed classes: what stands in a class body becomes a definition, slots and expressions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest

from juggler import (
    BelongsTo,
    ConfigurationError,
    GeoPoint,
    HasMany,
    Key,
    Model,
    Prop,
    View,
    belongs_to,
    has_many,
    length,
    prop,
)
from juggler.query.tree import Cmp
from juggler.spec import KeySpec
from juggler.values.types import TypeKind


class Address(Model):
    street: Prop[str] = prop(default="")
    zip: Prop[str | None] = prop(default=None)


class User(Model, table_name="users", cloudant={"partitioned": True}):
    """People who sign in.

    More about them.
    """

    kind: ClassVar[str] = "person"
    id: Prop[int] = prop(id=True, generated=True, doc="User ID")
    name: Prop[str] = prop(min_length=1, max_length=40)
    age: Prop[int] = prop(default=0, index=True, ge=0, le=150)
    email: Prop[str | None] = prop(default=None, unique=True, matches=r".+@.+", column="mail")
    home: Prop[Address | None] = prop(default=None)
    emails: Prop[list[Annotated[str, length(64)]]] = prop(default_factory=list)
    role: Prop[Literal["admin", "user"]] = prop(default="user")
    balance: Prop[Decimal] = prop(default=Decimal(0), precision=10, scale=2)
    place: Prop[GeoPoint | None] = prop(default=None)
    born: Prop[dt.date | None] = prop(default=None)
    token: Prop[UUID | None] = prop(default=None, cassandra={"column": "tok"})
    meta: Prop[dict[str, Any]] = prop(default_factory=dict)
    posts: HasMany[Post] = has_many(key="author_id", on_delete="cascade")

    def label(self) -> str:
        return f"{self.name} ({self.age})"


class Post(Model):
    id: Prop[str] = prop(id=True)
    title: Prop[str]
    author_id: Prop[int | None] = prop(default=None)
    author: BelongsTo[User] = belongs_to(key="author_id")


def kinds(model: type[Model]) -> dict[str, str]:
    return {name: str(p.type) for name, p in model.__definition__.properties.items()}


def test_annotations_become_neutral_types() -> None:
    assert kinds(User) == {
        "id": "integer", "name": "string", "age": "integer", "email": "string",
        "home": "embedded", "emails": "[string]", "role": "string", "balance": "decimal",
        "place": "geopoint", "born": "dateonly", "token": "uuid", "meta": "map<string, any>",
    }  # fmt: skip


def test_options_become_parts_of_the_definition() -> None:
    properties = User.__definition__.properties
    assert properties["id"].generated
    assert properties["id"].doc == "User ID"
    assert properties["name"].type.length == 40
    assert properties["name"].rules == {"min_length": 1}
    assert not properties["name"].nullable
    assert properties["age"].rules == {"min": 0, "max": 150}
    assert properties["age"].index is True
    assert properties["email"].nullable
    assert properties["email"].storage_name == "mail"
    assert properties["email"].unique
    assert properties["role"].rules == {"enum": ("admin", "user")}
    assert properties["emails"].type.of.length == 64
    assert (properties["balance"].type.precision, properties["balance"].type.scale) == (10, 2)
    assert properties["token"].hints == {"cassandra": {"column": "tok"}}


def test_class_keywords_and_docstring() -> None:
    definition = User.__definition__
    assert definition.storage_name == "users"
    assert definition.hints == {"cloudant": {"partitioned": True}}
    assert definition.open is False
    assert definition.typed
    assert definition.doc == "People who sign in."
    assert definition.key == KeySpec(("id",))
    assert User.kind == "person"


def test_relations_are_recorded() -> None:
    assert User.__definition__.relations == {
        "posts": {
            "type": "hasMany",
            "model": "Post",
            "foreignKey": "author_id",
            "onDelete": "cascade",
        }
    }
    assert Post.__definition__.relations["author"]["model"] == "User"


def test_the_class_gives_expressions_and_the_instance_values() -> None:
    assert (User.age > 30) == Cmp("age", "gt", 30)
    user = User(name="Ann", age=41)
    assert user.age == 41
    assert user.label() == "Ann (41)"
    assert user.role == "user"


def test_an_expression_is_the_models_own_also_in_a_subclass() -> None:
    class Admin(User):
        level: Prop[int] = prop(default=1)

    assert repr(Admin.age) == "Admin.age"
    assert repr(User.age) == "User.age"
    assert Admin(name="Eve").level == 1
    with pytest.raises(AttributeError):
        User.level  # noqa: B018 - the access is the test


def test_plain_annotations_work() -> None:
    class Plain(Model):
        name: str
        age: int = 3
        tags: list[str] | None = None

    assert kinds(Plain) == {"id": "integer", "name": "string", "age": "integer", "tags": "[string]"}
    assert Plain(name="x").age == 3


def test_a_model_without_a_key_is_given_one() -> None:
    class Note(Model):
        text: Prop[str]

    assert Note.id_names() == ("id",)
    assert Note.__definition__.properties["id"].injected
    assert not Model.__definition__.properties

    class Loose(Model, id_injection=False):
        text: Prop[str]

    assert Loose.id_names() == ()


def test_composite_keys_are_declared_with_key() -> None:
    class Member(Model, key=Key(partition=("team",), clustering=("at", "-name"))):
        team: Prop[str]
        name: Prop[str]
        at: Prop[int]

    assert Member.__definition__.key == KeySpec(("team",), (("at", "asc"), ("name", "desc")))
    assert [p.id for p in Member.__definition__.properties.values()] == [1, 3, 2]


def test_flagged_keys_stand_in_their_order() -> None:
    class Inventory(Model):
        location: Prop[str] = prop(id=2)
        product: Prop[str] = prop(id=1)

    assert Inventory.id_names() == ("product", "location")


def test_indexes_in_all_forms() -> None:
    class Pet(Model, indexes={
        "a": ("name", "-category"), "b": {"keys": {"name": -1}, "unique": True},
        "c": {"name": 1, "category": "DESC"},
    }):  # fmt: skip
        name: Prop[str]
        category: Prop[str]

    a, b, c = Pet.__definition__.indexes
    assert a.keys == (("name", "asc"), ("category", "desc"))
    assert b.unique
    assert b.keys == (("name", "desc"),)
    assert c.keys == (("name", "asc"), ("category", "desc"))


def test_inheritance_copies_properties_and_keeps_the_slots() -> None:
    class Timestamps(Model, abstract=True):
        created: Prop[dt.datetime | None] = prop(default=None)

        def touch(self) -> str:
            return "touched"

    class Doc(Timestamps):
        text: Prop[str] = prop(default="")

    assert list(Doc.__definition__.properties) == ["id", "created", "text"]
    assert Doc(text="x").touch() == "touched"
    assert Doc.__definition__.base is None
    assert not hasattr(Doc(text="x"), "__dict__")


def test_a_plain_base_may_have_methods_but_no_properties() -> None:
    class Greets:
        name: str

        def hello(self) -> str:
            return f"hello {self.name}"

    class Person(Greets, Model):
        name: Prop[str]  # type: ignore[assignment]

    assert Person(name="Ann").hello() == "hello Ann"

    class Stamped:
        made: Prop[int] = prop(default=1)

    with pytest.raises(ConfigurationError) as caught:
        type(Model)("Note", (Stamped, Model), {})
    assert caught.value.code == "bad-mixin"
    assert "class Note(Model, mixins=[Stamped])" in caught.value.hint


@pytest.mark.parametrize("name", ["Meta", "Config", "__tablename__"])
def test_options_of_other_libraries_are_refused_with_the_place_for_them(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        type(Model)("Note", (Model,), {name: "notes" if name.startswith("_") else type})
    assert "class Note(Model, table_name='…')" in caught.value.hint


@pytest.mark.parametrize(
    ("word", "here"), [("min", "ge="), ("primary_key", "id=True"), ("nullable", "| None")]
)
def test_words_of_other_libraries_are_translated(word: str, here: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        prop(**{word: 1})  # type: ignore[arg-type]
    assert here in caught.value.hint


def test_mixins_copy_properties_and_methods_but_no_key() -> None:
    class Stamped(Model, abstract=True):
        stamp: Prop[int] = prop(default=7)

        def stamped(self) -> int:
            return self.stamp

    class Sized(Model):
        size: Prop[int] = prop(default=1)

    class Thing(Model, mixins=[Stamped, Sized]):
        id: Prop[str] = prop(id=True)
        size: Prop[int] = prop(default=2)

    thing: Any = Thing(id="a")
    assert thing.stamped() == 7
    assert thing.size == 2
    assert Thing.id_names() == ("id",)


def test_an_own_key_replaces_the_bases() -> None:
    class Base(Model):
        id: Prop[int] = prop(id=True)
        name: Prop[str]

    class Sub(Base):
        code: Prop[str] = prop(id=True)

    assert Sub.id_names() == ("code",)
    assert Base.id_names() == ("id",)


def test_views_take_their_properties_from_the_base() -> None:
    class AllInfo(Model):
        team: Prop[str] = prop(id=1)
        member: Prop[str] = prop(id=2)
        zipCode: Prop[int | None] = prop(default=None)  # noqa: N815 - the seed's own name
        league: Prop[str | None] = prop(default=None)
        registered: Prop[bool | None] = prop(default=None)

    class Members(View, of=AllInfo, key=Key(partition=("team",), clustering=("registered",)),
                  fields=("zipCode",)):  # fmt: skip
        """Members of a team."""

    definition = Members.__definition__
    assert list(definition.properties) == ["team", "registered", "member", "zipCode"]
    assert definition.view is not None
    assert definition.view.of == "AllInfo"
    assert definition.key == KeySpec(("team",), (("registered", "asc"), ("member", "asc")))


def test_a_foreign_reference_may_come_later() -> None:
    class Shelf(Model):
        best: Prop[Book | None] = prop(default=None)

    class Book(Model):
        title: Prop[str]

    shelf = Shelf(best=Book(title="Emma"))
    assert shelf.to_object()["best"] == {"title": "Emma"}
    found: Any = Shelf({"best": {"title": "Persuasion"}})
    assert isinstance(found.best, Book)


# ---------------------------------------------------------------- mistakes


def test_a_reserved_name_is_refused_with_its_fix() -> None:
    with pytest.raises(ConfigurationError) as caught:

        class Wrong(Model):
            count: Prop[int] = prop(default=0)  # type: ignore[assignment]

    assert caught.value.code == "reserved-name"
    assert caught.value.hint == 'count_: Prop[int] = prop(name="count")'


def test_the_fix_keeps_the_propertys_name() -> None:
    class Right(Model):
        count_: Prop[int] = prop(default=1, name="count")

    assert Right(count_=4)["count"] == 4
    assert Right({"count": 5}).count_ == 5
    assert Right(count_=4).to_object() == {"id": None, "count": 4}
    assert repr(Right.count_) == "Right.count"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: type(Model)("A", (Model,), {"x": prop()}), "no-annotation"),
        (lambda: type(Model)("A", (User, Post), {}), "one-base"),
        (lambda: type(Model)("A", (Model,), {}, stric=True), "unknown-option"),
        (lambda: type(Model)("A", (Model,), {}, strict="maybe"), "bad-option"),
        (lambda: type(Model)("A", (Model,), {}, mixins=[int]), "bad-mixin"),
        (lambda: type(Model)("A", (Model,), {}, indexes={"i": ("nope",)}), "bad-index"),
        (lambda: type(Model)("A", (Model,), {}, indexes={"i": {"keys": 5}}), "bad-index"),
        (lambda: type(Model)("A", (Model,), {}, key=Key("x")), "bad-key"),
        (lambda: prop(defualt=3), "unknown-option"),
        (lambda: prop(3), "bad-option"),
        (lambda: annotated("x", "Prop[complex]"), "unknown-type"),
        (lambda: annotated("x", "Prop[int | str]"), "unknown-type"),
        (lambda: annotated("x", "Prop[1 +]"), "bad-annotation"),
        (lambda: annotated("a.b", "int"), "property-name"),
        (lambda: annotated("x", "int", prop(default="s")), "bad-default"),
        (lambda: annotated("x", "int", prop(min_length=1)), "bad-option"),
        (lambda: annotated("x", "str", prop(ge=1)), "bad-option"),
        (lambda: annotated("x", "str", prop(matches="(")), "bad-pattern"),
        (lambda: annotated("x", "int", prop(trim=True)), "bad-option"),
        (lambda: annotated("x", "list[str]", prop(id=True)), "bad-key"),
        (lambda: annotated("x", "HasMany[User]", belongs_to()), "bad-annotation"),
        (lambda: annotated("x", "int", prop(default=1, default_factory=int)), "bad-default"),
        (lambda: annotated("x", "str", prop(default_factory="uid")), "unknown-default"),
        (lambda: annotated("x", "int", lambda self: 1), "property-name"),
    ],
)  # fmt: skip
def test_mistakes_in_a_class_are_named(make: Any, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert caught.value.code == code


def annotated(name: str, annotation: str, value: Any = None) -> Any:
    body = {"__annotations__": {name: annotation}, "__module__": __name__, "__qualname__": "A"}
    return type(Model)("A", (Model,), body | ({name: value} if value is not None else {}))


def test_an_unknown_embedded_model_is_named_when_it_is_needed() -> None:
    class Shop(Model):
        owner: Prop[Ownr] = prop()  # type: ignore[name-defined]  # noqa: F821 - the mistake

    with pytest.raises(ConfigurationError, match="Ownr") as caught:
        Shop({"owner": {}})
    assert caught.value.code == "unresolved-model"


def test_enums_are_refused_with_the_literal_to_write() -> None:
    import enum  # noqa: PLC0415 - for this test alone

    class Colour(enum.Enum):
        RED = "red"

    with pytest.raises(ConfigurationError) as caught:

        class Car(Model):
            colour: Prop[Colour]

    assert "Literal['red']" in caught.value.hint


def test_type_kinds_of_collections() -> None:
    class Bag(Model):
        tags: Prop[set[str]] = prop(default_factory=set)
        pair: Prop[tuple[int, str] | None] = prop(default=None)
        scores: Prop[dict[str, int]] = prop(default_factory=dict)

    found = {n: p.type.kind for n, p in Bag.__definition__.properties.items()}
    assert found["tags"] is TypeKind.SET
    assert found["pair"] is TypeKind.TUPLE
    assert found["scores"] is TypeKind.MAP


def test_indexes_and_uniqueness_stay_with_the_base_of_a_view() -> None:
    class Stock(Model):
        id: Prop[str] = prop(id=True)
        shop: Prop[str] = prop(index=True)
        code: Prop[str] = prop(unique=True)

    class ByShop(View, of=Stock, key=Key(partition=("shop",))):
        pass

    found = ByShop.__definition__.properties
    assert not any(one.index or one.unique for one in found.values())


def test_a_part_of_a_key_may_have_an_index() -> None:
    class Reading(Model, key=Key(partition=("site",), clustering=("at",))):
        site: Prop[str] = prop(index=True)
        at: Prop[int] = prop(index=True)

    indexes = Reading.__definition__.spec("memory").indexes
    assert [index.keys for index in indexes] == [(("at", "asc"),)], "a partition needs none"
