from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

FILES = {
    "server/datasources.json": {"db": {"connector": "mongodb"}},
    "server/model-config.json": {"Cup": {"dataSource": "db"}, "Saucer": {"dataSource": None}},
    "common/models/cup.json": {
        "name": "Cup",
        "properties": {"size": "number", "owner": {"type": "string", "required": True}},
        "relations": {"lid": {"type": "hasOne", "model": "Lid"}},
    },
    "common/models/saucer.json": {
        "name": "Saucer",
        "properties": {"size": "number"},
        "mixins": {"Stamp": True},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> str:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return str(tmp_path)


def test_models_and_report_for_people(run: Run, project: str) -> None:
    answer = run("loopback", project)
    assert answer.code == 0
    assert "Cup" in answer.out
    assert "Not honoured:" in answer.out
    assert "db: its connector 'mongodb' is not there" in answer.out


def test_models_and_report_for_programs(run: Run, project: str) -> None:
    found = run("loopback", project, "--source", "db=memory:", "--json").json
    assert found["models"] == [
        {
            "model": "Cup",
            "data source": "db",
            "properties": ["id", "size", "owner"],
            "relations": [],
        },
        {"model": "Saucer", "data source": None, "properties": ["id", "size"], "relations": []},
    ]
    assert [f["place"] for f in found["report"]] == ["Cup.lid", "Saucer"]


def test_typed_classes(run: Run, project: str) -> None:
    source = run("loopback", project, "--source", "*=memory:", "--python").out
    assert "owner: Prop[str] = prop(required=True)" in source
    assert "mixins" not in source  # the report names them
    compile(source, "models.py", "exec")
    assert "class Cup" in run("loopback", project, "--python", "--json").json["python"]


def test_mistakes_of_the_caller(run: Run, project: str, tmp_path: Path) -> None:
    assert run("loopback", project, "--source", "db").err.startswith("error [usage]")
    empty = tmp_path / "empty"
    empty.mkdir()
    answer = run("loopback", str(empty), "--json")
    assert answer.code == 2
    assert answer.error["code"] == "loopback-project"
