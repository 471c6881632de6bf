"""Documents: bases, properties, settings, and what is refused of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from loopback_projects import model

from juggler import JugglerError, Model, Prop, prop

if TYPE_CHECKING:
    from juggler.loopback import Project


def one(load_project: Any, properties: Any = None, **more: Any) -> Project:
    return load_project({"thing": model("Thing", properties, **more)})  # type: ignore[no-any-return]


def places(project: Project, level: str = "lost") -> list[str]:
    return [f.place for f in getattr(project.report, level)]


def test_bases_are_defined_first_whatever_the_order(load_project: Any) -> None:
    project = load_project({
        "a": model("Animal", {"legs": "number"}, base="Thing"),
        "b": model("Cat", {"lives": {"type": "number", "default": 9}}, base="Animal"),
        "t": model("Thing", {"made": {"type": "date", "defaultFn": "now"}}),
    })  # fmt: skip
    cat = project["Cat"].create(legs=4)
    assert (cat.lives, cat.legs) == (9, 4)
    assert isinstance(cat.made, dt.datetime)
    assert issubclass(project["Cat"], project["Thing"])


def test_a_base_need_not_be_in_the_configuration(load_project: Any) -> None:
    files = {"common/models/base-thing.json": model("BaseThing", {"made": "date"})}
    project = load_project({"x": model("X", base="BaseThing")}, files=files)
    assert "made" in project["X"].__definition__.properties
    assert "BaseThing" not in project.models
    assert "BaseThing" in project.builder.models


def test_a_model_may_extend_loopbacks_model_of_its_name(load_project: Any) -> None:
    project = load_project({"user": model("User", {"nick": "string"}, base="User")})
    assert {"nick", "email", "password"} <= set(project["User"].__definition__.properties)


def test_an_unknown_base_is_reported_and_left_out(load_project: Any) -> None:
    project = one(load_project, {"a": "string"}, base="PassportThing")
    assert project["Thing"].create(a="x").a == "x"
    assert "extends PassportThing" in str(project.report)


def test_models_that_extend_each_other_are_reported(load_project: Any) -> None:
    project = load_project({"a": model("A", base="B"), "b": model("B", base="A")})
    assert set(project.models) == {"A", "B"}
    assert "extends itself" in str(project.report)


def test_a_document_without_a_name_is_called_like_its_file(load_project: Any) -> None:
    document = {"properties": {"a": "string"}}
    project = load_project(
        files={"common/models/coffee-shop.json": document},
        config={"CoffeeShop": {"dataSource": "db"}},
    )
    assert project["CoffeeShop"].create(a="x").id == 1


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("String", "x"), ({"type": "String"}, "x"), (["string"], ["x"]),
        ({"type": ["string"]}, ["x"]), ({"type": "array"}, [1]), ({"type": "any"}, {"a": [1]}),
        ({"type": "object"}, {"a": 1}), ({"type": {"a": "number"}}, None), ("Number", 1.5),
        ({"type": "boolean", "default": False}, True), ({"type": "date"}, None),
        ({"type": "string", "mysql": {"columnName": "x", "dataType": "varchar"}}, "x"),
        ({"type": "string", "length": None, "precision": None, "scale": 0}, "x"),
        ({"type": "string", "required": False, "index": True}, "x"), ({"type": "dateString"}, None),
        ({"type": "number", "description": ["Several", "lines"]}, 2),
        ({"type": "string", "index": {"unique": True}}, "x"),
    ],
)  # fmt: skip
def test_forms_of_properties(load_project: Any, form: Any, value: Any) -> None:
    project = one(load_project, {"p": form})
    assert not project.report.lost, str(project.report)
    project["Thing"].create(p=value)
    assert project["Thing"].find_one()["p"] == value


def test_loose_flags_mean_what_they_say(load_project: Any) -> None:
    project = one(load_project, {"p": {"type": "string", "required": "true"}})
    assert project["Thing"].__definition__.properties["p"].required


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"type": "string", "default": {"a": 1}}, "Thing.p.default"),
        ({"type": "date", "default": "soon"}, "Thing.p.default"),
        ({"type": "string", "defaultFn": "mine"}, "Thing.p.defaultFn"),
        ({"type": "string", "required": "sometimes", "index": True}, "Thing.p.required"),
        ({"type": "Container"}, "Thing.p"),
        (["Container"], "Thing.p"),
        ({"type": ["string", "number"]}, "Thing.p"),
    ],
)
def test_refused_parts_are_named_and_the_rest_is_kept(
    load_project: Any, form: Any, place: str
) -> None:
    project = one(load_project, {"p": form, "q": {"type": "string", "required": True}})
    assert places(project) == [place]
    assert project["Thing"].create(q="x", p=None).q == "x"
    if isinstance(form, dict) and "index" in form:
        assert project["Thing"].__definition__.properties["p"].index


def test_a_property_with_an_impossible_name_is_reported(load_project: Any) -> None:
    project = one(load_project, {"a.b": "string", "$c": "string", "d": "string"})
    assert places(project) == ["Thing.a.b", "Thing.$c"]
    assert "d" in project["Thing"].__definition__.properties


def test_settings_at_top_level_and_in_options(load_project: Any) -> None:
    project = one(
        load_project,
        {"a": "string", "secret": "string"},
        strict=True,
        plural="things",
        hidden=["secret"],
        options={"tableName": "things", "strict": "filter", "mysql": {"table": "x"}},
        indexes={"a_ix": {"keys": {"a": 1}, "options": {"unique": True}}},
    )
    definition = project["Thing"].__definition__
    assert definition.strict_filter
    assert definition.storage_name == "things"
    assert definition.hints["mysql"] == {"table": "x"}
    assert definition.indexes[0].unique
    assert not project.report.lost
    project["Thing"].create({"a": "x", "b": 1, "secret": "s"})
    assert project["Thing"].find_one().to_json() == {"id": 1, "a": "x"}


def test_the_configuration_adds_to_the_document(load_project: Any) -> None:
    project = load_project(
        {"a": model("A", acls=[{"permission": "DENY"}]), "b": model("B")},
        config={
            "A": {
                "dataSource": "db",
                "options": {"strict": True, "base": "B"},
                "acls": [{"permission": "ALLOW"}],
                "relations": {"bs": {"type": "hasMany", "model": "B", "foreignKey": "aId"}},
            }
        },
    )
    definition = project["A"].__definition__
    assert definition.open is False
    assert definition.base is None
    assert [acl["permission"] for acl in definition.settings["acls"]] == ["DENY", "ALLOW"]
    assert project["A"].create({}).bs.create({}).aId == 1


def test_scopes_of_documents(load_project: Any) -> None:
    project = one(
        load_project,
        {"n": "number", "gone": {"type": "boolean", "default": False}},
        scope={"where": {"gone": False}},
        scopes={"big": {"where": {"n": {"gt": 5}}}, "bad": {"limit": "many"}},
    )
    thing = project["Thing"]
    thing.create_all([{"n": 1}, {"n": 7}, {"n": 9, "gone": True}])
    assert [t.n for t in thing.big()] == [7]
    assert places(project) == ["Thing.scopes.bad"]


@pytest.mark.parametrize("word", ["strict", "scope", "hidden"])
def test_a_setting_that_makes_no_sense_is_reported(load_project: Any, word: str) -> None:
    project = one(load_project, {"a": "string"}, **{word: 42, "plural": "things"})
    assert places(project) == [f"Thing.{word}"]
    assert project["Thing"].__definition__.settings["plural"] == "things"


def test_unknown_words_are_kept_and_reported(load_project: Any) -> None:
    project = one(load_project, {"a": {"type": "string", "colour": "red"}}, colour="blue")
    assert places(project, "kept") == ["Thing.colour", "Thing.a.colour"]
    assert project["Thing"].__definition__.extra == {"colour": "blue"}


def test_mixed_indexes_that_are_broken(load_project: Any) -> None:
    indexes = {"ok": {"a": 1}, "text": {"keys": {"a": "text"}}, "none": {"unique": True}}
    project = one(load_project, {"a": "string"}, indexes=indexes)
    assert places(project) == ["Thing.indexes.text", "Thing.indexes.none"]
    assert [i.name for i in project["Thing"].__definition__.indexes] == ["ok"]


class Stamped(Model, abstract=True):
    stamp: Prop[str] = prop(default="fresh")

    def shout(self) -> str:
        return self.stamp.upper()


def test_mixins_come_from_the_caller(load_project: Any) -> None:
    def tag(cls: Any, options: Any) -> None:
        cls.define_property(options["as"], "string")

    document = model("Thing", mixins={"Stamp": True, "Tag": {"as": "label"}, "Off": False})
    project = load_project(
        {"thing": document},
        mixins={"Stamp": Stamped, "Tag": tag},
    )
    thing = project["Thing"].create(label="x")
    assert (thing.label, thing.shout()) == ("x", "FRESH")
    assert not project.report.lost


def test_mixins_in_javascript_are_reported(load_project: Any) -> None:
    document = model("Thing", mixins={"TimeStamp": {"required": False}, "Off": False})
    code = "module.exports = function(Model) { Model.defineProperty('at', {type: Date}); }"
    project = load_project({"thing": document}, files={"common/mixins/time-stamp.js": code})
    (finding,) = project.report.lost
    assert "TimeStamp is JavaScript (common/mixins/time-stamp.js)" in finding.message
    assert 'mixins={"TimeStamp"' in finding.hint
    assert project["Thing"].__definition__.settings["mixins"] == document["mixins"]


def test_keys_that_nobody_gives_are_made_as_there(load_project: Any) -> None:
    project = load_project({
        "a": model("A", {"id": {"type": "number", "id": True}}),
        "b": model("B", {"code": {"type": "string", "id": True}}),
    })  # fmt: skip
    assert project["A"].create({}).id == 1
    assert project["A"].create(id=7).id == 7
    assert project["B"].create({}).code
    assert project["B"].create(code="x").code == "x"


def test_a_name_that_the_project_has_not(load_project: Any) -> None:
    project = one(load_project)
    with pytest.raises(JugglerError, match="did you mean 'Thing'"):
        project["Think"]


def test_no_injected_key_still_is_the_one_of_persisted_model(load_project: Any) -> None:
    project = load_project({
        "a": model("Task", {"name": "string"}, idInjection=False),
        "b": model("SubTask", {"more": "string"}, base="Task", idInjection=False),
        "c": model("Coded", {"code": {"type": "string", "id": True}}, idInjection=False),
    })  # fmt: skip
    assert [project[name].create(name="x").id for name in ("Task", "SubTask")] == [1, 1]
    assert project["Coded"].id_names() == ("code",)
    plain = {"place": {**model("Place", {"city": "string"}, idInjection=False), "base": "Model"}}
    inside = load_project(plain, config={"Place": {"dataSource": None}})
    assert list(inside["Place"].__definition__.properties) == ["city"]
