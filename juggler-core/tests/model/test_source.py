"""Definitions as the source of typed classes: the source runs and means the same."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import ConfigurationError, ModelBuilder, connect
from juggler.model.ldl.reading import definition_from_ldl
from juggler.model.naming import FILTER_WORDS
from juggler.model.typed_source import python_source

DOCUMENTS: list[dict[str, Any]] = [
    {
        "name": "User-x",
        "base": "Base",
        "description": 'A "user".',
        "properties": {
            "code": {"type": "string", "id": True},
            "first-name": {"type": "string", "default": "x", "pattern": r"^a\d"},
            "count": "number",
            "made": {"type": "date", "default": "$now"},
            "token": {"type": "uuid", "defaultFn": "uuid"},
            "list": [{"type": "string", "length": 3, "pattern": "x"}],
            "nested": {"a": "number", "b": {"c": "string"}},
            "money": {"type": "decimal", "default": "1.5", "precision": 9, "scale": 2},
            "until": {"type": "date", "max": "2024-01-01"},
            "tags": {"type": ["string"], "default": ["a"]},
            "at": "timeuuid",
            "vector": "vector<float, 3>",
            "size": {"type": "integer", "bits": 32, "min": 1, "max": 9},
            "kind": {"type": "string", "enum": ["a", "b"], "trim": True, "lowercase": True},
            "any": "any",
            "object": "object",
            "place": {"type": "geopoint", "default": "1,2"},
            "map": "map<string, list<integer>>",
            "hinted": {"type": "string", "oracle": {"column": "X"}, "kv-redis": {"x": 1}},
            "home": "Addr",
        },
        "relations": {"posts": {"type": "hasMany", "model": "Post", "foreignKey": "userId"}},
        "options": {
            "tableName": "u", "strict": False, "acls": [], "oracle": {"table": "T"},
            "indexes": {"i": {"keys": {"count": 1, "code": -1}}},
        },
    },
    {"name": "Base", "properties": {"code": {"type": "string", "id": True}}, "abstract": True},
    {"name": "Addr", "properties": {"x": "number"}},
    {"name": "V", "view": {"of": "User-x", "partition": ["count"], "fields": ["at"]}},
    {"name": "T", "properties": {"a": "string", "b": "date"},
     "options": {"key": {"partition": ["a"], "clustering": ["-b"]}}},
]  # fmt: skip


def run(source: str) -> dict[str, Any]:
    module = types.ModuleType("generated_models")
    sys.modules["generated_models"] = module
    try:
        exec(compile(source, "generated_models.py", "exec"), vars(module))  # noqa: S102 - our own source
    finally:
        del sys.modules["generated_models"]
    return vars(module)


def test_the_source_of_everything_runs_and_means_the_same() -> None:
    source = python_source(DOCUMENTS)
    found = run(source)
    builder = ModelBuilder()
    builder.define("Addr", DOCUMENTS[2]["properties"])
    for document, name in zip(DOCUMENTS, ("User_x", "Base", "Addr", "V", "T"), strict=True):
        if name == "V":
            continue
        typed = found[name].__definition__
        given = definition_from_ldl(
            document["name"],
            document.get("properties"),
            {k: v for k, v in {**document, **document.get("options", {})}.items()
             if k not in {"name", "properties", "options", "base"}},
        )  # fmt: skip
        assert typed.name == given.name
        assert typed.key == given.key
        assert typed.storage_name == given.storage_name
        assert typed.indexes == given.indexes
        assert typed.relations == given.relations
        assert typed.hints == given.hints
        for key, prop in given.properties.items():
            own = typed.properties[key]
            assert own.rules == prop.rules
            assert own.conversions == prop.conversions
            assert own.hints == prop.hints
            assert own.type == prop.type, key
            assert own.attribute in {prop.attribute, "first_name", f"{key}_"}
    assert found["User_x"].__doc__ == "A 'user'."
    assert issubclass(found["User_x"], found["Base"])


def test_the_source_is_written_for_people() -> None:
    source = python_source([{"name": "Pet", "properties": {"id": "string", "name": {
        "type": "string", "required": True}, "born": "date"}}])  # fmt: skip
    assert source == (
        '"""Models."""\n\nfrom __future__ import annotations\n\nimport datetime as dt\n\n'
        "from juggler import Model, Prop, prop\n\n\n"
        "class Pet(Model):\n"
        "    id: Prop[str] = prop(id=True)\n"
        "    name: Prop[str] = prop(required=True)\n"
        "    born: Prop[dt.datetime | None] = prop(default=None)\n"
    )


def test_objects_and_made_keys_are_what_strict_checkers_take() -> None:
    document = {
        "name": "Token",
        "properties": {
            "id": {"type": "string", "id": True, "generated": True, "defaultFn": "uuidv4"},
            "options": "object",
        },
    }
    source = python_source([document])
    assert 'options: Prop[dict[str, Any] | None] = prop(type="object", default=None)' in source
    assert "id=True, default_factory=lambda: str(uuid4()), generated=True" in source
    found = run(source)["Token"]
    assert found.__definition__.properties["options"].type.kind.value == "object"


def test_a_circle_of_bases_ends() -> None:
    documents = [{"name": "A", "base": "B"}, {"name": "B", "base": "A"}]
    assert "class A" in python_source(documents)


def test_what_is_no_definition_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        python_source([5])  # type: ignore[list-item]


text = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(
    st.dictionaries(
        text.filter(lambda t: t and not set(t) & set(".$*") and t not in FILTER_WORDS),
        st.fixed_dictionaries(
            {"type": st.just("string")},
            optional={"default": st.text(max_size=5), "doc": st.text(max_size=5)},
        ),
        max_size=2,
    )
)  # fmt: skip
def test_strange_names_and_texts_never_break_the_source(properties: dict[str, Any]) -> None:
    try:
        definition = definition_from_ldl("M", properties, {"idInjection": False})
    except ConfigurationError:
        return
    compile(python_source([definition]), "m.py", "exec")


def test_names_that_the_module_uses_are_left_to_it() -> None:
    """A column ``prop`` or ``dt`` would hide the function or module from the lines below it."""
    names = ["prop", "Prop", "Key", "Model", "dt", "int", "list", "Decimal", "UUID", "zz"]
    types = ["number", "integer", "string", "string", "date", "integer", ["integer"], "decimal"]
    properties = dict(zip(names, [*types, "uuid", "integer"], strict=True))
    documents = [
        {"name": name, "properties": {"id": {"type": "string", "id": True}, **properties}}
        for name in ("Things", "Model", "Prop", "View")
    ]
    found = run(python_source(documents))
    for document, name in zip(documents, ("Things", "Model_", "Prop_", "View_"), strict=True):
        definition = found[name].__definition__
        assert definition.name == document["name"]
        assert list(definition.properties) == ["id", *names]
        assert definition.properties["prop"].attribute == "prop_"
        assert definition.properties["zz"].attribute == "zz"


def test_scopes_and_other_settings_come_along() -> None:
    builder = ModelBuilder()
    model = builder.define(
        "User",
        {"id": {"type": "number", "id": True}, "age": "number"},
        {"scope": {"where": {"age": 1}}, "scopes": {"old": {"where": {"age": {"gt": 60}}}}},
    )
    source = python_source([model.__definition__])
    space: dict[str, Any] = {}
    exec(source, space)  # noqa: S102 - what is written here is what people run
    settings = space["User"].__definition__.settings
    assert settings == model.__definition__.settings
    model.scope("young", {"where": {"age": {"lt": 20}}})
    with_function = builder.define("Other", {}, {"scope": dict})
    text = python_source([with_function.__definition__])
    assert "scope is a function" in text
    compile(text, "models.py", "exec")


def test_no_models_are_a_module_too() -> None:
    compile(python_source([]), "models.py", "exec")


def test_polymorphic_keys_of_documents_are_named() -> None:
    db = connect("memory:")
    photo = db.define("Photo", {"id": {"type": "number", "id": True, "generated": True}})
    author = db.define("Author", {"id": {"type": "number", "id": True, "generated": True}})
    photo.belongs_to("shown", polymorphic={"idType": "number"})
    author.has_many(photo, as_="photos", polymorphic="shown")
    author.create().photos.create()
    found = run(python_source([photo.__definition__, author.__definition__]))
    other = connect("memory:")
    other.attach(found["Photo"], found["Author"])
    one = found["Author"].create().photos.create()
    assert (one.shownId, one.shownType) == (1, "Author")
    assert one.shown().id == 1
