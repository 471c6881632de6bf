"""Relations to rows of several models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    ConfigurationError,
    DataSource,
    HasMany,
    HasOne,
    InvalidValueError,
    Model,
    Prop,
    belongs_to,
    has_many,
    has_one,
    prop,
)

if TYPE_CHECKING:
    from juggler.connector.port import Recorder


class Picture(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    imageable_id: Prop[int | None] = prop(default=None)
    imageable_type: Prop[str | None] = prop(default=None)
    imageable: BelongsTo[Model] = belongs_to(polymorphic=True)


class Author(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    pictures: HasMany[Picture] = has_many(polymorphic="imageable")


class Reader(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    mugshot: HasOne[Picture] = has_one(polymorphic="imageable")


@pytest.fixture
def people(db: DataSource) -> tuple[Any, Any]:
    db.attach(Picture, Author, Reader)
    author, reader = Author.create(name="a"), Reader.create(name="r")
    author.pictures.create(name="a1")
    author.pictures.create(name="a2")
    reader.mugshot.create(name="r1")
    return author, reader


def test_rows_are_told_apart_by_their_type(people: tuple[Any, Any]) -> None:
    author, reader = people
    assert author.id == reader.id
    assert [p.name for p in author.pictures()] == ["a1", "a2"]
    assert reader.mugshot().name == "r1"
    assert [p.imageable_type for p in Picture.find()] == ["Author", "Author", "Reader"]
    assert author.pictures.delete_all().changed == 2
    assert Picture.count() == 1


def test_each_row_says_where_it_leads(people: tuple[Any, Any]) -> None:
    author, reader = people
    first, _, third = Picture.find()
    assert first.imageable().id == author.id  # type: ignore[union-attr]
    assert isinstance(third.imageable(), Reader)
    first.imageable = reader
    assert (first.imageable_id, first.imageable_type) == (reader.id, "Reader")
    first.imageable.set(None)
    assert (first.imageable_id, first.imageable_type) == (None, None)
    assert first.imageable() is None
    with pytest.raises(InvalidValueError):
        first.imageable.create(name="x")


def test_include_groups_by_type(people: tuple[Any, Any], calls: Recorder) -> None:
    Picture.create(name="alone")
    del calls.calls[:]
    found = Picture.find(include="imageable")
    assert len(calls.calls) == 3
    assert [type(p.imageable.loaded).__name__ for p in found] == [
        "Author", "Author", "Reader", "NoneType",
    ]  # fmt: skip
    (author,) = Author.find(include="pictures")
    assert [p.name for p in author.pictures.loaded or []] == ["a1", "a2"]
    (reader,) = Reader.find(include="mugshot")
    assert reader.to_json()["mugshot"]["name"] == "r1"


def test_an_unknown_type_is_an_error(people: tuple[Any, Any]) -> None:
    Picture.create(name="x", imageable_id=1, imageable_type="Alien")
    with pytest.raises(ConfigurationError) as caught:
        Picture.find(include="imageable")
    assert caught.value.code == "unresolved-model"


def test_dictionary_models_get_key_and_type(db: DataSource) -> None:
    picture, user = db.define("Picture"), db.define("User")
    user.has_many(picture, polymorphic={"as": "owner", "foreignKey": "oid"})
    picture.belongs_to("owner", polymorphic={"foreignKey": "oid", "discriminator": "ownerType"})
    assert {"oid", "ownerType"} <= set(picture.__definition__.properties)
    one = user.create(name="u")
    made = one.pictures.create()
    assert made.owner().name == "u"
    assert picture.find(include="owner")[0].to_json()["owner"]["name"] == "u"


# ---------------------------------------------------------------- through a joining model


@pytest.fixture
def album(db: DataSource) -> dict[str, Any]:
    """Pictures of authors and readers, with the same keys on both sides."""
    picture, link = db.define("Picture", {"name": str}), db.define("PictureLink")
    models = {"Picture": picture, "PictureLink": link}
    for name in ("Author", "Reader"):
        owner = models[name] = db.define(name, {"name": str})
        owner.has_many(picture, through=link, polymorphic="imageable")
        picture.has_many(owner, through=link, polymorphic="imageable", invert=True)
    return models


def names(rows: Any) -> list[str]:
    return [row.name for row in rows]


def test_through_a_joining_model_the_link_says_whose_it_is(album: dict[str, Any]) -> None:
    author, reader = album["Author"].create(name="a"), album["Reader"].create(name="r")
    assert author.id == reader.id
    one = author.pictures.create(name="p1")
    two = reader.pictures.create(name="p2")
    reader.pictures.add(one)
    assert [names(who.pictures({"order": "name"})) for who in (author, reader)] == [
        ["p1"], ["p1", "p2"],
    ]  # fmt: skip
    assert [(x.imageableType, x.imageableId, x.pictureId) for x in album["PictureLink"].find()] == [
        ("Author", 1, 1), ("Reader", 1, 2), ("Reader", 1, 1),
    ]  # fmt: skip
    assert (author.pictures.count(), author.pictures.exists(two)) == (1, False)
    assert author.pictures.find_by_id(two.id) is None
    assert names(one.authors()) == ["a"]
    assert (names(one.readers()), names(two.authors())) == (["r"], [])
    two.authors.add(author)
    assert author.pictures.exists(two)
    author.pictures.remove(one)
    assert reader.pictures.count() == 2


def test_include_and_conditions_keep_to_the_type(album: dict[str, Any], calls: Recorder) -> None:
    for name, pictures in (("Author", "xy"), ("Reader", "z")):
        owner = album[name].create(name=name)
        for one in pictures:
            owner.pictures.create(name=one)
    del calls.calls[:]
    (author,) = album["Author"].find(include="pictures")
    assert len(calls.calls) == 3
    assert names(author.pictures.loaded) == ["x", "y"]
    shown = album["Picture"].find({"order": "name"}, include=["authors", "readers"])
    assert [(names(p.authors.loaded), names(p.readers.loaded)) for p in shown] == [
        (["Author"], []), (["Author"], []), ([], ["Reader"]),
    ]  # fmt: skip
    assert album["Author"].count({"pictures.name": "z"}) == 0
    assert album["Reader"].count({"pictures.name": "z"}) == 1
    assert names(album["Picture"].find({"where": {"authors.name": "Author"}})) == ["x", "y"]


def test_deletes_through_a_polymorphic_link_stay_on_their_side(album: dict[str, Any]) -> None:
    author, reader = album["Author"].create(name="a"), album["Reader"].create(name="r")
    shared = author.pictures.create(name="p")
    reader.pictures.add(shared)
    assert shared.authors.delete_all().changed == 1
    assert (album["Author"].count(), album["Reader"].count()) == (0, 1)
    assert names(reader.pictures()) == ["p"]
    assert [link.imageableType for link in album["PictureLink"].find()] == ["Reader"]
    assert reader.pictures.delete_all().changed == 1
    assert album["PictureLink"].count() == 0


def test_has_and_belongs_to_many_may_be_polymorphic(db: DataSource) -> None:
    tag: Any = db.define("Tag", {"name": str})
    tagging: Any = db.define("Tagging")
    for name in ("Post", "Page"):
        model: Any = db.define(name)
        model.has_and_belongs_to_many("tags", model=tag, through=tagging, polymorphic="taggable")
        model.create().tags.create(name=name)
    models: list[Any] = [db.models["Post"], db.models["Page"]]
    assert [names(model.find_one().tags()) for model in models] == [["Post"], ["Page"]]
    with pytest.raises(ConfigurationError) as caught:
        db.define("Note").has_and_belongs_to_many("tags", model=tag, polymorphic="taggable")
    assert caught.value.code == "bad-option"


def test_rules_of_deletes_take_the_links_of_their_type(db: DataSource) -> None:
    tag: Any = db.define("Tag", {"name": str})
    tagging: Any = db.define("Tagging")
    for name in ("Post", "Page"):
        model: Any = db.define(name)
        model.has_many(tag, through=tagging, polymorphic="taggable", on_delete="cascade")
        model.create().tags.create(name=name)
    db.models["Post"].delete_by_id(1)
    assert [link.taggableType for link in tagging.find()] == ["Page"]
    assert tag.count() == 2


def test_typed_classes_join_polymorphically(db: DataSource) -> None:
    class Label(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str]

    class Labelling(Model):
        id: Prop[int] = prop(id=True, generated=True)
        label_id: Prop[int]
        labelled_id: Prop[int]
        labelled_type: Prop[str]
        labelled: BelongsTo[Model] = belongs_to(polymorphic=True)

    class Parcel(Model):
        id: Prop[int] = prop(id=True, generated=True)
        labels: HasMany[Label] = has_many(through=Labelling, polymorphic="labelled")

    db.attach(Label, Labelling, Parcel)
    parcel = Parcel.create()
    parcel.labels.create(name="x")
    (link,) = Labelling.find(include="labelled")
    assert (link.labelled_type, link.labelled().id) == ("Parcel", parcel.id)  # type: ignore[union-attr]
    with pytest.raises(ConfigurationError) as caught:
        Parcel.has_many(Label, as_="others", through=Labelling, invert=True)
    assert caught.value.code == "bad-option"
