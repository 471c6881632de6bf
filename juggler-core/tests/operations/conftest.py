"""Two stores: memory, which does everything itself, and one that only keeps rows by their key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.connector import SimpleConnector
from juggler.connector.port import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


class Shelf(SimpleConnector):
    """Rows in a dictionary, one function for each thing that can be done to them."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {}

    def all(self, model: Any) -> Any:
        return list(self.rows.get(model.name, {}).values())

    def create(self, model: Any, key: Any, record: Any) -> Any:
        self.rows.setdefault(model.name, {})[key] = record

    save = create

    def destroy(self, model: Any, key: Any) -> Any:
        del self.rows[model.name][key]


@pytest.fixture
def shelf() -> Any:
    """The class of the store that only keeps rows."""
    return Shelf


@pytest.fixture(params=["memory", "shelf"])
def db(request: pytest.FixtureRequest) -> Iterator[DataSource]:
    """An empty data source."""
    target = "memory:" if request.param == "memory" else Shelf
    with connect(target, {"scan": "allow"}) as source:
        yield source


@pytest.fixture
def memory() -> Iterator[DataSource]:
    """An empty memory data source."""
    with connect("memory:") as source:
        yield source


@pytest.fixture
def calls(db: DataSource) -> Iterator[Recorder]:
    """Every request to the data source from now on."""
    recorder = Recorder()
    off = db.around(recorder)
    yield recorder
    off()
