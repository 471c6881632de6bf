"""A project in a folder of its own, and the command run in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from juggler import connect
from juggler.cli import main

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """
from juggler import Model, ModelBuilder, Prop, prop


class Base(Model, abstract=True):
    note: Prop[str | None] = prop(default=None)


class User(Base):
    id: Prop[int] = prop(id=True)
    name: Prop[str]
    age: Prop[int] = prop(default=0, index=True)


Pet = ModelBuilder().define("Pet", {"name": {"type": "string", "id": True}, "kind": "string"})
"""


@attrs.frozen
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Mapping[str, Any]:
        """The error on standard error as JSON."""
        told: Mapping[str, Any] = json.loads(self.err)["error"]
        return told


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with these words."""

    def call(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of models and a juggler.toml, as the working directory."""
    name = f"models_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / "juggler.toml").write_text(
        f'models = "{name}"\n\n[datasources.default]\nconnector = "memory"\nfile = "data.jsonl"\n'
        'password = "hunter2"\n\n[datasources.other]\nurl = "memory:"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def users(project: Path, run: Run) -> Path:
    """The project with four users in its store."""
    module = __import__(f"models_{project.name.replace('-', '_')}")
    with connect("juggler.toml") as db:
        db.attach(module.User)
        db.plan().apply()
        module.User.create_all(
            [
                {"id": 1, "name": "Ann", "age": 41},
                {"id": 2, "name": "Bob", "age": 17},
                {"id": 3, "name": "Cleo \x1b[31m", "age": 35, "note": "[bold]"},
                {"id": 4, "name": "dan"},
            ]
        )
    return project
