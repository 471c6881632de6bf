"""Two conditions on one path, of which the way to the rows takes only one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def thing() -> Iterator[Any]:
    with connect("memory:") as db:
        yield db.define(
            "Thing",
            {"id": {"type": "string", "id": True}, "tag": {"type": "string", "index": True}},
        )


@pytest.mark.parametrize(
    "where",
    [
        {"and": [{"id": "k1"}, {"id": {"like": "a%"}}]},
        {"and": [{"id": {"like": "a%"}}, {"id": "k1"}]},
        {"id": {"inq": ["k1", "k2"], "like": "a%"}},
        {"tag": {"eq": "red", "like": "b%"}},
        {"tag": {"inq": ["red", "rose"], "like": "b%"}},
    ],
)
def test_both_conditions_count(thing: Any, where: Any) -> None:
    thing.create_all([{"id": "k1", "tag": "red"}, {"id": "k2", "tag": "rose"}])

    assert thing.find({"where": where}) == []
    assert thing.count(where) == 0
    assert thing.delete_all(where).changed == 0
    assert thing.count() == 2
