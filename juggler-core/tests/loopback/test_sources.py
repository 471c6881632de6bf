"""Data sources: LoopBack's, the caller's, and those that cannot be made."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from attrs import evolve, frozen
from loopback_projects import model

from juggler import ConfigurationError, connect, register
from juggler.connector import ConnectorInfo, hookimpl
from juggler.connector.registry import find, unregister
from juggler.connector.settings import setting
from juggler_memory.settings import MemorySettings

MODELS = {
    "a": model("A", relations={"bs": {"type": "hasMany", "model": "B", "foreignKey": ""}}),
    "b": model("B", {"n": "number"}),
}


def test_models_of_two_data_sources_are_related(load_project: Any) -> None:
    project = load_project(
        MODELS,
        files={"server/datasources.json": {
            "db": {"connector": "memory"}, "other": {"connector": "loopback-connector-memory"}}},
        config={"B": {"dataSource": "other"}},
    )  # fmt: skip
    project["A"].create({}).bs.create(n=3)
    assert project["A"].find_one({"include": "bs"}).to_json()["bs"][0]["n"] == 3
    assert project["B"].__link__.source is project.sources["other"]


def test_a_connector_that_is_not_there(load_project: Any) -> None:
    files = {"server/datasources.json": {"db": {"connector": "mongodb", "url": "mongodb://x"}}}
    project = load_project(MODELS, files=files)
    (finding,) = project.report.lost
    assert finding.place == "db"
    assert "'mongodb' is not there" in finding.message
    assert not project.sources
    with pytest.raises(ConfigurationError, match="not attached"):
        project["A"].create({})
    connect("memory:").attach(*project.models.values())
    assert project["A"].create({}).bs.create(n=1).aId == 1


@pytest.mark.parametrize("name", ["db", "*"])
def test_another_takes_its_place(load_project: Any, name: str) -> None:
    files = {"server/datasources.json": {"db": {"connector": "mongodb"}}}
    project = load_project(MODELS, files=files, sources={name: "memory:"})
    assert project.sources["db"].name == "memory"
    assert not project.report.lost
    assert project["A"].create({}).bs.create(n=1).aId == 1


def test_a_data_source_of_the_callers_stays_open(load_project: Any) -> None:
    with connect("memory:") as db:
        with load_project(MODELS, sources={"db": db}) as project:
            project["A"].create({})
        assert db.connected
        assert project["A"].count() == 1


def test_closing_closes_what_was_made(load_project: Any) -> None:
    with load_project(MODELS) as project:
        project["A"].create({})
        source = project.sources["db"]
        assert source.connected
    assert not source.connected


def test_an_unknown_name_in_sources(load_project: Any) -> None:
    with pytest.raises(ConfigurationError, match="no data source 'bd'") as caught:
        load_project(MODELS, sources={"bd": "memory:"})
    assert caught.value.code == "unknown-source"


def test_a_data_source_that_is_not_configured(load_project: Any) -> None:
    project = load_project({"a": model("A")}, config={"A": {"dataSource": "elsewhere"}})
    (finding,) = project.report.lost
    assert "is not in datasources.json" in finding.message
    project = load_project(
        {"a": model("A")},
        config={"A": {"dataSource": "elsewhere"}},
        sources={"elsewhere": "memory:"},
    )  # fmt: skip
    assert project["A"].create({}).id == 1


@pytest.mark.parametrize("said", [None, False])
def test_models_may_be_on_no_data_source(load_project: Any, said: Any) -> None:
    project = load_project({"a": model("A", {"n": "number"})}, config={"A": {"dataSource": said}})
    assert project["A"](n=1).n == 1
    assert not project.report.lost


def test_a_model_that_forgets_its_data_source(load_project: Any) -> None:
    project = load_project({"a": model("A")}, config={"A": {"public": True}})
    assert "gives it no dataSource" in str(project.report)


@pytest.mark.parametrize("connector", ["./connectors/mine", None, 3])
def test_a_connector_that_is_code(load_project: Any, connector: Any) -> None:
    files = {"server/datasources.json": {"db": {"connector": connector}}}
    assert "is not there" in load_project(files=files).report.lost[0].message


def test_settings(load_project: Any) -> None:
    files = {
        "server/datasources.json": {
            "db": {
                "name": "db", "connector": "memory", "localStorage": "", "file": "data.json",
                "connectionTimeout": 2500, "lazyConnect": False, "poolSize": 5, "debug": False,
            }
        }
    }  # fmt: skip
    report = (project := load_project(files=files)).report
    assert project.sources["db"].settings["connect_timeout"] == 2.5
    assert project.sources["db"].settings["file"] is None
    assert [f.message[:24] for f in report.lost] == ["connector 'memory' has n"]
    assert [f.message[:24] for f in report.changed] == [
        "it connects at the first", "nothing is written to th",
    ]  # fmt: skip


def test_a_setting_that_does_not_fit(load_project: Any) -> None:
    files = {"server/datasources.json": {"db": {"connector": "memory", "timeout": "soon"}}}
    (finding,) = load_project(MODELS, files=files).report.lost
    assert finding.place == "db"
    assert "invalid-setting" in finding.message


def test_secrets_are_in_no_report(load_project: Any) -> None:
    settings = {"connector": "mongodb", "url": "mongodb://u:hunter2@h/x", "password": "hunter2"}
    project = load_project(files={"server/datasources.json": {"db": settings}})
    assert "hunter2" not in f"{project.report}{project!r}{project.sources}"


@frozen(kw_only=True)
class OneWaySettings(MemorySettings):
    coerce_directions: bool = setting(default=False)


class OneWay:
    """Memory under another name, with the setting of stores whose indexes go one way."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        return evolve(find("memory"), name="one-way", settings=OneWaySettings)


def test_indexes_that_go_both_ways_are_made_one(load_project: Any) -> None:
    register(OneWay(), "one-way")
    indexes = {"mixed": {"keys": {"n": 1, "id": -1}}, "plain": {"keys": {"n": 1}}}
    try:
        project = load_project(
            {"b": model("B", {"n": "number"}, indexes=indexes)},
            files={"server/datasources.json": {"db": {"connector": "one-way"}}},
        )
    finally:
        unregister("one-way")
    assert project.sources["db"].settings["coerce_directions"] is True
    assert [f.place for f in project.report.changed] == ["B.indexes.mixed"]


def test_it_is_an_attribute_of_the_package() -> None:
    program = "import juggler; print(juggler.loopback.load.__module__)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "juggler.loopback.loading"
