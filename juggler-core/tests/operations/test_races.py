"""Callers that meet: at one row, at one condition, at one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.errors import ConflictError, DuplicateKeyError, SchemaDriftError

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler import DataSource


@pytest.fixture
def note(memory: DataSource) -> Any:
    return memory.define(
        "Note",
        {"id": {"type": "string", "id": True}, "text": "string", "n": "integer"},
    )


def meanwhile(db: Any, hook: str, then: Callable[[], object], times: int = 1) -> None:
    """Let somebody else do something right before the next requests of a kind."""
    left = [times]

    async def layer(call: Any, proceed: Any) -> Any:
        if call.hook == hook and left[0] > 0:
            left[0] -= 1
            then()
        return await proceed()

    db.around(layer)


def test_two_callers_get_the_same_row(note: Any, memory: DataSource) -> None:
    others: list[Any] = []

    def first() -> None:
        if not others:
            others.append(note)
            note.create({"id": "a", "text": "theirs"})

    meanwhile(memory, "write", first)
    found, created = note.find_or_create({"where": {"id": "a"}}, {"text": "mine"})
    assert (found.text, created) == ("theirs", False)
    assert note.count() == 1


def test_a_duplicate_that_is_no_match_is_an_error(note: Any) -> None:
    note.create({"id": "a", "text": "theirs"})
    with pytest.raises(DuplicateKeyError):
        note.find_or_create({"where": {"text": "mine"}}, {"id": "a"})


class ByKey:
    """Memory without writes by condition: the core collects the keys and writes them."""

    def __init__(self, db: Any) -> None:
        async def layer(call: Any, proceed: Any) -> Any:
            return NotImplemented if call.hook == "write_where" else await proceed()

        db.around(layer)


@pytest.fixture
def by_key(memory: DataSource) -> ByKey:
    return ByKey(memory)


@pytest.mark.usefixtures("by_key")
def test_a_row_that_changed_and_still_matches_is_written_again(
    note: Any, memory: DataSource
) -> None:
    note.create_all([{"id": "a", "n": 1}, {"id": "b", "n": 1}])
    meanwhile(memory, "write", lambda: note.find_by_id("a").patch({"text": "new"}))
    done = note.update_all({"n": 1}, {"n": 2})
    assert (done.matched, done.changed, done.conflicts) == (2, 2, 0)
    assert [(row.n, row.text) for row in note.find()] == [(2, "new"), (2, None)]


@pytest.mark.usefixtures("by_key")
@pytest.mark.parametrize("end", ["change", "delete"])
def test_a_row_that_matches_no_more_is_left_alone(note: Any, memory: DataSource, end: str) -> None:
    note.create_all([{"id": "a", "n": 1}, {"id": "b", "n": 1}])
    ends = {
        "change": lambda: note.find_by_id("a").patch({"n": 7}),
        "delete": lambda: note.delete_by_id("a"),
    }
    meanwhile(memory, "write", ends[end])
    done = note.delete_all({"n": 1})
    assert (done.changed, done.conflicts) == (1, 0)
    assert [row.n for row in note.find()] == ([7] if end == "change" else [])


@pytest.mark.usefixtures("by_key")
def test_a_row_that_never_rests_is_counted_as_a_conflict(note: Any, memory: DataSource) -> None:
    note.create_all([{"id": "a", "n": 1}, {"id": "b", "n": 1}])
    writing = [False]

    def restless() -> None:
        if not writing[0]:
            writing[0] = True
            try:
                note.find_by_id("a").patch({"text": "again"})
            finally:
                writing[0] = False

    meanwhile(memory, "write", restless, times=100)
    done = note.update_all({"n": 1}, {"n": 2})
    assert (done.matched, done.changed, done.conflicts) == (2, 1, 1)
    assert [row.n for row in note.find()] == [1, 2]


def test_a_stale_instance_is_a_conflict_with_the_current_one(note: Any) -> None:
    mine = note.create({"id": "a", "n": 1})
    note.find_by_id("a").patch({"n": 2})
    for write in (
        lambda: mine.patch({"n": 3}),
        lambda: mine.replace({"n": 3}),
        mine.delete,
    ):
        with pytest.raises(ConflictError) as caught:
            write()
        assert caught.value.current.n == 2
    mine.patch({"n": 3}, if_unchanged=False)
    assert note.find_by_id("a").n == 3


def test_what_others_wrote_is_not_undone_by_the_next_save(shelf: Any) -> None:
    """A store that gives the whole record back shows more than the instance changed."""
    note = connect(shelf).define(
        "Note", {"id": {"type": "string", "id": True}, "text": "string", "n": "integer"}
    )
    mine = note.create({"id": "a", "n": 1})
    note.find_by_id("a").patch({"text": "theirs"})
    mine.n = 2
    mine.save()
    assert mine.changes == {}
    mine.n = 3
    mine.save()
    assert note.find_by_id("a").to_object() == {"id": "a", "n": 3, "text": "theirs"}


@pytest.mark.usefixtures("by_key")
@pytest.mark.parametrize(
    ("hook", "read"),
    [
        ("fetch", lambda note: len(note.find())),
        ("count", lambda note: note.count({"n": {"gte": 1}})),
        ("fetch", lambda note: len(note.where().page(size=5)[0])),
        ("fetch", lambda note: len(list(note.where().stream()))),
        ("fetch", lambda note: note.update_all({"n": {"gte": 1}}, {"text": "x"}).changed),
    ],
)
def test_a_store_that_is_not_as_it_was_known_is_read_anew(
    note: Any, memory: DataSource, hook: str, read: Callable[[Any], int]
) -> None:
    note.create_all([{"id": "a", "n": 1}, {"id": "b", "n": 2}])

    def moved() -> None:
        raise SchemaDriftError("an index is gone")

    meanwhile(memory, hook, moved)
    assert read(note) == 2
