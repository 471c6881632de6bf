"""LDL: documents and dictionaries become definitions, and definitions documents."""

from __future__ import annotations

import datetime as dt
import json
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import ConfigurationError, GeoPoint, JugglerError, Model, ModelBuilder
from juggler.model.ldl.reading import DefinitionWarning, definition_from_ldl, document_parts
from juggler.model.ldl.writing import to_ldl
from juggler.spec import KeySpec

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition


def types(properties: dict[str, Any]) -> dict[str, str]:
    found = definition_from_ldl("M", properties, {"idInjection": False})
    return {name: str(p.type) for name, p in found.properties.items()}


def reread(definition: ModelDefinition) -> ModelDefinition:
    document = json.loads(json.dumps(to_ldl(definition)))
    name, properties, options = document_parts(document)
    assert name is not None
    return definition_from_ldl(name, properties, options)


# ---------------------------------------------------------------- types


def test_names_in_any_case_and_python_classes() -> None:
    assert types({"a": "Number", "b": "STRING", "c": "date", "d": "DateOnly", "e": "buffer"}) == {
        "a": "number", "b": "string", "c": "datetime", "d": "dateonly", "e": "buffer"
    }  # fmt: skip
    assert types(
        {"a": str, "b": int, "c": float, "d": bool, "e": dt.datetime, "f": dt.date, "g": bytes,
         "h": list, "i": dict, "j": Decimal, "k": UUID, "l": GeoPoint}
    ) == {
        "a": "string", "b": "integer", "c": "number", "d": "boolean", "e": "datetime",
        "f": "dateonly", "g": "buffer", "h": "[any]", "i": "object", "j": "decimal", "k": "uuid",
        "l": "geopoint",
    }  # fmt: skip


def test_lists_nested_objects_and_parameters() -> None:
    assert types({
        "a": ["string"], "b": [{"type": "string", "length": 64}], "c": [[int]], "d": [],
        "e": {"street": str}, "f": [{"street": str}], "g": {"type": ["Address"]},
        "h": "map<string, set<int>>", "i": "Vector<float, 3>", "j": {},
        "k": {"type": {"type": "string"}},
    }) == {
        "a": "[string]", "b": "[string]", "c": "[[integer]]", "d": "[any]", "e": "embedded",
        "f": "[embedded]", "g": "[embedded]", "h": "map<string, set<integer>>",
        "i": "vector<number, 3>", "j": "object", "k": "embedded",
    }  # fmt: skip


def test_a_mapping_is_options_or_a_nested_model() -> None:
    found = definition_from_ldl(
        "M",
        {
            "options": {"type": "string", "required": True, "oracle": {"column": "X"}},
            "nested": {"type": "string", "street": "string"},
            "bare": {"required": True},
        },
    ).properties
    assert found["options"].required
    assert found["options"].hints == {"oracle": {"column": "X"}}
    assert found["nested"].nested is not None
    assert list(found["nested"].nested.properties) == ["type", "street"]
    assert str(found["bare"].type) == "any"


# ---------------------------------------------------------------- properties and keys


def test_options() -> None:
    found = definition_from_ldl(
        "M",
        {
            "a": {"type": "string", "limit": 150, "index": True, "doc": "text"},
            "b": {"type": "number", "precision": 10, "scale": 2, "length": None, "min": "3"},
            "c": {"type": "string", "description": "d", "hidden": True, "columnName": "C"},
            "d": {"type": "string", "index": {"unique": True}},
        },
    ).properties
    assert found["a"].type.length == 150
    assert found["b"].rules == {"min": 3}
    assert (found["b"].type.precision, found["b"].type.scale) == (10, 2)
    assert (found["c"].doc, found["c"].storage_name) == ("d", "C")
    assert found["d"].unique


def test_keys() -> None:
    assert definition_from_ldl("M", {"id": "string"}).key == KeySpec(("id",))
    assert definition_from_ldl("M", {"x": "string"}).properties["id"].injected
    assert definition_from_ldl("M", {"x": "string"}, {"idInjection": False}).key is None
    two = definition_from_ldl(
        "M", {"b": {"type": "string", "id": 2}, "a": {"type": "string", "id": 1}}
    )
    assert two.ids == ("a", "b")
    hinted = definition_from_ldl(
        "M",
        {"t": {"type": "string", "id": 1}, "at": "date", "x": "string"},
        {"cassandra": {"clusteringKeys": ["at DESC", "x"]}},
    )
    assert hinted.key == KeySpec(("t",), (("at", "desc"), ("x", "asc")))


def test_a_generated_number_takes_the_stores_type_of_keys() -> None:
    made = ModelBuilder().define("G", {"id": {"type": "number", "generated": True, "id": True}})
    from juggler.model.binding import bind  # noqa: PLC0415 - what a data source calls

    spec, _ = bind(made, "cassandra", default_id_type="uuid")
    assert str(spec.field["id"].type) == "uuid"
    own = ModelBuilder().define(
        "H", {"id": {"type": "number", "generated": True, "id": True, "useDefaultIdType": False}}
    )
    spec, _ = bind(own, "cassandra", default_id_type="uuid")
    assert str(spec.field["id"].type) == "number"


# ---------------------------------------------------------------- settings


def test_settings() -> None:
    found = definition_from_ldl(
        "M",
        {"a": "string", "b": "string"},
        {
            "tableName": "t", "strict": False, "hidden": ["a"], "protected": {"b": True},
            "indexes": {"i": {"keys": {"a": 1, "b": -1}}}, "plural": "Ms", "acls": [],
            "relations": {"x": {"type": "hasMany", "model": "X", "foreignKey": ""}},
            "cloudant": {"database": "test"}, "view": True, "description": "About.",
        },
    )  # fmt: skip
    assert found.storage_name == "t"
    assert found.open is True
    assert found.properties["a"].hidden
    assert found.properties["b"].protected
    assert found.indexes[0].keys == (("a", "asc"), ("b", "desc"))
    assert found.settings == {"plural": "Ms", "acls": []}
    assert found.hints == {"cloudant": {"database": "test"}}
    assert found.relations["x"]["model"] == "X"
    assert not found.managed
    assert found.doc == "About."


def test_dictionary_models_leave_openness_to_the_connector() -> None:
    assert definition_from_ldl("M", {}).open is None
    assert definition_from_ldl("M", {}, {"strict": True}).open is False
    assert definition_from_ldl("M", {}, {"strict": "filter"}).strict_filter


def test_views() -> None:
    found = definition_from_ldl(
        "V", {}, {"view": {"of": "B", "partition": ["a"], "clustering": ["-b"], "fields": ["c"]}}
    )
    assert found.view is not None
    assert found.view.key == KeySpec(("a",), (("b", "desc"),))
    assert reread(found) == found


def test_unknown_keys_are_kept_and_reported_once() -> None:
    with pytest.warns(DefinitionWarning) as caught:
        found = definition_from_ldl(
            "M", {"a": {"type": "string", "requird": True}}, {"colour": "red"}
        )
    assert len(caught) == 1
    assert "a.requird" in str(caught[0].message)
    assert "colour" in str(caught[0].message)
    assert found.extra == {"colour": "red"}
    assert found.properties["a"].extra == {"requird": True}
    with pytest.warns(DefinitionWarning):
        assert reread(found) == found


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"name": "User", "properties": {"a": "number"}, "options": {"tableName": "t"}}, "User"),
        ({"name": "User", "properties": {"a": "number"}, "settings": {"tableName": "t"}}, "User"),
        ({"name": "User", "properties": {"a": "number"}, "tableName": "t"}, "User"),
        ({"name": "User"}, "User"),
        ({"id": "number", "name": "string"}, "AnonymousModel_1"),
    ],
)
def test_documents_in_all_forms(document: Any, name: str) -> None:
    model = ModelBuilder().from_ldl(document)
    assert model.__definition__.name == name
    if "properties" in document:
        assert model.__definition__.storage_name == "t"


def test_files(tmp_path: Any) -> None:
    path = tmp_path / "pet.json"
    path.write_text('{"name": "Pet", "base": "PersistedModel", "properties": {"name": "string"}}')
    assert Model.from_ldl(path).__definition__.name == "Pet"
    path.write_text("{")
    with pytest.raises(ConfigurationError):
        Model.from_ldl(path)
    with pytest.raises(ConfigurationError):
        Model.from_ldl(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("properties", "settings_", "code"),
    [
        ({"a": "strin<g"}, {}, "unknown-type"),
        ({"a": 5}, {}, "unknown-type"),
        ({"a": ["string", "number"]}, {}, "unknown-type"),
        ({"a": {"type": "string", "length": -1}}, {}, "bad-option"),
        ({"a": {"type": "string", "required": "yes"}}, {}, "bad-option"),
        ({"a": {"type": "number", "default": "x"}}, {}, "bad-default"),
        ({"a": {"type": "string", "defaultFn": "uid"}}, {}, "unknown-default"),
        ({"a": {"type": "string", "length": 3, "limit": 4}}, {}, "bad-option"),
        ({"a": [{"type": "string", "id": True}]}, {}, "bad-option"),
        ({"$a": "string"}, {}, "property-name"),
        ({"and": "string"}, {}, "property-name"),
        ({5: "string"}, {}, "property-name"),
        ("string", {}, "bad-definition"),
        ({}, [], "bad-definition"),
        ({}, {"strict": "perhaps"}, "bad-option"),
        ({}, {"indexes": [1]}, "bad-index"),
        ({}, {"relations": {"x": {}}}, "bad-option"),
        ({}, {"base": 5}, "bad-option"),
        ({"a": {"type": "object", "id": True}}, {}, "bad-key"),
    ],
)
def test_mistakes_are_named(properties: Any, settings_: Any, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        definition_from_ldl("M", properties, settings_)
    assert caught.value.code == code


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    deep: Any = "string"
    for _ in range(2000):
        deep = {"a": deep}
    with pytest.raises(ConfigurationError) as caught:
        definition_from_ldl("M", deep)
    assert caught.value.code == "definition-too-deep"
    listed: Any = "string"
    for _ in range(2000):
        listed = [listed]
    with pytest.raises(ConfigurationError):
        definition_from_ldl("M", {"a": listed})
    with pytest.raises(ConfigurationError):
        definition_from_ldl("M", {"a": "list<" * 2000 + "int" + ">" * 2000})


# ---------------------------------------------------------------- round trips

names = st.from_regex(r"[a-z][a-zA-Z]{0,6}", fullmatch=True).filter(
    lambda n: n not in {"and", "or", "nor", "not", "type"}
)
scalars = st.sampled_from(
    ["string", "text", "integer", "number", "double", "decimal", "boolean", "date", "dateonly",
     "time", "duration", "buffer", "uuid", "timeuuid", "inet", "geopoint", "any", "object",
     "Address", "model:Point", "set<string>", "map<uuid, list<Address>>", "tuple<int, string>",
     "vector<float, 3>"]
)  # fmt: skip
flags = st.sampled_from([True, False])
text_options = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "required": flags, "unique": flags, "hidden": flags, "protected": flags, "trim": flags,
        "lowercase": flags, "length": st.integers(0, 99), "minLength": st.integers(0, 9),
        "index": flags | st.fixed_dictionaries({"kind": st.just("sai")}),
        "default": st.text(max_size=4).filter(lambda t: t != "$now"), "doc": st.text(max_size=5),
        "pattern": st.sampled_from(["^a", "/x+/i"]),
        "enum": st.lists(st.text(), min_size=1, max_size=2),
        "columnName": names, "nullable": flags, "generated": flags, "format": st.just("0>5"),
        "collation": st.sampled_from(["codepoint", "icu"]), "jsonSchema": st.just({"a": [1]}),
        "cassandra": st.fixed_dictionaries({"column": names}),
    },
)  # fmt: skip
number_options = st.fixed_dictionaries(
    {"type": st.sampled_from(["number", "integer", "decimal", "double"])},
    optional={
        "min": st.integers(-5, 5), "max": st.integers(-5, 5), "default": st.integers(-5, 5),
        "precision": st.integers(1, 9), "scale": st.integers(0, 9), "bits": st.just(32),
    },
)  # fmt: skip
date_options = st.fixed_dictionaries(
    {"type": st.sampled_from(["date", "dateonly"])},
    optional={"default": st.just("2024-05-01"), "max": st.just("2030-01-01")},
)
timed = st.fixed_dictionaries({"type": st.just("date"), "defaultFn": st.just("now")})
leaves = scalars | text_options | number_options | date_options | timed
forms = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner.filter(lambda f: isinstance(f, str)), min_size=1, max_size=1)
        | st.builds(lambda f: {"type": f}, st.dictionaries(names, inner, min_size=1, max_size=3))
        | st.just([{"type": "string", "length": 3, "trim": True}])
    ),
    max_leaves=6,
)
model_settings = st.fixed_dictionaries(
    {},
    optional={
        "tableName": names, "strict": st.sampled_from([True, False, "filter"]), "managed": flags,
        "versioned": flags, "writes": st.sampled_from(["safe", "blind"]), "idInjection": flags,
        "plural": names, "scope": st.fixed_dictionaries({"limit": st.integers(0, 5)}),
        "scopes": st.dictionaries(
            names.filter(lambda n: len(n) > 4), st.just({"where": {"x": {"gt": 1}}}), max_size=2
        ),
        "mixins": st.dictionaries(names, flags | st.just([{"a": 1}]), max_size=2),
        "forceId": flags | st.just("auto"), "acls": st.lists(st.integers(), max_size=2),
        "models": st.dictionaries(names, names, max_size=1), "parentRef": flags,
        "cloudant": st.dictionaries(names, st.integers(), max_size=2), "abstract": flags,
        "description": st.text(max_size=5), "base": names, "typed": flags,
        "relations": st.dictionaries(
            names.filter(lambda n: len(n) > 4),
            st.just({"type": "hasMany", "model": "X", "foreignKey": ""}), max_size=1,
        ),
    },
)  # fmt: skip


@given(st.dictionaries(names, forms, max_size=4), model_settings)
def test_definition_to_ldl_to_definition_is_the_identity(
    properties: dict[str, Any], options: dict[str, Any]
) -> None:
    try:
        definition = definition_from_ldl("Thing", properties, options)
    except ConfigurationError:
        return
    assert reread(definition) == definition
    assert to_ldl(reread(definition)) == to_ldl(definition)


@settings(max_examples=30)
@given(st.dictionaries(names, leaves, max_size=3), model_settings, model_settings, st.data())
def test_a_model_that_extends_another_reads_the_same_beside_its_base(
    properties: dict[str, Any], options: dict[str, Any], own: dict[str, Any], data: st.DataObject
) -> None:
    changed = data.draw(
        st.dictionaries(st.sampled_from([*properties, "more"]), st.none() | text_options)
        .map(lambda some: {k: v for k, v in some.items() if k in properties or v is not None})
    )  # fmt: skip
    try:
        base = definition_from_ldl("Base", properties, options)
        sub = definition_from_ldl("Sub", changed, {**own, "base": "Base"}, base=base)
    except ConfigurationError:
        return
    document = json.loads(json.dumps(to_ldl(sub)))
    _, listed, said = document_parts(document)
    again = definition_from_ldl("Sub", listed, said, base=base)
    assert to_ldl(again) == to_ldl(sub)
    assert again.evolve(properties={}) == sub.evolve(properties={})


@given(st.dictionaries(names, forms, max_size=3))
def test_every_definition_makes_a_class_whose_ldl_says_the_same(properties: dict[str, Any]) -> None:
    builder = ModelBuilder()
    builder.define("Address", {"street": "string"})
    builder.define("Point", {"x": "number"})
    try:
        model = builder.define("Thing", properties)
    except ConfigurationError:
        return
    made: Any = model({})
    assert set(made.to_object()) == set(model.__definition__.properties)
    again = ModelBuilder().from_ldl(model.ldl())
    assert again.ldl() == model.ldl()


def test_typed_classes_round_trip() -> None:
    from juggler import Key, Prop, prop  # noqa: PLC0415 - for this test alone

    class Typed(Model, key=Key(partition=("team",), clustering=("-at",)), writes="blind"):
        team: Prop[str]
        at: Prop[dt.datetime]
        count_: Prop[int] = prop(default=1, name="count", le=9)
        tags: Prop[list[str] | None] = prop(default=None)

    assert reread(Typed.__definition__) == Typed.__definition__


def test_functions_as_defaults_are_written_by_name_and_not_read_back() -> None:
    document = ModelBuilder().define("F", {"a": {"type": "string", "default": str.title}}).ldl()
    assert document["properties"]["a"]["defaultFn"].endswith("title")
    with pytest.raises(ConfigurationError) as caught:
        ModelBuilder().from_ldl(document)
    assert caught.value.code == "unknown-default"


# ---------------------------------------------------------------- hostile input

words = st.sampled_from(
    ["type", "id", "name", "properties", "options", "settings", "relations", "indexes", "keys",
     "default", "defaultFn", "index", "unique", "length", "min", "max", "pattern", "enum", "strict",
     "base", "view", "of", "partition", "clustering", "hidden", "string", "number", "date", "[", "",
     "and", "$x", "a.b", "cassandra", "clusteringKeys", "key", "mixins", "typed", "format", "trim"]
)  # fmt: skip
hostile = st.recursive(
    st.none() | flags | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(words | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=600)
@given(hostile)
def test_any_json_is_a_model_or_one_of_our_errors(document: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DefinitionWarning)
        try:
            model = ModelBuilder().from_ldl(document)
            made: Any = model({})
        except JugglerError:
            return
    assert isinstance(made.to_object(), dict)


@settings(max_examples=300)
@given(hostile, hostile)
def test_any_property_and_settings_too(form: Any, options: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DefinitionWarning)
        try:
            definition = definition_from_ldl("M", {"a": form, "b": "string"}, options)
        except JugglerError:
            return
        json.dumps(to_ldl(definition))
