"""What explain prints of a query: CQL, bound values, level, what else there was and why not."""

from __future__ import annotations

import re
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
    assert "fix  class Event: note: Prop[str | None] = prop(default=None, index=True)" in shown
    with pytest.raises(CostGuardError, match="class EventByNote"):
        query.all()


SOURCE = """
class Reading(Model, key=Key(partition=("site",), clustering=("-at",))):
    site: Prop[str]
    at: Prop[int]
    kind: Prop[str | None] = prop(default=None)
    unit: Prop[str | None] = prop(default=None, cassandra={"static": True})
    tags: Prop[list[str]] = prop(default_factory=list, cassandra={"frozen": False})
"""


@pytest.mark.parametrize(
    "where", [{"at": 1}, {"kind": "k"}, {"kind": "k", "at": 1}, {"unit": "m"}, {"tags": ["a"]},
              {"tags": {"contains": "a"}}, {"kind": {"gt": "k"}}]
)  # fmt: skip
@pytest.mark.parametrize("which", ["View", "Prop[", "key="])
def test_each_suggestion_can_be_pasted_and_serves(where: Any, which: str) -> None:
    told = [text for text in _explained(SOURCE, where)["suggestions"] if _is(text, which)]
    for text in told:
        if which == "View":
            source = SOURCE + "\n" + text
        elif which == "key=":
            source = re.sub(r"key=Key\(.*\)\):", f"{text}):", SOURCE)
        else:
            name, declared = text.removeprefix("class Reading: ").split(": ", 1)
            source = re.sub(rf"    {name}: .*", f"    {name}: {declared}", SOURCE)
        found = _explained(source, where)
        assert found["refused"] is None, (text, found)
        assert found["path"] != "scan"


def _is(text: str, which: str) -> bool:
    return text.startswith(which) if which == "key=" else which in text


def _explained(source: str, where: Any) -> dict[str, Any]:
    """The plan of a filter on the model of a source, with its views."""
    names: dict[str, Any] = {"Key": Key, "Model": Model, "Prop": Prop, "View": View, "prop": prop}
    exec(source, names)  # noqa: S102 - the suggestions are ours
    models = [m for m in names.values() if getattr(m, "__module__", "") == "builtins"]
    db = connect("memory:?emulate=cassandra", {"consistency": "eventual"})
    db.attach(*(m for m in models if isinstance(m, type) and issubclass(m, Model)))
    db.autoupdate()
    return names["Reading"].where(where).explain().to_dict()
