"""Reading a project's folder: JSON with comments, variants, variables, and what is no project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_projects import META, model, write

from juggler import ConfigurationError
from juggler.loopback import load
from juggler.loopback.files import without_comments

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_of_the_configuration_will_do(tmp_path: Path) -> None:
    write(tmp_path, {
        "client/lb/model-config.json": {"_meta": {"sources": ["./models"]}, "A": {
            "dataSource": "db"}},
        "client/lb/datasources.json": {"db": {"connector": "memory"}},
        "client/lb/models/a.json": {"name": "A", "properties": {"x": "string"}},
    })  # fmt: skip
    with load(str(tmp_path / "client" / "lb")) as project:
        assert project["A"].create(x="1").x == "1"
        assert repr(project).startswith("<Project lb: 1 models, 1 data sources")


def test_places_are_named_from_the_given_folder_on(tmp_path: Path) -> None:
    write(tmp_path, {
        "server/model-config.json": {"A": {"dataSource": None}},
        "common/models/a.json": {"name": "A"},
        "common/models/a.js": "module.exports = function(A) { A.x = function() {}; }",
    })  # fmt: skip
    for folder, place in (("", "common/models/a.js"), ("server", "../common/models/a.js")):
        (finding,) = load(tmp_path / folder).report.lost
        assert finding.place == place


def test_sources_without_meta_are_the_usual_folders(tmp_path: Path) -> None:
    write(tmp_path, {
        "server/model-config.json": {"A": {"dataSource": "db"}, "B": {"dataSource": "db"}},
        "server/datasources.json": {"db": {"connector": "memory"}},
        "server/models/a.json": {"name": "A"},
        "common/models/b.json": {"name": "B"},
        "common/models/_not.json": "broken {",
    })  # fmt: skip
    with load(tmp_path) as project:
        assert set(project.models) == {"A", "B"}


def test_documents_of_installed_packages(load_project: Any) -> None:
    package = "loopback-component-passport/lib/models"
    files = {
        f"node_modules/{package}/user-credential.json": model("UserCredential", {"p": "string"}),
        "server/model-config.json": {
            "_meta": {"sources": [package, "missing-package/models", "../common/models"]},
            "UserCredential": {"dataSource": "db"},
        },
    }
    project = load_project(files=files)
    assert project["UserCredential"].create(p="x").p == "x"
    assert "'missing-package/models' is not installed" in str(project.report)


@pytest.mark.parametrize(
    ("files", "code", "says"),
    [
        ({}, "loopback-project", "holds no server/model-config.json"),
        ({"models.json": {}}, "loopback-project", "holds no server"),
        ({"server/model-config.json": "[]"}, "loopback-config", "no JSON object"),
        ({"server/model-config.json": {"A": "db"}}, "loopback-config", "'A'"),
        ({"server/model-config.json": {"A": {"properties": {}}}}, "loopback-config", "'A'"),
        (
            {"server/model-config.json": '{\n  "A": {}\n  "B": {}\n}'},
            "loopback-json",
            "server/model-config.json, line 3, column 3",
        ),
        (
            {"server/model-config.json": {"_meta": META}, "common/models/a.json": '{"name": \n//x'},
            "loopback-json",
            "common/models/a.json, line 2",
        ),
        ({"server/model-config.json": "[" * 100_000}, "loopback-json", "server/model-config.json"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, files: Any, code: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, files))
    assert caught.value.code == code
    assert says in caught.value.message
    assert caught.value.hint


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no folder"):
        load(tmp_path / "nowhere")


def test_comments_anywhere(load_project: Any) -> None:
    text = """\ufeff/* all
    models */
    { // a comment
      "name": "Thing", /* "x": */
      "properties": {"url": {"type": "string", "default": "http://x/*y*/"}} // done
    }"""
    project = load_project(
        files={"common/models/t.json": text}, config={"Thing": {"dataSource": "db"}}
    )
    assert project["Thing"].create({}).url == "http://x/*y*/"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.text(alphabet='/*"\\ \nab'))
def test_leaving_comments_out_changes_no_value(value: Any, noise: str) -> None:
    comment = f"/*{noise.replace('*/', '')}*/ //{noise.splitlines()[0] if noise else ''}\n"
    text = json.dumps(value, indent=1)
    assert json.loads(without_comments(f"{comment}{text}{comment}")) == value
    assert len(without_comments(text)) == len(text)


def test_variants_of_the_environment(load_project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "server/datasources.local.json": {"db": {"pageSize": 5, "timeout": 7}},
        "server/datasources.production.json": {"db": {"timeout": 9}},
        "server/model-config.production.json": {"A": {"public": False}},
    }
    models = {"a": model("A")}
    project = load_project(models, files=files)
    assert (project.sources["db"].settings["timeout"], project.config["A"]["public"]) == (7, True)
    project = load_project(models, files=files, env="production")
    assert (project.sources["db"].settings["timeout"], project.config["A"]["public"]) == (9, False)
    monkeypatch.setenv("NODE_ENV", "production")
    project = load_project(models, files=files)
    assert project.sources["db"].settings["timeout"] == 9
    assert project.sources["db"].settings["page_size"] == 5


def test_variants_in_javascript_are_reported(load_project: Any) -> None:
    files = {"server/datasources.production.js": "module.exports = {db: {}}"}
    assert not load_project(files=files).report.lost
    (finding,) = load_project(files=files, env="production").report.lost
    assert finding.place == "server/datasources.production.js"


def test_variables(load_project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "server/datasources.json": {
            "db": {
                "connector": "${KIND}", "timeout": "${TIME}", "host": "${A}.${B}", "url": "${NONE}",
            }
        },
        "server/config.json": {"KIND": "nothing", "TIME": 4, "A": "a"},
    }  # fmt: skip
    monkeypatch.setenv("KIND", "memory")
    monkeypatch.setenv("B", "b")
    project = load_project(files=files)
    settings = project.sources["db"].settings
    assert (settings["timeout"], settings["host"], settings["url"]) == (4, "a.b", None)
    (finding,) = project.report.lost
    assert finding.message.startswith("${NONE} has no value")
    said = {"KIND": "memory", "B": "c", "NONE": "memory:"}
    project = load_project(files=files, variables=said)
    assert project.sources["db"].settings["host"] == "a.c"
    assert not project.report.lost
