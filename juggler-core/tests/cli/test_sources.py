from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_without_a_data_source_the_error_says_how_to_name_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("models", "--json")
    assert answer.code == 2
    assert answer.error["code"] == "no-data-source"
    assert "--on memory:" in answer.error["hint"]


def test_the_project_names_data_source_and_models(run: Run, project: Path) -> None:
    cards = {card["name"]: card for card in run("models", "--json").json}
    assert set(cards) == {"User", "Pet"}
    assert cards["User"]["key"] == {"partition": ["id"], "clustering": []}
    assert [p["name"] for p in cards["User"]["properties"]][-3:] == ["id", "name", "age"]
    assert cards["User"]["indexes"][0]["keys"] == ["age"]
    assert "User" in run("models").out


def test_a_name_of_the_project_comes_before_a_connector(run: Run, users: Path) -> None:
    assert run("count", "User", "--json").json == {"model": "User", "count": 4}
    assert run("count", "User", "--json", "--on", "other").json["count"] == 0
    assert run("count", "User", "--json", "--on", "juggler.toml#other").json["count"] == 0
    assert run("count", "User", "--json", "--on", "memory").json["count"] == 0


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("{module}:User", ["User"]),
        ("{module}:Pet, User", ["Pet", "User"]),
        ("{module}", ["Pet", "User"]),
        ("tag.json", ["Tag"]),
        ("ldl", ["Room", "Tag"]),
        ("several.json", ["Room", "Tag"]),
    ],
)
def test_models_come_from_modules_and_documents(
    run: Run, project: Path, place: str, names: list[str]
) -> None:
    tag = {"name": "Tag", "properties": {"id": {"type": "string", "id": True}}}
    room = {"name": "Room", "properties": {"id": {"type": "number", "id": True}, "size": "number"}}
    (project / "ldl").mkdir()
    (project / "ldl" / "tag.json").write_text(json.dumps(tag), encoding="utf-8")
    (project / "ldl" / "room.json").write_text(json.dumps(room), encoding="utf-8")
    (project / "tag.json").write_text(json.dumps(tag), encoding="utf-8")
    (project / "several.json").write_text(json.dumps([tag, room]), encoding="utf-8")
    module = next(project.glob("models_*.py")).stem
    found = run("models", "--json", "--models", place.format(module=module)).json
    assert [card["name"] for card in found] == names


def test_models_that_are_parts_of_others_are_no_tables(run: Run, project: Path) -> None:
    source = """from juggler import Model, Prop, prop
class Address(Model, id_injection=False):
    street: Prop[str]
class Home(Model):
    id: Prop[str] = prop(id=True)
    address: Prop[Address | None] = prop(default=None)
"""
    (project / "homes_of_people.py").write_text(source, encoding="utf-8")
    found = run("models", "--json", "--models", "homes_of_people").json
    assert [card["name"] for card in found] == ["Home"]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("no.such.module", "models-import"),
        ("broken", "models-import"),
        ("needy", "models-import"),
        ("json", "models-place"),
        ("{module}:Usr", "models-place"),
        ("gone.json", "models-place"),
        ("empty", "models-place"),
    ],
)
def test_a_place_without_models_is_refused(run: Run, project: Path, place: str, code: str) -> None:
    (project / "empty").mkdir()
    (project / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    (project / "needy.py").write_text("import a_module_nobody_has\n", encoding="utf-8")
    module = next(project.glob("models_*.py")).stem
    answer = run("models", "--json", "--models", place.format(module=module))
    assert (answer.code, answer.error["code"]) == (2, code)


def test_an_unknown_model_is_refused_with_a_suggestion(run: Run, project: Path) -> None:
    answer = run("find", "Usr", "--json")
    assert (answer.code, answer.error["code"]) == (2, "unknown-model")
    assert "'User'" in answer.error["hint"]


def test_ping_says_what_answers_and_no_secret(run: Run, project: Path) -> None:
    answer = run("ping", "--json")
    assert answer.code == 0
    assert answer.json["connector"] == "memory"
    assert answer.json["settings"]["password"] == "***"
    for words in (("ping",), ("ping", "--debug"), ("ping", "--json")):
        shown = run(*words)
        assert "hunter2" not in shown.out + shown.err


@pytest.mark.parametrize("extra", [(), ("--debug",), ("--json",)])
def test_a_wrong_setting_shows_no_secret(run: Run, project: Path, extra: tuple[str, ...]) -> None:
    answer = run("ping", "--on", "memory://joe:hunter2@host:1/db?secrt=hunter2", *extra)
    assert answer.code == 2
    assert "hunter2" not in answer.out + answer.err


def test_an_unknown_connector_lists_what_is_there(run: Run, project: Path) -> None:
    answer = run("ping", "--on", "memry:")
    assert answer.code == 2
    assert "did you mean 'memory'?" in answer.err


def test_discover_prints_documents_classes_and_files(run: Run, users: Path) -> None:
    (document,) = run("discover").json
    assert document["name"] == "User"
    assert set(document["properties"]) == {"note", "id", "name", "age"}
    assert "class User(Model" in run("discover", "--python").out
    assert "class User(Model" in run("discover", "--python", "--json").json["python"]

    written = run("discover", "--write", "found.py", "--json").json
    assert written == {"written": "found.py", "models": ["User"]}
    assert run("count", "User", "--models", "found").out == "4\n"
    again = run("discover", "--write", "found.py", "--json")
    assert (again.code, again.error["code"]) == (2, "file-exists")
    assert run("discover", "--write", "found.py", "--force").code == 0
    assert run("discover", "--write", "found.txt", "--json").error["code"] == "discovery"


def test_a_wrong_project_file_is_refused(run: Run, project: Path) -> None:
    toml = project / "juggler.toml"
    toml.write_text("models = 3\n[datasources.default]\nconnector = 'memory'\n", encoding="utf-8")
    assert run("models", "--json").error["code"] == "settings-file"
    toml.write_text("models = [", encoding="utf-8")
    assert run("models", "--json").error["code"] == "settings-file"


def test_ldl_as_document_and_as_typed_class(run: Run, project: Path) -> None:
    document = run("ldl", "User").json
    assert document["name"] == "User"
    assert set(document["properties"]) == {"note", "id", "name", "age"}
    source = run("ldl", "User", "--python").out
    assert "class User(Model" in source
    (project / "again.py").write_text(source, encoding="utf-8")
    assert run("ldl", "User", "--models", "again").json["properties"] == document["properties"]


def test_a_data_source_that_the_project_does_not_have(run: Run, project: Path) -> None:
    error = run("ping", "--json", "--on", "othr").error
    assert error["code"] == "unknown-connector"
    assert "juggler.toml: did you mean 'other'?" in error["hint"]
