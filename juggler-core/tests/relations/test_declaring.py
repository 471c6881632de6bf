"""Relations are declared in every form, and their keys are inferred, added or asked for."""

from __future__ import annotations

from typing import Any

import pytest

from juggler import (
    BelongsTo,
    CapabilityError,
    ConfigurationError,
    DataSource,
    HasMany,
    Key,
    Model,
    ModelBuilder,
    Prop,
    belongs_to,
    has_many,
    prop,
)
from juggler.model.relations.resolve import relation
from juggler.model.relations.words import camel, plural, singular, snake


def test_a_dictionary_model_gets_the_key_in_camel_case(db: DataSource) -> None:
    book, chapter = db.define("Book"), db.define("Chapters")
    book.has_many(chapter, {"as": "chapters"})
    assert "bookId" in chapter.__definition__.properties
    assert relation(book, "chapters").pairs == (("id", "bookId"),)


def test_the_name_may_come_first(db: DataSource) -> None:
    book, chapter = db.define("Book"), db.define("Chapter")
    book.has_many("chapters", {"model": chapter, "foreignKey": "chapter_id"})
    assert relation(book, "chapters").pairs == (("id", "chapter_id"),)


@pytest.mark.parametrize("name", ["tags", "tag", "Tags", "Tag", "TAGS"])
def test_a_target_is_found_by_plural_and_singular_in_any_case(db: DataSource, name: str) -> None:
    tag, post = db.define("Tag"), db.define("Post")
    post.has_many("labels", {"model": name})
    assert relation(post, "labels").target is tag


def test_options_by_keyword(db: DataSource) -> None:
    user, post = db.define("User"), db.define("Post")
    user.has_many(post, as_="posts", foreign_key="userId")
    post.belongs_to(user, as_="author", foreign_key="userId")
    ann = user.create(name="Ann")
    assert ann.posts.create(title="x").author().id == ann.id


def test_without_a_name_the_relation_is_named_after_the_model(db: DataSource) -> None:
    user, post = db.define("User"), db.define("BlogPost")
    user.has_many(post)
    post.belongs_to(user)
    assert relation(user, "blogPosts").pairs == (("id", "userId"),)
    assert relation(post, "user").pairs == (("userId", "id"),)


def test_a_target_may_be_defined_later(db: DataSource) -> None:
    book = db.define("Book", {}, {"relations": {"pages": {"type": "hasMany", "model": "Page"}}})
    page = db.define("Page")
    assert "bookId" in page.__definition__.properties
    one = book.create()
    one.pages.create()
    assert one.pages.count() == 1


def test_an_empty_foreign_key_is_inferred(db: DataSource) -> None:
    db.define("Page")
    book = db.define(
        "Book",
        {},
        {"relations": {"pages": {"type": "hasMany", "model": "Page", "foreignKey": ""}}},
    )
    assert relation(book, "pages").pairs == (("id", "bookId"),)


def test_the_added_key_has_the_type_of_the_key(db: DataSource) -> None:
    book = db.define("Book", {"isbn": {"type": "string", "id": True}})
    page = db.define("Page")
    book.has_many(page)
    assert str(page.__definition__.properties["bookId"].type) == "string"


def test_a_definition_of_a_builder_takes_the_type_when_it_is_attached(db: DataSource) -> None:
    builder = ModelBuilder()
    book, page = builder.define("Book"), builder.define("Page")
    book.has_many(page)
    db.attach(book, page)
    assert (
        page.__definition__.properties["bookId"].type == book.__definition__.properties["id"].type
    )


def test_typed_keys_are_in_snake_case(db: DataSource) -> None:
    class Author(Model):
        id: Prop[int] = prop(id=True, generated=True)
        books: HasMany[Novel] = has_many()

    class Novel(Model):
        id: Prop[int] = prop(id=True, generated=True)
        author_id: Prop[int | None] = prop(default=None)
        author: BelongsTo[Author] = belongs_to()

    db.attach(Author, Novel)
    assert relation(Author, "books").pairs == (("id", "author_id"),)
    assert relation(Novel, "author").pairs == (("author_id", "id"),)


def test_a_typed_has_many_takes_the_key_of_the_only_way_back(db: DataSource) -> None:
    class Person(Model):
        id: Prop[int] = prop(id=True, generated=True)
        written: HasMany[Letter] = has_many()

    class Letter(Model):
        id: Prop[int] = prop(id=True, generated=True)
        writer_id: Prop[int | None] = prop(default=None)
        writer: BelongsTo[Person] = belongs_to()

    db.attach(Person, Letter)
    assert relation(Person, "written").pairs == (("id", "writer_id"),)


def test_a_typed_class_without_the_key_is_told_the_line_to_add(db: DataSource) -> None:
    class Shelf(Model):
        id: Prop[int] = prop(id=True, generated=True)
        items: HasMany[Item] = has_many()

    class Item(Model):
        id: Prop[int] = prop(id=True, generated=True)

    with pytest.raises(ConfigurationError) as caught:
        db.attach(Shelf, Item)
    assert caught.value.code == "missing-key"
    assert "shelf_id: Prop[int | None] = prop(default=None)" in caught.value.hint


def test_composite_keys(db: DataSource) -> None:
    class Slot(Model, key=Key(partition=("hall", "row"))):
        hall: Prop[str]
        row: Prop[int]
        tickets: HasMany[Ticket] = has_many()

    class Ticket(Model):
        id: Prop[int] = prop(id=True, generated=True)
        slot_hall: Prop[str | None] = prop(default=None)
        slot_row: Prop[int | None] = prop(default=None)
        slot: BelongsTo[Slot] = belongs_to()

    db.attach(Slot, Ticket)
    one, other = Slot.create(hall="a", row=1), Slot.create(hall="a", row=2)
    ticket = one.tickets.create()
    other.tickets.create()
    assert [t.id for t in one.tickets()] == [ticket.id]
    assert ticket.slot.id == ("a", 1)
    assert ticket.slot().row == 1
    loaded = Slot.find(include="tickets")
    assert [len(slot.tickets.loaded or []) for slot in loaded] == [1, 1]
    assert [t.slot.loaded.row for t in Ticket.find(include="slot")] == [1, 2]


def test_a_key_of_the_wrong_length_is_refused(db: DataSource) -> None:
    seat = db.define("Seat", {"hall": {"type": str, "id": 1}, "row": {"type": int, "id": 2}})
    ticket = db.define("Ticket")
    with pytest.raises(ConfigurationError) as caught:
        ticket.belongs_to(seat, foreign_key="seatId")
    assert caught.value.code == "bad-key"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"type": "hasMany", "model": "B", "foriegnKey": "x"}, "unknown-option"),
        ({"type": "hasFew", "model": "B"}, "unknown-relation-kind"),
        ({"type": "hasMany"}, "bad-option"),
        ({"type": "hasMany", "model": "B", "onDelete": "explode"}, "bad-option"),
        ({"type": "hasMany", "model": "B", "scope": "x"}, "bad-option"),
        ({"type": "hasMany", "model": "B", "keyThrough": "x"}, "bad-option"),
        ({"type": "belongsTo", "model": "B", "onDelete": "cascade"}, "unknown-option"),
        ({"type": "hasMany", "model": "B", "options": {"lazy": True}}, "unknown-option"),
    ],
)
def test_a_mistake_in_a_definition_is_an_error(
    db: DataSource, settings: dict[str, Any], code: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        db.define("A", {}, {"relations": {"others": settings}})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "more",
    [
        {"type": "hasMany", "embedsProperties": True},
        {"type": "belongsTo", "options": {"embedsProperties": True}},
        {"type": "hasMany", "options": {"prepend": True}},
        {"type": "hasMany", "options": {"persistent": True}},
        {"type": "embedsOne", "options": {"forceId": True}},
        {"type": "embedsMany", "options": {"validate": False}},
    ],
)
def test_what_is_not_there_is_refused_at_definition(db: DataSource, more: dict[str, Any]) -> None:
    settings = {"model": "B", **more}
    with pytest.raises(CapabilityError):
        db.define("A", {}, {"relations": {"others": settings}})


def test_a_relation_cannot_have_the_name_of_a_key(db: DataSource) -> None:
    db.define("Book", {"title": "string"})
    with pytest.raises(ConfigurationError) as caught:
        db.define(
            "Loan",
            {"days": "number"},
            {
                "relations": {
                    "bookId": {"type": "belongsTo", "model": "Book", "foreignKey": "bookId"}
                }
            },
        )
    assert caught.value.code == "relation-name"


def test_a_relation_cannot_have_the_name_of_a_property(db: DataSource) -> None:
    model = db.define("A", {"tags": [str]})
    with pytest.raises(ConfigurationError) as caught:
        model.has_many("tags", {"model": "Tag"})
    assert caught.value.code == "relation-name"


def test_a_frozen_data_source_takes_no_relations(db: DataSource) -> None:
    book, page = db.define("Book"), db.define("Page")
    db.freeze()
    with pytest.raises(ConfigurationError) as caught:
        book.has_many(page)
    assert caught.value.code == "frozen"


def test_an_inherited_relation_keeps_its_key(db: DataSource) -> None:
    user, post = db.define("User"), db.define("Post")
    user.has_many(post)
    admin = db.define("Admin", {"level": int}, {"base": "User"})
    assert relation(admin, "posts").pairs == (("id", "userId"),)


def test_relations_survive_ldl(db: DataSource) -> None:
    db.define("Post")
    said = {"posts": {"type": "hasMany", "model": "Post", "foreignKey": "authorId"}}
    user = db.define("User", {}, {"relations": said})
    assert user.ldl()["relations"] == said


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("post", "posts"), ("category", "categories"), ("address", "addresses"), ("box", "boxes"),
        ("Person", "People"), ("child", "children"), ("day", "days"), ("status", "statuses"),
        ("blogPost", "blogPosts"), ("news", "news"), ("Chapter", "Chapters"),
    ],
)  # fmt: skip
def test_plural_and_singular(one: str, many: str) -> None:
    assert plural(one) == many
    assert plural(many) == many
    assert singular(many) == one
    assert singular(one) == one


def test_words() -> None:
    assert [camel(t) for t in ("BookShop", "book_shop", "book-shop", "book")] == [
        "bookShop", "bookShop", "bookShop", "book",
    ]  # fmt: skip
    assert [snake(t) for t in ("BookShop", "bookShop", "HTTPServer", "book-shop")] == [
        "book_shop", "book_shop", "http_server", "book_shop",
    ]  # fmt: skip
