"""Relations through a joining model, and lists of keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import (
    CapabilityError,
    ConfigurationError,
    DataSource,
    HasAndBelongsToMany,
    HasMany,
    InvalidValueError,
    Model,
    NotFoundError,
    Prop,
    ReferencesMany,
    connect,
    has_and_belongs_to_many,
    has_many,
    prop,
    references_many,
)
from juggler.model.relations.resolve import relation

if TYPE_CHECKING:
    from juggler.connector.port import Recorder


class Doctor(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    patients: HasMany[Patient] = has_many(through="Visit")
    visits: HasMany[Visit] = has_many()


class Patient(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    doctors: HasMany[Doctor] = has_many(through="Visit")


class Visit(Model):
    id: Prop[int] = prop(id=True, generated=True)
    doctor_id: Prop[int | None] = prop(default=None)
    patient_id: Prop[int | None] = prop(default=None)
    room: Prop[str] = prop(default="")


@pytest.fixture
def doc(db: DataSource) -> Any:
    db.attach(Doctor, Patient, Visit)
    doc, other = Doctor.create(name="d1"), Doctor.create(name="d2")
    for name in "abc":
        doc.patients.create(name=name)
    other.patients.add(Patient.find_one({"where": {"name": "b"}}))
    other.patients.create(name="z")
    return doc


def names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


def test_reading(doc: Any) -> None:
    assert names(doc.patients()) == ["a", "b", "c"]
    assert names(doc.patients({"where": {"name": {"gt": "a"}}, "order": "name DESC"})) == ["c", "b"]
    assert names(doc.patients.where(Patient.name > "a").limit(1).all()) == ["b"]
    assert doc.patients.count() == 3
    assert doc.patients.find_by_id(2).name == "b"
    assert doc.patients.find_by_id(4) is None
    assert doc.patients.exists(2)
    assert not doc.patients.exists(4)
    assert doc.patients.exists({"name": "c"})
    assert not doc.patients.exists({"name": "z"})
    assert names(Patient.find_by_id(2).doctors()) == ["d1", "d2"]  # type: ignore[union-attr]


def test_two_requests(doc: Any, calls: Recorder) -> None:
    doc.patients()
    assert len(calls.calls) == 2
    del calls.calls[:]
    Doctor.find(include="patients")
    assert len(calls.calls) == 3


def test_connecting(doc: Any) -> None:
    new = Patient.create(name="n")
    link = doc.patients.add(new, room="7")
    assert (link.doctor_id, link.patient_id, link.room) == (doc.id, new.id, "7")
    assert doc.patients.add(new.id).id == link.id
    assert doc.patients.count() == 4
    doc.patients.remove(new)
    assert not doc.patients.exists(new)
    assert Patient.exists(new.id)
    with pytest.raises(NotFoundError):
        doc.patients.add(99)
    with pytest.raises(NotFoundError):
        Doctor(name="new").patients.add(new)
    with pytest.raises(CapabilityError):
        doc.patients.build(name="x")


def test_deleting_stays_in_the_scope_and_leaves_no_links(doc: Any) -> None:
    assert doc.patients.delete_all({"name": {"inq": ["b", "z"]}}).changed == 1
    assert names(Patient.find()) == ["a", "c", "z"]
    assert [visit.patient_id for visit in Visit.find()] == [1, 3, 4]
    assert doc.patients.delete_by_id(1)
    assert not doc.patients.delete_by_id(4)
    assert doc.patients.delete_all().changed == 1
    assert names(Patient.find()) == ["z"]


def test_updating_stays_in_the_scope(doc: Any) -> None:
    assert doc.patients.update_all({"name": "x"}).changed == 3
    assert names(Patient.find()) == ["x", "x", "x", "z"]


def test_an_unsaved_instance_is_connected_with_nothing(doc: Any) -> None:
    new = Doctor(name="new")
    assert new.patients() == []
    assert new.patients.delete_all().changed == 0
    assert Patient.count() == 4


def test_include(doc: Any) -> None:
    scope = {"order": "name DESC", "limit": 2, "where": {"name": {"neq": "c"}}, "fields": ["name"]}
    found = Doctor.find(include={"relation": "patients", "scope": scope})
    assert [names(d.patients.loaded or []) for d in found] == [["b", "a"], ["z", "b"]]
    assert found[0].to_json()["patients"] == [{"name": "b"}, {"name": "a"}]
    assert found[0].patients.loaded[0] is found[1].patients.loaded[1]  # type: ignore[index]


def test_asynchronous(doc: Any) -> None:
    async def main() -> None:
        assert names(await doc.patients.aio()) == ["a", "b", "c"]
        await doc.patients.aio.create(name="n")
        assert await doc.patients.aio.count() == 4
        assert names(await doc.patients.where(Patient.name > "b")) == ["c", "n"]

    asyncio.run(main())


# ---------------------------------------------------------------- has_and_belongs_to_many


def test_the_joining_model_is_made(db: DataSource) -> None:
    tag, post = db.define("Tag"), db.define("Post")
    post.has_and_belongs_to_many("tags")
    tag.has_and_belongs_to_many("posts")
    joining = db.get_model("PostTag")
    assert joining is not None
    assert set(joining.__definition__.ids) == {"postId", "tagId"}
    one = post.create(title="x")
    red = one.tags.create(name="red")
    one.tags.add(red)
    one.tags.add(tag.create(name="blue"))
    assert [t.name for t in one.tags()] == ["red", "blue"]
    assert [p.title for p in red.posts()] == ["x"]
    one.tags.remove(red)
    assert [t.name for t in one.tags()] == ["blue"]
    assert post.find(include="tags")[0].to_json()["tags"] == [{"id": 2, "name": "blue"}]
    assert db.get_model("TagPost") is None


def test_a_joining_model_that_is_there_is_used(db: DataSource) -> None:
    db.define("Tag")
    post = db.define("Post")
    link = db.define("TagPost", {"at": int})
    post.has_and_belongs_to_many("tags")
    assert relation(post, "tags").through.model is link  # type: ignore[union-attr]
    assert {"tagId", "postId"} <= set(link.__definition__.properties)


def test_the_key_of_the_other_side_may_be_named(db: DataSource) -> None:
    user, group = db.define("User"), db.define("Group")
    user.has_and_belongs_to_many("groups", {"model": group, "foreignKey": "groupId"})
    found = relation(user, "groups").through
    assert found is not None
    assert (found.own, found.other) == ((("id", "userId"),), (("id", "groupId"),))
    one = user.create()
    made = one.groups.create({"name": "g"})
    one.groups.add(group.create(name="h"))
    one.groups.remove(made)
    assert [g.name for g in one.groups()] == ["h"]


def test_typed_classes_need_no_joining_class(db: DataSource) -> None:
    class Song(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str] = prop(default="")
        lists: HasAndBelongsToMany[Playlist] = has_and_belongs_to_many()

    class Playlist(Model):
        id: Prop[int] = prop(id=True, generated=True)
        songs: HasAndBelongsToMany[Song] = has_and_belongs_to_many()

    db.attach(Song, Playlist)
    mine = Playlist.create()
    song = mine.songs.create(name="x")
    assert [one.id for one in song.lists()] == [mine.id]
    joining = relation(Song, "lists").through
    assert joining is not None
    assert relation(Playlist, "songs").through.model is joining.model  # type: ignore[union-attr]


def test_a_model_joined_with_itself_names_both_keys(db: DataSource) -> None:
    user = db.define("User")
    db.define("Follow")
    user.has_many("following", {"model": "User", "through": "Follow", "foreignKey": "followerId",
                                "keyThrough": "followeeId"})  # fmt: skip
    user.has_many("followers", {"model": "User", "through": "Follow", "foreignKey": "followeeId",
                                "keyThrough": "followerId"})  # fmt: skip
    ann, bob = user.create(name="ann"), user.create(name="bob")
    ann.following.add(bob)
    assert [u.name for u in bob.followers()] == ["ann"]
    assert bob.following() == []
    with pytest.raises(ConfigurationError) as caught:
        user.has_many("twice", {"model": "User", "through": "Follow"})
    assert caught.value.code == "bad-key"


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6)), max_size=20),
    st.sampled_from([None, "name", "name DESC"]),
    st.none() | st.integers(0, 3),
    st.integers(0, 2),
)
def test_include_is_what_each_would_answer(
    pairs: list[tuple[int, int]], order: str | None, limit: int | None, skip: int
) -> None:
    with connect("memory:") as db:
        db.attach(Doctor, Patient, Visit)
        Doctor.create_all([{} for _ in range(4)])
        Patient.create_all([{"name": str(n % 3)} for n in range(6)])
        for doctor, patient in pairs:
            Visit.create(doctor_id=doctor, patient_id=patient)
        scope = {"order": order, "limit": limit, "skip": skip}
        for one in Doctor.find(include={"relation": "patients", "scope": scope}):
            asked = [patient.id for patient in one.patients(scope)]
            assert [patient.id for patient in one.patients.loaded or []] == asked


# ---------------------------------------------------------------- references_many


class Label(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")


class Parcel(Model):
    id: Prop[int] = prop(id=True, generated=True)
    label_ids: Prop[list[int]] = prop(default_factory=list)
    labels: ReferencesMany[Label] = references_many()


@pytest.fixture
def parcel(db: DataSource) -> Any:
    db.attach(Label, Parcel)
    Label.create_all([{"name": name} for name in "abcd"])
    return Parcel.create(label_ids=[3, 1, 99])


def test_the_order_of_the_list_is_kept(parcel: Any) -> None:
    assert names(parcel.labels()) == ["c", "a"]
    assert names(parcel.labels({"order": "name"})) == ["a", "c"]
    assert names(parcel.labels({"limit": 1})) == ["c"]
    assert names(parcel.labels.where(Label.name > "a").all()) == ["c"]
    assert parcel.labels.count() == 2
    assert parcel.labels.find_by_id(2) is None
    (one,) = Parcel.find(include="labels")
    assert names(one.labels.loaded or []) == ["c", "a"]
    (one,) = Parcel.find(include={"relation": "labels", "scope": {"order": "name", "limit": 1}})
    assert names(one.labels.loaded or []) == ["a"]


def test_the_list_is_changed_and_stored(parcel: Any) -> None:
    parcel.labels.add(2)
    parcel.labels.create(name="new")
    parcel.labels.remove(3)
    assert Parcel.find_by_id(1).label_ids == [1, 99, 2, 5]  # type: ignore[union-attr]
    with pytest.raises(InvalidValueError):
        parcel.labels.add(2)
    with pytest.raises(NotFoundError):
        parcel.labels.add(77)
    assert parcel.label_ids == [1, 99, 2, 5]


def test_only_listed_rows_are_deleted(parcel: Any) -> None:
    assert parcel.labels.delete_all().changed == 2
    assert names(Label.find()) == ["b", "d"]
    assert Parcel.find_by_id(1).label_ids == [99]  # type: ignore[union-attr]
    assert Parcel.create().labels.delete_all().changed == 0
    assert Label.count() == 2


def test_a_dictionary_model_gets_the_list(db: DataSource) -> None:
    label, box = db.define("Label"), db.define("Box")
    box.references_many(label)
    assert str(box.__definition__.properties["labelIds"].type) == "[integer]"
    one = box.create()
    one.labels.create(name="x")
    assert [x.name for x in box.find_by_id(one.id).labels()] == ["x"]


def test_keys_of_several_properties_are_listed_as_mappings(db: DataSource, calls: Recorder) -> None:
    seat = db.define("Seat", {"hall": {"type": str, "id": 1}, "row": {"type": int, "id": 2}})
    booking: Any = db.define("Booking")
    booking.references_many(seat)
    for hall, row in (("a", 1), ("a", 2), ("b", 1)):
        seat.create(hall=hall, row=row)
    one, other = booking.create(), booking.create()
    one.seats.add(("b", 1))
    one.seats.create(hall="c", row=9)
    one.seats.add(seat.find_by_id(("a", 2)))
    other.seats.add({"hall": "a", "row": 2})
    assert one.reload().seatIds == [
        {"hall": "b", "row": 1}, {"hall": "c", "row": 9}, {"hall": "a", "row": 2},
    ]  # fmt: skip

    def places(seats: Any) -> list[tuple[str, int]]:
        return [(s.hall, s.row) for s in seats]

    assert places(one.seats()) == [("b", 1), ("c", 9), ("a", 2)]
    assert places(one.seats({"where": {"row": {"lt": 5}}, "order": "row"})) == [("b", 1), ("a", 2)]
    with pytest.raises(InvalidValueError) as caught:
        one.seats.add(("b", 1))
    assert caught.value.code == "listed-already"
    del calls.calls[:]
    found = booking.find(include="seats")
    assert len(calls.calls) == 2
    assert [places(b.seats.loaded) for b in found] == [[("b", 1), ("c", 9), ("a", 2)], [("a", 2)]]
    assert [b.id for b in booking.find({"where": {"seats.hall": "a"}})] == [one.id, other.id]
    assert [b.id for b in booking.find({"where": {"seats.row": 9}})] == [one.id]
    one.seats.remove(("b", 1))
    assert one.seats.delete_all({"hall": "c"}).changed == 1
    assert one.reload().seatIds == [{"hall": "a", "row": 2}]
    assert seat.count() == 3
    booking.create(seatIds=[{"hall": "a"}])
    with pytest.raises(InvalidValueError, match="is no key of Seat"):
        booking.find(include="seats")


def test_a_typed_list_of_keys_of_several_properties_is_told(db: DataSource) -> None:
    class Slot(Model):
        hall: Prop[str] = prop(id=1)
        row: Prop[int] = prop(id=2)

    class Order(Model):
        id: Prop[int] = prop(id=True, generated=True)
        slots: ReferencesMany[Slot] = references_many()

    with pytest.raises(ConfigurationError) as caught:
        db.attach(Slot, Order)
    assert "slot_ids: Prop[list[dict[str, Any]] | None]" in caught.value.hint
