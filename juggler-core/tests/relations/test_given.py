"""Relations among the values of a row: the key of what is given, or a refusal; never data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    EmbedsOne,
    HasMany,
    InvalidValueError,
    Model,
    NotFoundError,
    Prop,
    belongs_to,
    embeds_one,
    has_many,
    prop,
)

if TYPE_CHECKING:
    from juggler import DataSource


class Seat(Model):
    city: Prop[str] = prop(default="")


class Author(Model):
    id: Prop[int] = prop(id=True, generated=True)
    seat: Prop[Seat | None] = prop(default=None)
    home: EmbedsOne[Seat] = embeds_one(property="seat")
    books: HasMany[Book] = has_many()


class Book(Model):
    id: Prop[int] = prop(id=True, generated=True)
    author_id: Prop[int | None] = prop(default=None)
    author: BelongsTo[Author] = belongs_to()


class Novel(Book):
    pass


@pytest.fixture(params=["typed", "open"])
def models(db: DataSource, request: Any) -> tuple[Any, Any, str]:
    """Authors and their books: typed classes, and open dictionary models."""
    if request.param == "typed":
        db.attach(Author, Book, Novel)
        return Author, Novel, "author_id"
    author = db.define("Author", {})
    book = db.define("Book", {})
    author.has_many(book, as_="books")
    book.belongs_to(author, as_="author")
    return author, book, "authorId"


def test_an_instance_stands_for_its_key(models: tuple[Any, Any, str]) -> None:
    author, book, key = models
    ann, bob = author.create(), author.create()
    one = book(author=ann)
    assert one[key] == ann.id
    one = book.create({"author": ann})
    assert one.to_object() == book.find_one().to_object() == {"id": 1, key: ann.id}
    assert one.author() == ann
    one.patch({"author": bob})
    assert book.find_one()[key] == bob.id
    assert book.upsert({"id": 1, "author": ann})[key] == ann.id
    book.update_all({"id": 1}, {"author": None})
    assert book.find_one()[key] is None
    one["author"] = ann
    assert one[key] == ann.id
    assert book.create_all([{"author": bob}]).ok
    assert book.count({key: bob.id}) == 1


def test_what_is_no_instance_is_refused(models: tuple[Any, Any, str]) -> None:
    author, book, key = models
    for value in (1, {"id": 1}, [], book()):
        with pytest.raises(InvalidValueError) as caught:
            book.create(author=value)
        assert "author" in str(caught.value)
        assert key in caught.value.hint
    with pytest.raises(NotFoundError):
        book.create(author=author())
    for write in (author.create, author, lambda data: author.upsert({"id": 1, **data})):
        with pytest.raises(InvalidValueError) as caught:
            write({"books": [book()]})
        assert caught.value.code == "relation-value"
        assert "books.create" in caught.value.hint


def test_an_embedded_relation_stands_for_its_property(db: DataSource) -> None:
    db.attach(Author, Book)
    values: Any = {"home": {"city": "Rome"}}
    assert Author.create(values).seat.city == "Rome"  # type: ignore[union-attr]
    assert Author.find_one().home().city == "Rome"  # type: ignore[union-attr]
