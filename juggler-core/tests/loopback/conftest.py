"""A project in a folder of its own, loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from juggler.loopback import Project, load

sys.path.insert(0, str(Path(__file__).parent))
from loopback_projects import DATA_SOURCES, META, write

Load = Callable[..., Project]


@pytest.fixture
def load_project(tmp_path: Path) -> Iterator[Load]:
    """Write models (``{file: document}``) and files, and load them."""
    opened: list[Project] = []

    def call(
        models: dict[str, Any] | None = None, *, files: Any = None, config: Any = None, **more: Any
    ) -> Project:
        documents = models or {}
        named = {d["name"]: {"dataSource": "db", "public": True} for d in documents.values()}
        written = {
            "server/datasources.json": DATA_SOURCES,
            "server/model-config.json": {"_meta": META, **named, **(config or {})},
            **{f"common/models/{stem}.json": doc for stem, doc in documents.items()},
            **(files or {}),
        }
        project = load(write(tmp_path, written), **more)
        opened.append(project)
        return project

    yield call
    for project in opened:
        project.close()
