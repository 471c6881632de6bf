"""Instances: values, changes, plain data, display."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from typing import Any

import pytest

from juggler import ConfigurationError, InvalidValueError, Model, ModelBuilder, Prop, connect, prop


class Address(Model):
    street: Prop[str] = prop(default="")
    secret: Prop[str | None] = prop(default=None, protected=True)


class User(Model):
    id: Prop[int] = prop(id=True)
    name: Prop[str] = prop(default="Ann")
    age: Prop[int] = prop(default=0)
    tags: Prop[list[str]] = prop(default_factory=list)
    password: Prop[str | None] = prop(default=None, hidden=True)
    home: Prop[Address | None] = prop(default=None)
    at: Prop[dt.datetime | None] = prop(default=None)


def stored(**values: Any) -> User:
    codec = User.__codec__
    user: User = codec.decode(codec.encode_map({"id": 1, **values}), "v1")
    return user


# ---------------------------------------------------------------- making


def test_values_come_by_keyword_by_mapping_or_from_an_instance() -> None:
    one = User(id=1, name="Bob")
    assert User({"id": 1, "name": "Bob"}).to_object() == one.to_object()
    other: Any = User
    assert other(one).to_object() == one.to_object()
    assert other({"id": 1}, name="Bob").to_object() == one.to_object()
    with pytest.raises(InvalidValueError):
        other(5)


def test_unknown_names_are_refused_with_a_suggestion() -> None:
    maker: Any = User
    with pytest.raises(InvalidValueError) as caught:
        maker(id=1, nam="x")
    assert "'name'" in caught.value.hint


def test_a_subclass_with_its_own_init() -> None:
    class Greeter(User):
        def __init__(self, who: str) -> None:
            super().__init__(id=1, name=who)

    assert Greeter("Eve").name == "Eve"


# ---------------------------------------------------------------- access


def test_items_go_by_the_propertys_name() -> None:
    model = ModelBuilder().define(
        "M", {"count": "number", "first-name": "string", "class": "string"}
    )
    found: Any = model({"count": 1, "first-name": "A", "class": "c"})
    assert (found["count"], found["first-name"], found["class"]) == (1, "A", "c")
    assert (found.count_, found.class_) == (1, "c")
    found["count"] = 2
    found["first-name"] = "B"
    found["undeclared"] = 3
    assert found.to_object() == {
        "id": None, "count": 2, "first-name": "B", "class": "c", "undeclared": 3
    }  # fmt: skip
    assert "count" in found
    assert "nope" not in found
    assert found["nope"] is None
    with pytest.raises(InvalidValueError):
        User(id=1)["nope"]
    with pytest.raises(TypeError):
        list(found)


def test_attributes_that_are_not_there_are_named() -> None:
    user: Any = User(id=1)
    with pytest.raises(AttributeError, match="agee") as caught:
        user.agee  # noqa: B018 - the access is the test
    assert isinstance(caught.value, ConfigurationError)
    assert "'age'" in caught.value.hint
    with pytest.raises(AttributeError):
        user.agee = 3
    assert not hasattr(user, "_ipython_display_")


def test_a_key_of_another_name_reads_as_id() -> None:
    class Code(Model):
        code: Prop[str] = prop(id=True)

    class Pair(Model):
        a: Prop[int] = prop(id=1)
        b: Prop[int] = prop(id=2)

    one: Any = Code(code="x")
    two: Any = Pair(a=1, b=2)
    assert one.id == "x"
    assert two.id == {"a": 1, "b": 2}


def test_rows_are_equal_by_key_and_others_by_value() -> None:
    class Stored(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str] = prop(default="")
        home: Prop[Address | None] = prop(default=None)

    class Heir(Stored):
        pass

    with connect("memory:") as db:
        db.attach(Stored, Heir)
        ann = Stored.create(name="Ann", home={"street": "x"})
        bob = Stored.create(name="Bob")
        again = Stored.find_by_id(ann.id)
        assert ann == again
        assert {ann, again, bob} == {bob, ann}
        again.name = "changed"  # type: ignore[union-attr]
        assert ann == again
        assert ann in Stored.find()
        assert ann != bob
        assert ann != Heir.create(name="Ann")
        assert ann != Stored(id=ann.id, name="Ann", home={"street": "x"})
        assert ann != 1
        assert ann.home == Address(street="x") != Address(street="y")
        (part,) = Stored.find(Stored.id == ann.id, fields=["name"])
        assert part == ann
    assert User(id=1) == User(id="1") != User(id=2)  # type: ignore[arg-type]
    assert User(id=1) != User(id="?")  # type: ignore[arg-type]
    for none in (User(id=1), ann.home):
        with pytest.raises(TypeError, match="no stored key"):
            hash(none)


# ---------------------------------------------------------------- changes


def test_changes_show_stored_and_current_values() -> None:
    user = stored(age=41)
    assert user.changes == {}
    user.age = 42
    assert user.changes == {"age": (41, 42)}
    assert user.property_changed("age")
    assert not user.property_changed("name")
    user.age = 41
    assert user.changes == {}
    with pytest.raises(InvalidValueError):
        user.property_changed("agee")


def test_changes_inside_lists_and_embedded_models_count() -> None:
    user = stored(tags=["a"], home={"street": "x"})
    user.tags.append("b")
    assert user.home is not None
    user.home.street = "y"
    changes = user.changes
    assert changes["tags"] == (["a"], ["a", "b"])
    old, new = changes["home"]
    assert (old.street, new.street) == ("x", "y")
    assert user.home.changes == {"street": ("x", "y")}
    codec = User.__codec__
    codec.settle(user, codec.encode(user), "v2")
    assert user.changes == user.home.changes == {}
    user.home.street = "z"
    user.home.reset()
    assert user.home.street == "y"


def test_a_new_instance_has_changed_in_all_that_is_set() -> None:
    assert User(id=1).changes == {
        "id": (None, 1), "name": (None, "Ann"), "age": (None, 0), "tags": (None, []),
    }  # fmt: skip


def test_a_value_that_does_not_fit_is_a_change_and_no_error() -> None:
    user: Any = stored()
    user.age = "old"
    assert user.changes == {"age": (0, "old")}
    user.age = "0"
    assert user.changes == {}


def test_undeclared_properties_are_tracked() -> None:
    model = ModelBuilder().define("Open", {})
    codec = model.__codec__
    found: Any = codec.decode(codec.encode_map({"a": 1, "b": [1]}))
    found.extra["b"].append(2)
    found.extra["c"] = 3
    del found.extra["a"]
    assert found.changes == {"a": (1, None), "b": ([1], [1, 2]), "c": (None, 3)}
    assert found.property_changed("c")
    found.reset()
    assert found.extra == {"a": 1, "b": [1]}


def test_reset() -> None:
    user = stored(age=1, tags=["a"])
    user.age = 2
    user.tags.append("b")
    user.reset()
    assert (user.age, user.tags, user.changes) == (1, ["a"], {})
    new = User(id=1, age=5)
    new.reset()
    assert new.age == 0


# ---------------------------------------------------------------- plain data


def test_to_object_is_coerced_and_isolated() -> None:
    user: Any = User({"id": "1", "age": "3", "tags": ["x"]})
    data = user.to_object()
    assert (data["id"], data["age"]) == (1, 3)
    data["tags"].append("y")
    assert user.tags == ["x"]


def test_only_schema_leaves_out_what_is_undeclared() -> None:
    model = ModelBuilder().define("Open", {"a": "number"})
    found = model({"a": 1, "b": 2})
    assert found.to_object() == {"id": None, "a": 1, "b": 2}
    assert found.to_object(only_schema=True) == {"id": None, "a": 1}


def test_json_hides_hidden_and_nested_protected_properties() -> None:
    at = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    user = User(id=1, password="p", home=Address(street="x", secret="s"), at=at)
    assert user.to_json() == {
        "id": 1, "name": "Ann", "age": 0, "tags": [], "home": {"street": "x"},
        "at": "2024-05-01T00:00:00.000Z",
    }  # fmt: skip
    assert Address(street="x", secret="s").to_json()["secret"] == "s"


# ---------------------------------------------------------------- display and copies


def test_repr_is_short_and_hides_hidden_values() -> None:
    text = repr(User(id=1, name="x" * 100, password="geheim"))
    assert text.startswith("<User id=1, name='xxx")
    assert "geheim" not in text
    assert len(text) < 250
    shown = User(id=1, name="<b>")._repr_html_()
    assert "&lt;b&gt;" in shown
    assert repr(User).startswith("<model User: id, name")


def test_pickle_and_copies_keep_state() -> None:
    user = stored(tags=["a"], home={"street": "x"})
    user.age = 9
    for made in (pickle.loads(pickle.dumps(user)), copy.deepcopy(user)):  # noqa: S301 - our own bytes
        assert made.changes == {"age": (0, 9)}
        assert made._version == "v1"
        assert made.to_object() == user.to_object()
        made.tags.append("b")
    assert user.tags == ["a"]
    assert copy.copy(user).tags is user.tags


Dictionary = ModelBuilder().define("Dictionary", {"a": "number", "first-name": "string"})


def test_dictionary_models_pickle_where_they_are_kept_under_their_name() -> None:
    found: Any = Dictionary({"a": 1, "first-name": "x", "extra": [1]})
    made = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    assert made.to_object() == found.to_object()
