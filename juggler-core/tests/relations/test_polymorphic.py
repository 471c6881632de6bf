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
