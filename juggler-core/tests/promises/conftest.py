"""A data source in memory that records its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from juggler import connect
from juggler.connector.port import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        yield source


@pytest.fixture
def calls(db: DataSource) -> Recorder:
    recorder = Recorder()
    db.shared.layers = (*db.shared.layers, recorder)
    return recorder
