"""LoopBack's options of relations: copied properties, copies of rows, defaults, references."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    ConfigurationError,
    EmbedsOne,
    HasMany,
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


class Author(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="?")
    newest: Prop[str | None] = prop(default=None)
    books: HasMany[Book] = has_many(properties={"title": "newest"}, invert_properties=True)


class Book(Model):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str] = prop(default="untitled")
    author_id: Prop[int | None] = prop(default=None)
    author_name: Prop[str | None] = prop(default=None)
    author: BelongsTo[Author] = belongs_to(
        properties={"name": "author_name"}, options={"invertProperties": True}
    )


# ------------------------------------------------------------------ copied properties


def test_belongs_to_copies_properties_of_the_other_row_into_this_one(db: DataSource) -> None:
    db.attach(Author, Book)
    ann, bob = Author.create(name="Ann"), Author.create(name="Bob")
    book: Any = Book.create()
    book.author = ann
    assert book.author_name == "Ann"
    book.save()
    assert Book.find_one().author_name == "Ann"  # type: ignore[union-attr]
    book.author = bob
    assert book.author_name == "Bob"
    assert Book({"author": ann}).author_name == "Ann"
    book.author = None
    assert (book.author_id, book.author_name) == (None, None)


def test_a_created_row_is_copied_as_it_is_stored(db: DataSource) -> None:
    db.attach(Author, Book)
    book: Any = Book.create()
    book.author.create()
    assert Book.find_one().author_name == "?"  # type: ignore[union-attr]
    book.author.remove()
    assert Book.find_one().author_name is None  # type: ignore[union-attr]
    assert book.author.build(name="Eve").name == "Eve"
    assert book.author_name == "Eve"


def test_has_many_copies_into_the_instance_that_saves_it(db: DataSource) -> None:
    db.attach(Author, Book)
    ann: Any = Author.create(name="Ann")
    book = ann.books.create()
    assert (book.author_name, ann.newest) == (None, "untitled")
    assert ann.changes == {"newest": (None, "untitled")}
    assert ann.books.create(Book(title="second")).title == ann.newest
    assert ann.books.build(title="third").title == ann.newest


def test_a_function_of_the_other_row_copies_too(db: DataSource) -> None:
    author = db.define("Author", {"name": str})
    book = db.define("Book", {"title": str, "by": str})
    book.belongs_to(
        author,
        {
            "properties": lambda source, target: {"by": f"{target.title} by {source.name}"},
            "options": {"invertProperties": True},
        },
    )
    one = book.create(title="T")
    one.author = author.create(name="Ann")
    assert one.by == "T by Ann"
    one.author = None
    assert one.by == "T by Ann"


def test_inverting_nothing_is_a_mistake(db: DataSource) -> None:
    author = db.define("Author", {"name": str})
    with pytest.raises(ConfigurationError) as caught:
        author.belongs_to("boss", {"model": "Author", "options": {"invertProperties": True}})
    assert "properties=" in caught.value.hint


# ------------------------------------------------------------------ embedded


def test_what_is_embedded_refers_to_rows(db: DataSource) -> None:
    job = db.define("Job", {"name": str})
    link = db.define("Link", {"name": str, "notes": str})
    category = db.define("Category", {"name": str})
    category.embeds_many(link, {"as": "items", "options": {"belongsTo": "job"}})
    link.belongs_to(
        job,
        {
            "foreignKey": "id",
            "properties": {"id": "id", "name": "name"},
            "options": {"invertProperties": True},
        },
    )
    job.create(name="Job 0")
    jobs = [job.create(name=f"Job {number}") for number in (1, 2, 3)]
    one = category.create(name="Category A")
    first = one.items.build()
    first.job = jobs[0]
    one.save()
    assert one.items.add(jobs[1], notes="n").name == "Job 2"
    assert one.items.add(jobs[2].id).id == 4
    found = category.find_one()
    assert [(item.id, item.name, item.notes) for item in found.items()] == [
        (2, "Job 1", None), (3, "Job 2", "n"), (4, "Job 3", None),
    ]  # fmt: skip
    assert found.items.at(0).job().name == "Job 1"
    with pytest.raises(NotFoundError):
        found.items.add(99)
    assert found.items.remove(jobs[1])
    assert found.items.remove(4)
    assert not found.items.remove(4)
    assert [item.id for item in category.find_one().items()] == [2]


def test_what_is_embedded_may_refer_to_rows_of_several_models(db: DataSource) -> None:
    people = db.define("Person", {"name": str})
    link = db.define("Link", {"name": str})
    book = db.define("Book", {})
    book.embeds_many(link, as_="people", property="links", belongs_to="linked")
    link.belongs_to("linked", polymorphic=True, properties={"name": "name"}, invert_properties=True)
    ann, bob = people.create(name="Ann"), people.create(name="Bob")
    one = book.create()
    one.people.add(ann)
    one.people.add(bob)
    (link1, link2) = book.find_one().people()
    assert (link1.linkedType, link1.name, link2.linkedId) == ("Person", "Ann", bob.id)
    one.people.remove(ann)
    assert [one.name for one in book.find_one().people()] == ["Bob"]


def test_a_default_is_embedded_in_new_rows(db: DataSource) -> None:
    passport = db.define("Passport", {"name": str, "kind": {"type": str, "default": "P"}})
    person = db.define("Person", {})
    person.embeds_one(passport, as_="passportItem", default={"name": "Anonymous"})
    assert person().passportItem().name == "Anonymous"
    assert person.create().to_json()["passport"] == {"name": "Anonymous", "kind": "P"}
    assert person.create(passport=None).passportItem() is None
    other = db.define("Other", {})
    other.embeds_one(passport, as_="item", default=True)
    assert other().passport.kind == "P"
    made = db.define("Made", {})
    made.embeds_one(passport, as_="item", default=lambda: {"name": "made"})
    assert made().passport.name == "made"
    assert made().passport is not made().passport


def test_a_property_that_is_declared_has_its_own_default(db: DataSource) -> None:
    class Passport(Model):
        name: Prop[str] = prop(default="P")

    class Person(Model):
        id: Prop[int] = prop(id=True, generated=True)
        passport: Prop[Passport | None] = prop(default=None)
        item: EmbedsOne[Passport] = embeds_one(property="passport", default=True)

    with pytest.raises(ConfigurationError) as caught:
        db.attach(Person, Passport)
    assert "default_factory=Passport" in caught.value.hint


def test_a_list_of_embedded_instances_starts_empty(db: DataSource) -> None:
    link = db.define("Link", {"name": str})
    shelf = db.define("Shelf", {})
    shelf.embeds_many(link, as_="items", property="links")
    assert shelf.create().to_json()["links"] == []
    bare = db.define("Bare", {})
    bare.embeds_many(link, as_="items", property="links", options={"omitDefaultEmbeddedItem": True})
    assert bare.create().links is None


def test_a_key_of_the_list_may_be_forced(db: DataSource) -> None:
    link = db.define("Link", {"id": {"type": int, "id": True}, "name": str})
    shelf = db.define("Shelf", {})
    shelf.embeds_many(link, as_="items", property="links", force_id=True)
    one = shelf.create()
    assert [one.items.create(id=7, name="a").id, one.items.create(id=7, name="b").id] == [1, 2]


# ------------------------------------------------------------------ copies of rows


@pytest.fixture
def kept(db: DataSource) -> Any:
    """A person whose addresses are rows of their own; one address is there before."""
    address = db.define("Address", {"street": {"type": str, "required": True}, "saved": int})
    person = db.define("Person", {"name": str})
    person.embeds_many(address, as_="addressList", property="addresses", persistent=True)
    person.embeds_one(address, as_="homeItem", property="home", options={"persistent": True})
    address.create(street="Street 0")

    @address.before_save
    def count(ctx: Any) -> None:
        values = ctx.data if ctx.instance is None else ctx.instance
        values["saved"] = 1 + ((values.get("saved") if ctx.instance is None else values.saved) or 0)

    return person.create(name="Fred")


def test_a_persistent_instance_is_a_row_first(db: DataSource, kept: Any) -> None:
    address = db.models["Address"]
    one = kept.addressList.create(street="Street 1")
    assert (one.id, one.saved) == (2, 1)
    assert address.find_by_id(2).street == "Street 1"
    there = address.find_by_id(1)
    assert kept.addressList.create(there).street == "Street 0"
    assert address.count() == 2
    assert [a.id for a in type(kept).find_one().addressList()] == [2, 1]
    kept.addressList.update_by_id(2, {"street": "Street 2"})
    assert address.find_by_id(2).to_object() == {"street": "Street 2", "id": 2, "saved": 2}
    assert kept.addresses[0].to_object() == address.find_by_id(2).to_object()
    kept.addressList.update_all({"street": "all"})
    assert {a.street for a in address.find()} == {"all"}
    home = kept.homeItem.create(street="Home")
    assert (home.id, kept.home.id, address.find_by_id(3).street) == (3, 3, "Home")
    kept.homeItem.update(street="Moved")
    assert address.find_by_id(3).street == kept.home.street == "Moved"


def test_rows_stay_when_their_copies_go(db: DataSource, kept: Any) -> None:
    kept.addressList.create(street="Street 1")
    kept.homeItem.create(street="Home")
    db.models["Address"].before_delete(lambda _: pytest.fail("no row is deleted"))
    assert kept.addressList.delete_by_id(2)
    assert kept.homeItem.delete()
    assert type(kept).find_one().to_object()["addresses"] == []
    assert db.models["Address"].count() == 3


def test_a_persistent_instance_that_is_refused_is_nowhere(db: DataSource, kept: Any) -> None:
    with pytest.raises(Exception, match="street"):
        kept.addressList.create(saved=1)
    assert (db.models["Address"].count(), kept.addresses) == (1, [])


def test_asynchronous(db: DataSource, kept: Any) -> None:
    async def main() -> None:
        one = await kept.addressList.aio.create(street="a")
        await kept.addressList.aio.update_by_id(one.id, {"street": "b"})
        assert (await db.models["Address"].aio.find_by_id(one.id)).street == "b"

    asyncio.run(main())
