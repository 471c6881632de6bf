"""People of two teams in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

PEOPLE = (("Ann", 41, "a"), ("Bob", 17, "b"), ("Cid", 12, "a"), ("Dee", 30, "b"), ("Eve", 65, "a"))


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        yield source


@pytest.fixture
def person(db: DataSource) -> Any:
    model = db.define(
        "Person",
        {"name": str, "age": int, "team": str},
        {"scopes": {"adults": {"where": {"age": {"gte": 18}}}}},
    )
    model.scope("blue", {"where": {"team": "a"}, "order": "age DESC"})
    model.create_all({"name": name, "age": age, "team": team} for name, age, team in PEOPLE)
    return model


def names(rows: Any) -> list[str]:
    return [row.name for row in rows]
