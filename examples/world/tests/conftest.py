"""The program's modules, and its rows loaded once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import data
import models

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

Rows = dict[str, list[dict[str, Any]]]
LIMIT = 8000


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Rows as the packages have them: all countries and states, the larger cities and airports."""
    return data.load(LIMIT)


@pytest.fixture(scope="session")
def loaded(rows: Rows) -> Iterator[DataSource]:
    """A store with the rows, for questions that change nothing."""
    with loaded_with(rows) as db:
        yield db


@pytest.fixture
def world(loaded: DataSource) -> None:
    """The models on that store."""
    loaded.attach(*models.ALL)


@pytest.fixture
def own_world(rows: Rows) -> Iterator[None]:
    """The models on a store of this test's own."""
    with loaded_with(rows):
        yield


def loaded_with(rows: Rows) -> DataSource:
    """A store as strict as a server, with the rows."""
    db = connect("memory:?guard=true")
    db.attach(*models.ALL)
    for model in models.ALL:
        model.create_all(rows[model.__name__])
    return db
