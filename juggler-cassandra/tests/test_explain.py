"""What explain prints of a query: CQL, bound values, level, what else there was and why not."""

from __future__ import annotations

from typing import Any

import pytest

from juggler import CostGuardError, Key, Model, Prop, View, connect, prop


@pytest.fixture
def event() -> Any:
    class Event(Model, key=Key(partition=("room", "day"), clustering=("-at",))):
        room: Prop[str]
        day: Prop[int]
        at: Prop[int]
        kind: Prop[str | None] = prop(default=None, index=True)
        who: Prop[str | None] = prop(default=None)
        note: Prop[str | None] = prop(default=None)

    class ByWho(View, of=Event, key=Key(partition=("who",)), fields=("kind",)):
        pass

    db = connect("memory:?emulate=cassandra")
    db.attach(Event, ByWho)
    db.autoupdate()
    return Event


def test_statements_have_their_values_and_their_level(event: Any) -> None:
    query = event.where(event.room == "a", event.day.in_([1, 2]), event.at > 2)
    shown = str(query.order("at DESC").limit(3).using(consistency="LOCAL_ONE").explain())
    assert "multi_partition (2 requests)" in shown
    assert 'WHERE "room" = ? AND "day" = ? AND "at" > ? LIMIT ?  [\'a\', 1, 2, 3]' in shown
    assert "(consistency LOCAL_ONE, fetch_size 3, times 2)" in shown
    assert "at desc (by the store)" in shown
    assert "view ByWho: rows without who are not in it" in shown


def test_a_view_that_lacks_columns_says_what_is_read_then(event: Any) -> None:
    found = event.where(event.who == "ann").using(consistency="eventual").explain()
    assert 'FROM "ByWho" WHERE "who" = ?  [\'ann\']' in str(found)
    assert "then the rows of Event by key" in str(found)
    assert "partition of Event: the filter does not bind its partition columns" in str(found)


def test_a_refusal_prints_declarations_that_serve(event: Any) -> None:
    query = event.where(event.note == "x")
    shown = str(query.explain())
    assert 'fix  class EventByNote(View, of=Event, key=Key(partition=("note",))): ...' in shown
    assert "prop(default=None, index=True)" in shown or "prop(index=True)" in shown
    with pytest.raises(CostGuardError, match="class EventByNote"):
        query.all()
