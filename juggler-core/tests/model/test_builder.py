"""The model builder: defining, extending, finding, replacing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from juggler import ConfigurationError, JugglerError, Model, ModelBuilder, Prop, prop


@pytest.fixture
def builder() -> ModelBuilder:
    return ModelBuilder()


def names(model: Any) -> list[str]:
    return list(model.__definition__.properties)


# ---------------------------------------------------------------- defining


def test_the_seeds_first_model(builder: ModelBuilder) -> None:
    made = builder.define("User", {"id": "number", "firstName": "string", "lastName": "string"})
    user: Any = made({"id": 1, "firstName": "John", "lastName": "Smith"})
    assert (user.id, user.firstName, user.lastName) == (1, "John", "Smith")
    assert builder.get_model("User") is made
    assert builder.models == {"User": made}
    assert builder.definitions["User"] is builder.get_model_definition("User")


def test_methods_are_added_to_dictionary_models(builder: ModelBuilder) -> None:
    made: Any = builder.define("User", {"firstName": str, "lastName": str})
    made.get_full_name = lambda self: f"{self.firstName} {self.lastName}"
    made.by = classmethod(lambda cls, name: (cls, name))
    assert made({"firstName": "J", "lastName": "S"}).get_full_name() == "J S"
    assert made.by("x") == (made, "x")


def test_nested_named_and_given_models(builder: ModelBuilder) -> None:
    address = builder.define("Address", {"street": str})
    inline: Any = builder.define("A", {"address": {"street": str, "city": {"name": str}}})
    by_name: Any = builder.define("B", {"address": "Address"})
    by_class: Any = builder.define("C", {"address": address})
    values = {"address": {"street": 5}}
    assert inline(values).address.street == 5
    assert inline(values).to_object()["address"]["street"] == "5"
    assert isinstance(by_name(values).address, address)
    assert isinstance(by_class(values).address, address)
    assert inline({"address": {"city": {"name": "x"}}}).address.city.name == "x"


def test_names_that_python_cannot_spell(builder: ModelBuilder) -> None:
    made = builder.define("my-model.v:2", {"a": "string"})
    assert made.__name__ == "my_model_v_2"
    assert made.__definition__.name == "my-model.v:2"
    for wrong in ("", "  ", None, 5, "a\x00b"):
        with pytest.raises(ConfigurationError):
            builder.define(wrong, {})  # type: ignore[arg-type]


def test_a_property_with_a_dot_is_refused(builder: ModelBuilder) -> None:
    made = builder.define("M", {"a": "string"})
    for call in (
        lambda: builder.define("Dotted", {"a.b": "string"}),
        lambda: builder.define("Inside", {"a": {"b.c": "string"}}),
        lambda: made.define_property("a.b", "string"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            call()
        assert caught.value.code == "property-name"


@pytest.mark.parametrize(
    "name", ["find", "save", "errors", "aio", "mro", "__init__", "_row", "class"]
)
def test_a_dictionary_model_keeps_reserved_names(builder: ModelBuilder, name: str) -> None:
    made = builder.define("M", {name: "number", "id": "number"})
    found: Any = made({name: 3})
    assert found[name] == 3
    assert getattr(found, f"{name}_") == 3
    assert found.to_object()[name] == 3
    codec: Any = made.__codec__
    assert codec.decode(codec.encode(found))[name] == 3
    assert repr(getattr(made, f"{name}_")) == f"M.{name}"


@pytest.mark.parametrize("name", ["first-name", "1st", "größe", "ﬁn", "a b", "__private", "日本"])
def test_names_that_are_no_identifiers(builder: ModelBuilder, name: str) -> None:
    made = builder.define("M", {name: {"type": ["string"], "default": ["x"]}})
    codec: Any = made.__codec__
    found = codec.decode(codec.encode(made({name: [1]})))
    assert found[name] == ["1"]
    assert getattr(found, name) == ["1"]
    found[name].append("2")
    assert found.changes == {name: (["1"], ["1", "2"])}
    assert made({}).to_object()[name] == ["x"]
    (partial,) = codec.decode_partial(("id",), ("id",))([(1,)])
    assert name not in partial.to_object()
    with pytest.raises(AttributeError, match="not loaded"):
        getattr(partial, name)


def test_properties_added_later(builder: ModelBuilder) -> None:
    made: Any = builder.define("M", {"a": "number"})
    before = made({"a": 1})
    builder.define_property("M", "b", {"type": "number", "default": 2})
    builder.extend_model(made, {"c": str, "d": {"x": "number"}})
    made.define_property("e", "boolean")
    assert names(made) == ["id", "a", "b", "c", "d", "e"]
    after = made({"a": 1, "d": {"x": "3"}})
    assert (after.b, after.d.x) == (2, "3")
    assert after.to_object()["d"] == {"x": 3}
    assert before.b is None
    before.b = 5
    assert before.to_object()["b"] == 5
    assert repr(made.b) == "M.b"
    with pytest.raises(ConfigurationError):
        builder.define_property("Nope", "b", "number")


def test_a_second_definition_replaces_the_first(builder: ModelBuilder) -> None:
    old = builder.define("M", {"a": "number"}, {"tableName": "t"})
    new = builder.define("M", {"b": "number"})
    assert builder.models["M"] is new
    assert new.__definition__.storage_name == "t"
    with pytest.raises(ConfigurationError) as caught:
        old.find()
    assert caught.value.code == "model-replaced"
    holder = builder.define("Holder", {"m": "M"})
    builder.define("M", {"c": "number"})
    with pytest.raises(JugglerError):
        new.count()
    made: Any = builder.define("Holder2", {"m": "M"})({"m": {"c": "1"}})
    assert made.to_object()["m"] == {"c": 1}
    assert holder.__definition__.name == "Holder"


def test_a_failing_hook_leaves_the_old_definition() -> None:
    class Picky(ModelBuilder):
        def defined(self, model: type[Model], previous: type[Model] | None) -> None:
            if previous is not None:
                raise ConfigurationError("no", code="no")

    picky = Picky()
    first = picky.define("M", {})
    with pytest.raises(ConfigurationError, match="no"):
        picky.define("M", {"a": "string"})
    assert picky.models["M"] is first
    with pytest.raises(ConfigurationError, match="not attached"):
        first.find()


# ---------------------------------------------------------------- unresolved names


def test_placeholders_are_filled_in_later(builder: ModelBuilder) -> None:
    later: Any = builder.get_model("Later", force_create=True)
    with pytest.raises(ConfigurationError) as caught:
        later({})
    assert caught.value.code == "unresolved-model"
    assert builder.define("Later", {"a": "number"}) is later
    assert later({"a": "3"}).to_object() == {"id": None, "a": 3}
    assert builder.get_model("Never") is None


def test_a_model_may_name_one_that_comes_later(builder: ModelBuilder) -> None:
    made: Any = builder.define("A", {"b": "B"})
    with pytest.raises(ConfigurationError):
        made({"b": {}})
    builder.define("B", {"x": "number"})
    assert made({"b": {"x": "1"}}).to_object()["b"] == {"x": 1}


class Town(Model):
    name: Prop[str] = prop(default="")


def test_a_dictionary_model_finds_the_typed_classes_of_its_module_and_no_others(
    builder: ModelBuilder,
) -> None:
    made: Any = builder.define("Person", {"town": "Town"})
    assert isinstance(made({"town": {"name": "x"}}).town, Town)
    far: Any = builder.define("Far", {"town": "Town"})
    far.__module__ = "elsewhere"
    with pytest.raises(ConfigurationError) as caught:
        far({"town": {}})
    assert caught.value.code == "unresolved-model"
    with pytest.raises(ConfigurationError) as caught:
        builder.define("Other", {"person": "Persn"})({"person": {}})  # type: ignore[call-arg]
    assert "'Person'" in caught.value.hint


def test_a_view_completes_itself_from_its_base(builder: ModelBuilder) -> None:
    view: Any = builder.define(
        "Members", {}, {"view": {"of": "All", "partition": ["team"], "fields": ["zip"]}}
    )
    with pytest.raises(ConfigurationError) as caught:
        view({})
    assert caught.value.code == "unresolved-model"
    builder.define(
        "All", {"team": {"type": "string", "id": 1}, "name": {"type": "string", "id": 2},
                "zip": "number", "rest": "string"},
    )  # fmt: skip
    assert view({"team": "a"}).to_object() == {"team": "a", "name": None, "zip": None}
    assert view.id_names() == ("team", "name")
    assert repr(view.zip) == "Members.zip"


def test_a_model_inside_itself_is_plain_data_there(builder: ModelBuilder) -> None:
    made: Any = builder.define("Tree", {"name": "string", "kids": ["Tree"]})
    tree = made({"name": "a", "kids": [{"name": "b", "kids": [{"name": "c"}]}]})
    assert tree.to_object()["kids"] == [{"name": "b", "kids": [{"name": "c"}]}]


# ---------------------------------------------------------------- extending


def test_extend_copies_properties_and_inherits_methods(builder: ModelBuilder) -> None:
    user: Any = builder.define("User", {"name": "string", "age": "number"}, {"strict": True})
    user.hello = lambda self: f"hi {self.name}"
    customer: Any = user.extend("customer", {"accountId": str, "vip": bool, "age": None})
    assert names(customer) == ["id", "name", "accountId", "vip"]
    assert customer({"name": "x"}).hello() == "hi x"
    assert customer.__definition__.base == "User"
    assert customer.__definition__.open is False
    assert builder.models["customer"] is customer
    assert issubclass(customer, user)
    with pytest.raises(AttributeError):
        customer({}).age  # noqa: B018 - the access is the test


def test_base_in_settings_and_excluded_properties(builder: ModelBuilder) -> None:
    builder.define("Base", {"a": "string", "b": "string", "code": {"type": "string", "id": True}})
    sub = builder.define("Sub", {"c": "string"}, {"base": "Base", "excludeBaseProperties": ["b"]})
    assert names(sub) == ["a", "code", "c"]
    assert sub.id_names() == ("code",)
    own = builder.define("Own", {"key": {"type": "number", "id": True}}, {"base": "Base"})
    assert own.id_names() == ("key",)
    with pytest.raises(ConfigurationError) as caught:
        builder.define("X", {}, {"base": "Bse"})
    assert "'Base'" in caught.value.hint
    with pytest.raises(ConfigurationError):
        builder.define("X", {"nope": None}, {"base": "Base"})


def test_typed_models_can_be_extended(builder: ModelBuilder) -> None:
    class Person(Model):
        name: Prop[str] = prop(default="x")

    made: Any = Person.extend("Employee", {"salary": "decimal"})
    assert names(made) == ["id", "name", "salary"]
    assert made.__definition__.open is False
    assert builder.define("Boss", {"car": "string"}, parent=Person).__definition__.base == "Person"


def test_mixin_takes_several_models(builder: ModelBuilder) -> None:
    stamp: Any = builder.define("TimeStamp", {"created": dt.datetime, "modified": dt.datetime})
    stamp.touch = lambda self: "touched"
    group = builder.define("Group", {"groups": [str], "name": "number"})
    user: Any = builder.define("User", {"name": "string"})
    user.mixin(group, stamp)
    assert names(user) == ["id", "name", "groups", "created", "modified"]
    made = user({"groups": [1], "created": "2024-05-01"})
    assert made.to_object()["groups"] == ["1"]
    assert made.touch() == "touched"
    assert str(user.__definition__.properties["name"].type) == "string"
    with pytest.raises(ConfigurationError):
        user.mixin(int)


# ---------------------------------------------------------------- examples, several, types


def test_a_model_from_an_example(builder: ModelBuilder) -> None:
    made: Any = builder.build_model_from_instance(
        "I", {"name": "x", "n": 1.5, "list": [None, 3], "deep": {"a": [{"b": True}]}, "none": None,
              "empty": [], "object": {}}
    )  # fmt: skip
    assert made.ldl()["properties"] == {
        "name": "string", "n": "number", "list": ["number"],
        "deep": {"type": {"a": [{"type": {"b": "boolean"}}]}}, "none": "any", "empty": ["any"],
        "object": "object",
    }  # fmt: skip
    with pytest.raises(ConfigurationError):
        builder.build_model_from_instance("J", [1])  # type: ignore[arg-type]


def test_building_several_models_relates_them(builder: ModelBuilder) -> None:
    found = builder.build_models(
        [
            {"name": "User", "properties": {"name": "string", "posts": ["Post"]}},
            {"name": "Post", "properties": {"author": "User", "text": "string"}},
        ]
    )
    assert found["User"].__definition__.relations == {"posts": {"type": "hasMany", "model": "Post"}}
    assert found["Post"].__definition__.relations == {
        "author": {"type": "belongsTo", "model": "User"}
    }
    assert list(builder.build_models({"a": "string"})) == ["AnonymousModel_1"]
    made: list[str] = []
    builder.build_models({"name": "Z"}, lambda name, *_: made.append(name))
    assert made == ["Z"]


def test_resolving_types(builder: ModelBuilder) -> None:
    address = builder.define("Address", {"street": str})
    assert str(builder.resolve_type("Number")) == "number"
    assert str(builder.resolve_type([str])) == "[string]"
    assert builder.resolve_type("Address") is address
    assert builder.resolve_type({"type": address}) is address
    nested = builder.resolve_type({"a": "number"})
    assert nested({"a": "1"}).to_object() == {"a": 1}
    assert builder.resolve_type("Unknown") is builder.models["Unknown"]
    with pytest.raises(ConfigurationError):
        builder.resolve_type(5)


def test_value_types(builder: ModelBuilder) -> None:
    class Money: ...

    builder.define_value_type(Money, "cash", kind="decimal")
    made = builder.define("M", {"a": "Cash", "b": Money, "c": "money"})
    assert {str(p.type) for n, p in made.__definition__.properties.items() if n != "id"} == {
        "decimal"
    }
    with pytest.raises(ConfigurationError):
        builder.define_value_type("string", kind="number")
    with pytest.raises(ConfigurationError):
        builder.define_value_type("x", kind="nope")


def test_deleting(builder: ModelBuilder) -> None:
    gone = builder.define("A", {})
    builder.define("B", {})
    builder.delete_model_by_name("A")
    assert list(builder.models) == ["B"]
    with pytest.raises(ConfigurationError):
        gone.find()
    builder.delete_all_models()
    assert builder.models == {}


def test_schema_helpers(builder: ModelBuilder) -> None:
    made = builder.define("M", {"a": ["string"], "b": "Address"})
    assert made.get_property_type("a") == "list<string>"
    assert made.get_property_type("b") == "Address"
    assert made.get_property_type("nope") is None
    seen: list[str] = []
    made.for_each_property(lambda name, _: seen.append(name))
    assert seen == ["id", "a", "b"]
    assert (made.id_name(), made.id_names()) == ("id", ("id",))
