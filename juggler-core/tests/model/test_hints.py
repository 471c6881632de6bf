"""What the usual mistakes are answered with: a hint that says what to type."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    BulkError,
    ConfigurationError,
    HasMany,
    InvalidQueryError,
    Model,
    Prop,
    belongs_to,
    connect,
    has_many,
    prop,
)
from juggler.errors import JugglerError
from juggler.model.ldl.reading import DefinitionWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource


class Author(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str]
    books: HasMany[Book] = has_many()


class Book(Model):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str]
    author_id: Prop[int | None] = prop(default=None)
    author: BelongsTo[Author] = belongs_to()


@pytest.fixture
def db() -> Iterator[DataSource]:
    with connect("memory:") as source:
        source.attach(Author, Book)
        yield source


LOOSE: Any = Book


@pytest.mark.parametrize(
    ("owner", "name", "meant"),
    [
        (LOOSE, "filter", "where"),
        (LOOSE, "objects", "where"),
        (LOOSE, "get", "find_by_id"),
        (LOOSE, "get_or_create", "find_or_create"),
        (LOOSE, "findOne", "find_one"),
        (LOOSE, "destroyAll", "delete_all"),
        (LOOSE, "titel", "title"),
        (LOOSE(title="x"), "model_dump", "to_object"),
        (LOOSE(title="x"), "refresh_from_db", "reload"),
        (LOOSE(title="x"), "update", "patch"),
    ],
)
def test_names_of_other_libraries_and_typing_errors(owner: Any, name: str, meant: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)
    assert isinstance(caught.value, ConfigurationError)
    assert caught.value.hint == f"did you mean {meant!r}?"


@pytest.mark.usefixtures("db")
def test_an_attribute_of_a_handle() -> None:
    author = Author.create(name="Ann")
    book: Any = author.books.create(title="One")
    with pytest.raises(AttributeError, match=r"author\(\)\.name"):
        _ = book.author.name
    with pytest.raises(AttributeError, match=r"books\(\)$"):
        _ = author.books.title  # type: ignore[attr-defined]


@pytest.mark.usefixtures("db")
def test_a_method_of_instances_that_is_called_on_the_model() -> None:
    with pytest.raises(TypeError, match=r"a method of instances.*User\.delete_by_id"):
        LOOSE.delete(1)


@pytest.mark.usefixtures("db")
def test_a_condition_by_keyword() -> None:
    with pytest.raises(InvalidQueryError) as caught:
        LOOSE.find(title="One")
    assert "Book.title == …" in caught.value.hint


@pytest.mark.usefixtures("db")
def test_a_wrong_option_leaves_nothing_behind() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that is never awaited, for one
        with pytest.raises(JugglerError, match="unknown option 'title'"):
            LOOSE.find_or_create({"where": {"title": "One"}}, title="One")


@pytest.mark.usefixtures("db")
def test_a_bulk_error_says_what_is_wrong_with_the_first_row() -> None:
    with pytest.raises(BulkError, match=r"2 rows of 'Book' failed, the first with .*'titel'"):
        Book.create_all([{"title": "One"}, {"titel": "Two"}, {}])


def test_unknown_keys_are_reported_where_they_are_written(db: DataSource) -> None:
    with pytest.warns(DefinitionWarning, match="requird") as caught:
        db.define("Note", {"text": {"type": "string", "requird": True}})
    assert caught[0].filename == __file__
