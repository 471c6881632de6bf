"""Explanations: the plan of a query, what the guard says, what it did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect

if TYPE_CHECKING:
    from juggler import DataSource

NOTE = {
    "id": {"type": "string", "id": True},
    "n": {"type": "integer", "index": True},
    "t": "string",
}


@pytest.fixture
def note(memory: DataSource) -> Any:
    model = memory.define("Note", NOTE)
    model.create_all([{"id": f"{i}", "n": i, "t": "x" * i} for i in range(5)])
    return model


def test_it_asks_nothing_of_the_store(note: Any, memory: DataSource) -> None:
    calls: list[str] = []

    async def layer(call: Any, proceed: Any) -> Any:
        calls.append(call.hook)
        return await proceed()

    memory.around(layer)
    note.explain({"where": {"n": 3}})
    assert calls == []
    note.explain({"where": {"n": 3}}, analyze=True)
    assert calls == ["fetch"]


def test_what_is_pushed_and_what_is_left(note: Any) -> None:
    told = note.explain({"where": {"n": {"gt": 2}}, "order": "t"}).to_dict()
    assert told["path"] == "index"
    assert told["pushed"] == {"n": {"gt": 2}}
    assert told["residual"] == {}
    assert told["order"] == {"requested": [["t", "asc"]], "by": "by the store"}
    assert json.loads(json.dumps(told)) == told


def test_what_is_left_for_python(shelf: Any) -> None:
    model = connect(shelf).define("Note", {"id": {"type": "string", "id": True}, "t": "string"})
    told = model.explain({"where": {"id": {"inq": ["a", "b"]}, "t": {"like": "x%"}}}).to_dict()
    assert (told["path"], told["guarantee"]) == ("multi_point", "superset")
    assert told["residual"] == {"t": {"like": "x%"}}


def test_it_counts_when_it_runs(note: Any) -> None:
    told = note.explain({"where": {"t": {"neq": "x"}}, "limit": 2}, analyze=True)
    assert told.counters is not None
    assert (told.counters.requests, told.counters.returned) == (1, 2)
    assert "did  1 request, 5 rows read, 2 returned" in str(told)


def test_one_request_and_several(note: Any) -> None:
    assert "point (1 request, about 1 row)" in str(note.explain({"where": {"id": "1"}}))
    assert "empty (0 requests, about 0 rows)" in str(note.explain({"where": {"or": []}}))


def test_a_refusal_is_shown_with_its_way_out(shelf: Any) -> None:
    model = connect(shelf, {"scan": "refuse"}).define("Note", {"t": "string"})
    told = model.explain({"where": {"t": "x"}}, analyze=True)
    assert "full scan" in told.refused
    assert told.counters is None
    assert "allow_scan=True accepts it" in str(told)


def test_in_a_notebook_nothing_becomes_markup(note: Any) -> None:
    shown = note.explain({"where": {"t": "<b>"}})._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
