"""What each way of writing does to a row, and what it says of it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from juggler import (
    MISSING,
    BulkError,
    CapabilityError,
    ConflictError,
    DuplicateKeyError,
    InvalidValueError,
    Model,
    NotFoundError,
    Prop,
    prop,
)
from juggler.connector import Add, Append, Inc, Remove, WriteOp, WriteOptions
from juggler.connector.port import drive

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler import DataSource

pytestmark = pytest.mark.server
BASIC = {
    "id": {"type": "string", "id": True},
    "name": "string",
    "rank": "integer",
}


def key() -> str:
    return str(uuid4())


def send(db: DataSource, model: Any, *ops: WriteOp, mode: Any = "safe") -> list[Any]:
    spec = model.__link__.spec
    return drive(db.port.call("write", spec, ops, WriteOptions(mode=mode, consistency="ONE")))


# ---------------------------------------------------------------- safe


def test_safe_writes_know_what_was_there(db: DataSource, table: Callable[..., Any]) -> None:
    Basic = table("Basic", BASIC)
    one, other = key(), key()
    assert Basic.create(id=one, name="a", rank=1).name == "a"
    with pytest.raises(DuplicateKeyError):
        Basic.create(id=one)
    put = WriteOp("put", (other,), (other, "b", None))
    assert [r.status for r in send(db, Basic, put)] == ["created"]
    again = WriteOp("put", (other,), (other, None, 2))
    assert [(r.status, r.existed) for r in send(db, Basic, again)] == [("replaced", True)]
    assert Basic.find_by_id(other).to_object() == {"id": other, "name": None, "rank": 2}
    gone = key()
    for kind, values in (("replace", (gone, "x", 1)), ("patch", {"name": "x"}), ("delete", None)):
        (result,) = send(db, Basic, WriteOp(kind, (gone,), values))
        assert (result.status, result.existed) == ("missing", False)
    assert Basic.find_by_id(gone) is None
    assert Basic.delete_by_id(one) is True
    assert Basic.delete_by_id(one) is False
    with pytest.raises(NotFoundError):
        Basic(id=one).reload()


def test_what_is_missing_is_not_touched(db: DataSource, table: Callable[..., Any]) -> None:
    Basic = table("Basic", BASIC)
    one = key()
    Basic.create(id=one, name="a", rank=1)
    send(db, Basic, WriteOp("put", (one,), (one, MISSING, 5)))
    assert Basic.find_by_id(one).to_object() == {"id": one, "name": "a", "rank": 5}
    send(db, Basic, WriteOp("patch", (one,), {"name": MISSING, "rank": None}))
    assert Basic.find_by_id(one).to_object() == {"id": one, "name": "a", "rank": None}
    (result,) = send(db, Basic, WriteOp("patch", (one,), {}))
    assert result.status == "unchanged"


def test_a_row_of_nothing_but_nulls_stays(db: DataSource, table: Callable[..., Any]) -> None:
    Basic = table("Basic", BASIC)
    one = key()
    Basic.create(id=one, name="a")
    send(db, Basic, WriteOp("patch", (one,), {"name": None}))
    assert Basic.find_by_id(one).to_object() == {"id": one, "name": None, "rank": None}


def test_versions(db: DataSource, table: Callable[..., Any]) -> None:
    Versioned = table("Versioned", BASIC, versioned=True)
    one = key()
    mine = Versioned.create(id=one, name="a", rank=0)
    theirs = Versioned.find_by_id(one)
    theirs.name = "b"
    theirs.save()
    mine.name = "c"
    with pytest.raises(ConflictError) as caught:
        mine.save()
    assert caught.value.current.name == "b"
    with pytest.raises(ConflictError):
        mine.delete(if_unchanged=True)
    mine.save(if_unchanged=False)
    assert Versioned.find_by_id(one).name == "c"
    (found,) = Versioned.find({"where": {"id": one}})
    found.rank = 7
    found.save()
    assert found.delete() is True


def test_no_addition_is_lost(table: Callable[..., Any]) -> None:
    Versioned = table("Versioned", BASIC, versioned=True)
    one = key()
    Versioned.create(id=one, rank=0)

    def add() -> None:
        for _ in range(5):
            while True:
                row = Versioned.find_by_id(one)
                try:
                    row.patch_attributes({"rank": row.rank + 1})
                except ConflictError:
                    continue
                break

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(add) for _ in range(4)]:
            done.result()
    assert Versioned.find_by_id(one).rank == 20


def test_many_rows_each_with_its_result(db: DataSource, table: Callable[..., Any]) -> None:
    Basic = table("Basic", BASIC)
    keys = [key() for _ in range(120)]
    Basic.create(id=keys[7])
    done = Basic.create_all(
        [{"id": one, "rank": i} for i, one in enumerate(keys)], on_error="collect"
    )
    assert done.created == 119
    ((row, error),) = done.failed
    assert row["id"] == keys[7]
    assert isinstance(error, DuplicateKeyError)
    found = Basic.find_by_ids(keys)
    assert [one.id for one in found] == keys
    results = send(db, Basic, *(WriteOp("delete", (one,)) for one in [*keys, key()]))
    assert [r.status for r in results] == ["deleted"] * 120 + ["missing"]


# ---------------------------------------------------------------- blind

EVENTS = {
    "room": "string",
    "at": "integer",
    "text": "string",
    "tags": {"type": ["string"], "cassandra": {"frozen": False}},
    "seen": {"type": "set<string>", "cassandra": {"frozen": False}},
    "props": {"type": "map<string, integer>", "cassandra": {"frozen": False}},
}
EVENT_KEY = {"key": {"partition": ["room"], "clustering": ["at DESC"]}, "writes": "blind"}


def test_blind_writes_do_not_look(db: DataSource, table: Callable[..., Any]) -> None:
    Event = table("Event", EVENTS, **EVENT_KEY)
    room = key()
    with pytest.raises(CapabilityError, match="blind"):
        Event.create(room=room, at=1)
    with pytest.raises(BulkError, match="writes blindly"):
        Event.create_all([{"room": room, "at": at} for at in range(3)])
    assert Event.count({"room": room}) == 0
    many = Event.create_all([{"room": room, "at": at} for at in range(250)], replace=True)
    assert (many.ok, len(many.keys), Event.count({"room": room})) == (True, 250, 250)
    row = Event.replace_or_create({"room": room, "at": 1, "text": "x", "tags": ["a"]})
    assert row.text == "x"
    Event.replace_or_create({"room": room, "at": 1, "text": None})
    assert Event.find_by_id((room, 1)).text is None
    Event.upsert({"room": room, "at": 2})
    assert Event.find_by_id((room, 2)) is not None, "a row of its key alone is a row"
    assert Event.delete_by_id((room, 2)) is None
    assert Event.find_by_id((room, 2)) is None


def test_rows_of_a_partition_go_together(db: DataSource, table: Callable[..., Any]) -> None:
    Event = table("Event", EVENTS, **EVENT_KEY)
    rooms = [key() for _ in range(3)]
    ops = [
        WriteOp("put", (room, at), (room, at, f"{at}", None, None, None))
        for room in rooms
        for at in range(120)
    ]
    assert {r.status for r in send(db, Event, *ops, mode="blind")} == {"applied"}
    for room in rooms:
        assert Event.count({"room": room}) == 120
        for order, first in (("at ASC", [0, 1, 2]), ("at DESC", [119, 118, 117])):
            found = Event.find({"where": {"room": room}, "order": order, "limit": 3})
            assert [row.at for row in found] == first
    assert Event.delete_all({"room": rooms[0], "at": {"gte": 20}}).changed is None
    assert Event.count({"room": rooms[0]}) == 20
    assert Event.delete_all({"room": {"inq": rooms}}).changed is None
    assert sum(Event.count({"room": room}) for room in rooms) == 0


def test_collections_change_in_place(db: DataSource, table: Callable[..., Any]) -> None:
    Event = table("Event", EVENTS, **EVENT_KEY)
    place = (key(), 1)
    for change in (
        {"tags": ["b"], "seen": frozenset("x"), "props": {"k": 1}},
        {"tags": Append(["c", "b"]), "seen": Add(["y"]), "props": Add({"l": 2})},
        {"tags": Append(["a"], front=True), "seen": Remove(["x"]), "props": Remove(["k"])},
    ):
        send(db, Event, WriteOp("patch", place, change, create=True), mode="blind")
    row = Event.find_by_id(place)
    assert (row.tags, row.seen, row.props) == (["a", "b", "c", "b"], {"y"}, {"l": 2})
    row.patch({"tags": Append(["z"]), "seen": Add(["x"])})
    assert (row.tags[-1], row.seen) == ("z", {"x", "y"})
    row = Event.upsert({"room": place[0], "at": 1, "tags": Remove(["z"]), "seen": Remove(["x"])})
    assert (row.tags, row.seen) == (["a", "b", "c", "b"], {"y"})
    send(db, Event, WriteOp("patch", place, {"tags": Remove(["b"])}), mode="blind")
    assert Event.find_by_id(place).tags == ["a", "c"]


def test_counters(db: DataSource, table: Callable[..., Any]) -> None:
    Hits = table(
        "Hits", {"page": {"type": "string", "id": True}, "hits": "counter", "seen": "counter"}
    )
    page = key()
    assert Hits.upsert({"page": page, "hits": Inc(3)}).hits == 3
    assert Hits.upsert({"page": page, "hits": Inc(-1), "seen": Inc(1)}).to_object() == {
        "page": page, "hits": 2, "seen": 1,
    }  # fmt: skip
    row = Hits.find_by_id(page)
    assert row.patch({"hits": Inc(2**40)}).hits == 2**40 + 2
    assert Hits.update_all({"page": page}, {"seen": Inc(1)}).matched == 1
    assert Hits.find_by_id(page).seen == 2
    for refused in (
        lambda: Hits.create(page=page, hits=1),
        lambda: Hits.replace_or_create({"page": page, "hits": 1}),
        lambda: Hits.upsert({"page": page}),
        lambda: row.patch({"hits": 5}),
        lambda: send(db, Hits, WriteOp("put", (page,), (page, 5, 1)), mode="blind"),
    ):
        with pytest.raises(CapabilityError, match="only added to") as caught:
            refused()
        assert "Inc(1)" in caught.value.hint
    assert Hits.find_by_id(page).hits == 2**40 + 2


def test_time_to_live_and_timestamp(db: DataSource, table: Callable[..., Any]) -> None:
    Event = table("Event", EVENTS, **EVENT_KEY)
    room = key()
    with db.options(ttl=1000):
        Event.replace_or_create({"room": room, "at": 1, "text": "x"})
    (row,) = db.execute('SELECT ttl(text) AS left FROM "Event" WHERE room = ?', [room])
    assert 900 < row["left"] <= 1000
    with db.options(ttl=0):
        Event.replace_or_create({"room": room, "at": 2, "text": "x"})
    (row,) = db.execute('SELECT ttl(text) AS left FROM "Event" WHERE room = ? AND at = 2', [room])
    assert row["left"] is None
    for wrong in (-1, 10**9, float("nan")):
        with pytest.raises(InvalidValueError, match="a time to live of"), db.options(ttl=wrong):
            Event.replace_or_create({"room": room, "at": 3, "text": "x"})
    assert Event.count({"room": room}) == 2
    with db.options(timestamp=5):
        Event.replace_or_create({"room": room, "at": 1, "text": "older"})
    assert Event.find_by_id((room, 1)).text == "x"


def test_a_clock_ahead_loses_no_acknowledged_patch(
    db: DataSource, table: Callable[..., Any]
) -> None:
    """Safe writes take the server's order, whatever this client's clock says."""
    Basic = table("Basic", BASIC)
    Plain = table("PlainClock", BASIC, writes="blind")
    one = key()
    cluster = db.connector.session.driver.cluster
    clock = cluster.timestamp_generator
    cluster.timestamp_generator = lambda: clock() + 5_000_000
    try:
        Basic.create(id=one, name="first")
        Basic.create_all([{"id": f"{one}-{n}", "name": "first"} for n in range(3)])
        Plain.replace_or_create({"id": one, "name": "first"})
    finally:
        cluster.timestamp_generator = clock
    Plain.replace_or_create({"id": one, "name": "second"})
    assert Plain.find_by_id(one).name == "first", "what a plain write may lose: it is 5 s older"
    row = Basic.find_by_id(one)
    row.name = "second"
    row.save()
    assert Basic.find_by_id(one).name == "second"
    for n in range(3):
        Basic.upsert({"id": f"{one}-{n}", "name": "second"})
        assert Basic.find_by_id(f"{one}-{n}").name == "second"


def test_what_is_not_given_makes_no_tombstone(db: DataSource, table: Callable[..., Any]) -> None:
    """A trace of the read counts them; a value that is set to null makes one, as it has to."""
    Basic = table("Basic", BASIC)
    Event = table("Event", EVENTS, **EVENT_KEY)
    one = key()

    def tombstones(name: str, column: str) -> int:
        text = f"SELECT * FROM juggler_io.\"{name}\" WHERE {column} = '{one}'"
        found: list[str] = []
        while not found:  # what a trace tells is written when it is over, bit by bit
            asked = db.connector.session.driver.execute(text, trace=True, timeout=60)
            traced = asked.get_query_trace(max_wait_sec=60)
            told = " ".join(event.description for event in traced.events)
            found = re.findall(r"and (\d+) tombstone", told)
        return int(found[-1])

    row = Basic.create(id=one, name="x")
    assert tombstones("Basic", "id") == 0
    row.patch({"name": None})
    assert tombstones("Basic", "id") == 1
    Event.upsert({"room": one, "at": 1, "text": "x"})
    assert tombstones("Event", "room") == 0


def test_an_empty_collection_that_is_no_null_stays_one(db: DataSource) -> None:
    """Cassandra has no empty collections that change in place: it stores them as nulls."""
    apart = {"frozen": False}

    class Tagged(Model):
        id: Prop[str] = prop(id=True)
        tags: Prop[list[str]] = prop(default_factory=list, cassandra=apart)
        seen: Prop[set[str]] = prop(default_factory=set, cassandra=apart)
        props: Prop[dict[str, int]] = prop(default_factory=dict, cassandra=apart)
        notes: Prop[list[str] | None] = prop(default=None, cassandra=apart)
        name: Prop[str | None] = prop(default=None)

    db.attach(Tagged)
    db.autoupdate("Tagged")
    one = key()
    Tagged.create(id=one, name="a")
    for row in (Tagged.find_by_id(one), *Tagged.find({"where": {"id": one}})):
        assert row is not None
        assert (row.tags, row.seen, row.props, row.notes) == ([], set(), {}, None)
        row.patch({"name": "b"})
        row.tags.append("x")
        row.save()
        assert Tagged.find({"where": {"id": one}, "fields": ["tags"]})[0].tags == row.tags
