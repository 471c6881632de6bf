"""Include: every form, one request per relation and 256 keys, limits per parent, keys stripped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import (
    BelongsTo,
    CapabilityError,
    ConfigurationError,
    DataSource,
    HasMany,
    HasOne,
    InvalidQueryError,
    InvalidValueError,
    Model,
    Prop,
    belongs_to,
    connect,
    has_many,
    has_one,
    prop,
)

if TYPE_CHECKING:
    from juggler.connector.port import Recorder


class Writer(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    books: HasMany[Book] = has_many()
    desk: HasOne[Desk] = has_one()


class Book(Model):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str] = prop(default="")
    pages: Prop[int] = prop(default=0)
    writer_id: Prop[int | None] = prop(default=None)
    writer: BelongsTo[Writer] = belongs_to()
    notes: HasMany[Note] = has_many()


class Note(Model):
    id: Prop[int] = prop(id=True, generated=True)
    text: Prop[str] = prop(default="")
    book_id: Prop[int | None] = prop(default=None)
    book: BelongsTo[Book] = belongs_to()


class Desk(Model):
    id: Prop[int] = prop(id=True, generated=True)
    writer_id: Prop[int | None] = prop(default=None)


@pytest.fixture
def shelf(db: DataSource) -> DataSource:
    db.attach(Writer, Book, Note, Desk)
    for name in ("ann", "bob", "cas"):
        Writer.create(name=name)
    for at in range(6):
        book = Book.create(title=f"t{at}", pages=10 * (6 - at), writer_id=at % 2 + 1)
        book.notes.create(text=f"n{at}")
    Desk.create(writer_id=1)
    return db


def loaded(rows: list[Writer]) -> list[list[str]]:
    return [[book.title for book in row.books.loaded or []] for row in rows]


ALL = [["t0", "t2", "t4"], ["t1", "t3", "t5"], []]


@pytest.mark.parametrize(
    "include",
    [
        "books",
        ["books"],
        {"books": []},
        {"relation": "books"},
        [{"relation": "books", "scope": {}}],
        {"rel": "books"},
        Writer.books,
        ["books", "books"],
        ["books", {"books": "notes"}],
    ],
)
def test_forms(shelf: DataSource, include: Any) -> None:
    assert loaded(Writer.find(include=include)) == ALL
    if not hasattr(include, "related"):
        assert loaded(Writer.find({"include": include})) == ALL
    assert loaded(Writer.include(Writer.find(), include)) == ALL


def test_one_request_for_each_relation(shelf: DataSource, calls: Recorder) -> None:
    Writer.find(include=[{"books": {"notes": "book"}}, "desk"])
    assert len(calls.calls) == 5


def test_one_request_for_256_keys(db: DataSource, calls: Recorder) -> None:
    db.attach(Writer, Book, Note, Desk)
    writers = Writer.create_all([{"name": str(at)} for at in range(600)])
    Book.create_all([{"writer_id": key} for key in writers.keys])
    del calls.calls[:]
    found = Writer.find(include="books")
    assert len(calls.calls) == 1 + 3
    assert all(len(one.books.loaded or []) == 1 for one in found)
    del calls.calls[:]
    books = Book.find(include="writer")
    assert len(calls.calls) == 1 + 3
    assert all(one.writer.loaded is not None for one in books)


def test_instances_that_are_there_cost_the_same(shelf: DataSource, calls: Recorder) -> None:
    writers = Writer.find()
    del calls.calls[:]
    assert loaded(Writer.include(writers, ["books"])) == ALL
    assert len(calls.calls) == 1


def test_nothing_is_asked_for_nothing(shelf: DataSource, calls: Recorder) -> None:
    Writer.include([], ["books"])
    Writer.find({"where": {"name": "none"}}, include="books")
    Note.find({"where": {"text": "n0"}}, include={"book": "writer"})
    assert len(calls.calls) == 1 + 3


def test_shared_targets_are_loaded_once(shelf: DataSource) -> None:
    first, second, third, *_ = Book.find(include="writer")
    assert first.writer.loaded is third.writer.loaded
    assert first.writer.loaded is not second.writer.loaded


def test_limit_skip_and_order_are_for_each(shelf: DataSource, calls: Recorder) -> None:
    scope = {"order": "pages", "limit": 1, "skip": 1}
    found = Writer.find(include={"relation": "books", "scope": scope})
    assert loaded(found) == [["t2"], ["t3"], []]
    typed = Writer.find(include=Writer.books.order(Book.pages).limit(2))
    assert loaded(typed) == [["t4", "t2"], ["t5", "t3"], []]
    assert loaded(Writer.find(include=Writer.books.limit(0))) == [[], [], []]
    assert len(calls.calls) == 6


def test_scopes(shelf: DataSource) -> None:
    assert loaded(Writer.find(include=Writer.books.where(Book.pages > 30))) == [
        ["t0", "t2"], ["t1"], [],
    ]  # fmt: skip
    nested = Writer.find(include=Writer.books.where(Book.pages > 50).include(Book.notes))
    note = nested[0].books.loaded[0].notes.loaded  # type: ignore[index]
    assert [n.text for n in note or []] == ["n0"]
    scope = {"where": {"pages": 60}, "include": [{"relation": "notes"}]}
    again = Writer.find(include={"relation": "books", "scope": scope})
    assert again[0].to_json()["books"][0]["notes"][0]["text"] == "n0"


@pytest.mark.parametrize(
    "scope",
    [
        lambda books: books.where(Book.pages > 30).order("title"),
        lambda _: {"where": {"pages": {"gt": 30}}},
        lambda books: books.include("notes").where({"pages": {"gt": 30}}),
    ],
)
def test_a_scope_may_be_a_function_of_the_query(shelf: DataSource, scope: Any) -> None:
    found = Writer.find(include={"relation": "books", "scope": scope})
    assert loaded(found) == [["t0", "t2"], ["t1"], []]
    assert loaded(Writer.include(Writer.find(), [{"relation": "books", "scope": scope}])) == [
        ["t0", "t2"], ["t1"], [],
    ]  # fmt: skip


def test_keys_are_added_and_stripped(shelf: DataSource) -> None:
    (one,) = Writer.find(
        {"where": {"name": "ann"}, "fields": ["name"]},
        include={"relation": "books", "scope": {"fields": ["title"], "limit": 1}},
    )
    assert one.to_json() == {"name": "ann", "books": [{"title": "t0"}]}
    book = Book.find({"fields": ["title"], "limit": 1}, include="writer")[0]
    assert book.to_json() == {"title": "t0", "writer": {"id": 1, "name": "ann"}}
    assert book.writer.loaded is not None
    with pytest.raises(AttributeError):
        _ = book.writer_id


def test_a_relation_to_nothing_is_left_out(shelf: DataSource, calls: Recorder) -> None:
    ann, bob, _ = Writer.find(include="desk")
    assert ann.to_json()["desk"] == {"id": 1, "writer_id": 1}
    assert "desk" not in bob.to_json()
    del calls.calls[:]
    assert bob.desk() is None
    assert calls.calls == []


def test_every_way_to_rows(shelf: DataSource) -> None:
    one = Writer.find_by_id(1, include="books")
    assert one is not None
    assert loaded([one]) == ALL[:1]
    first = Writer.find_one({"include": ["books"]})
    assert first is not None
    assert loaded([first]) == ALL[:1]
    assert loaded(Writer.find_by_ids([2, 1], include="books")) == [ALL[1], ALL[0]]
    assert loaded(Writer.where().include("books").page(2)[0]) == ALL[:2]
    assert loaded(list(Writer.stream(include="books"))) == ALL
    assert Writer.where().include("books").dicts()[2]["books"] == []


@pytest.mark.parametrize(
    ("include", "code"),
    [
        ("boks", "unknown-relation"),
        ({"books": "note"}, "unknown-relation"),
        ({"relation": "books", "scope": {"where": {"pags": 1}}}, "unknown-property"),
        ({"relation": "books", "scope": {"include": "x"}}, "unknown-relation"),
        ({"relation": "books", "limit": 1}, "bad-include"),
        ({"relation": "books", "scope": lambda books: None}, "bad-include"),
        ({"books": {"where": {"pages": 1}}}, "bad-include"),
        (7, "bad-include"),
        ({"books": 1}, "bad-include"),
        (Book.notes, "unknown-relation"),
        (
            [{"relation": "books", "scope": {"limit": 1}}] * 2,
            "bad-include",
        ),
    ],
)
def test_mistakes_show_before_any_request(
    shelf: DataSource, calls: Recorder, include: Any, code: str
) -> None:
    for ask in (
        lambda: Writer.find(include=include),
        lambda: Writer.find_by_id(1, include=include),
        lambda: Writer.include(Writer.find(), include),
    ):
        del calls.calls[:]
        with pytest.raises(InvalidQueryError) as caught:
            ask()
        assert caught.value.code == code
        assert len(calls.calls) <= 1
    del calls.calls[:]
    with pytest.raises(InvalidQueryError):
        Writer.find(include=include)
    assert calls.calls == []


def test_a_scope_by_itself_is_refused(shelf: DataSource, calls: Recorder) -> None:
    for ask in (
        lambda: Writer.books.where(Book.pages > 1).all(),
        lambda: Writer.books.where(Book.pages > 1).count(),
        lambda: Writer.books.where(Book.pages > 1).delete_all(),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            ask()
        assert caught.value.code == "relation-scope"
    assert calls.calls == []


def test_deep_nesting_is_bounded(shelf: DataSource) -> None:
    include: Any = "books"
    for _ in range(40):
        include = {"books": {"writer": include}}
    with pytest.raises(InvalidQueryError) as caught:
        Writer.find(include=include)
    assert caught.value.code == "query-too-deep"


def test_a_key_that_the_other_model_cannot_have_names_its_property(db: DataSource) -> None:
    owner = db.define("Owner", {"id": {"type": "number", "id": True}})
    pet = db.define("Pet", {"ownerCode": "string"})
    pet.belongs_to(owner, {"as": "owner", "foreignKey": "ownerCode"})
    pet.create(ownerCode="x")
    with pytest.raises(InvalidValueError, match=r"Pet\.ownerCode: 'x' is no number"):
        pet.find(include="owner")


def test_include_may_be_switched_off(db: DataSource) -> None:
    page, book = db.define("Page"), db.define("Book")
    book.has_many(page, options={"disableInclude": True})
    with pytest.raises(InvalidQueryError) as caught:
        book.find(include="pages")
    assert caught.value.code == "include-disabled"


def test_a_scope_that_is_a_function_is_called_for_one(db: DataSource) -> None:
    page, book = db.define("Page", {"n": int}), db.define("Book", {"least": int})
    book.has_many(page, scope=lambda one: {"where": {"n": {"gte": one.least}}})
    one = book.create(least=2)
    for n in range(4):
        one.pages.create(n=n)
    assert [p.n for p in one.pages()] == [2, 3]
    with pytest.raises(CapabilityError):
        book.find(include="pages")


def test_across_data_sources(db: DataSource) -> None:
    with connect("memory:") as other:
        user, post = db.define("User"), other.define("Post")
        user.has_many(post)
        post.belongs_to(user)
        ann = user.create(name="ann")
        ann.posts.create(title="x")
        (found,) = user.find(include={"posts": "user"})
        assert found.to_json()["posts"] == [
            {"id": 1, "userId": 1, "title": "x", "user": {"id": 1, "name": "ann"}}
        ]


def test_a_target_that_is_not_attached(db: DataSource) -> None:
    class Loose(Model):
        id: Prop[int] = prop(id=True)
        owner_id: Prop[int | None] = prop(default=None)

    class Owner(Model):
        id: Prop[int] = prop(id=True)
        loose: HasMany[Loose] = has_many()

    db.attach(Owner)
    with pytest.raises(ConfigurationError) as caught:
        Owner.find(include="loose")
    assert caught.value.code == "not-attached"


def test_asynchronous(shelf: DataSource) -> None:
    async def main() -> None:
        assert loaded(await Writer.aio.find(include=["books", "desk"])) == ALL
        writers = await Writer.aio.find()
        assert loaded(await Writer.aio.include(writers, ["books"])) == ALL  # type: ignore[attr-defined]

    asyncio.run(main())


def test_related_rows_are_strict_json(shelf: DataSource) -> None:
    data = Writer.find_by_id(1, include={"books": "notes"}).to_json()  # type: ignore[union-attr]
    assert data["books"][0] == {
        "id": 1, "title": "t0", "pages": 60, "writer_id": 1,
        "notes": [{"id": 1, "text": "n0", "book_id": 1}],
    }  # fmt: skip


books = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30)


@settings(deadline=None, max_examples=40)
@given(
    books,
    st.sampled_from([None, "pages", "pages DESC", "title DESC"]),
    st.none() | st.integers(0, 3),
    st.integers(0, 2),
    st.none() | st.integers(0, 3),
)
def test_include_is_what_each_would_answer(
    rows: list[tuple[int, int]],
    order: str | None,
    limit: int | None,
    skip: int,
    pages: int | None,
) -> None:
    with connect("memory:") as db:
        db.attach(Writer, Book, Note, Desk)
        Writer.create_all([{"name": str(n)} for n in range(5)])
        for writer, length in rows:
            Book.create(writer_id=writer or None, pages=length, title=str(length))
        scope = {
            "order": order, "limit": limit, "skip": skip,
            "where": {} if pages is None else {"pages": {"lte": pages}},
        }  # fmt: skip
        found = Writer.find(include={"relation": "books", "scope": scope})
        for writer in found:
            asked = [book.id for book in writer.books(scope)]
            assert [book.id for book in writer.books.loaded or []] == asked
        for book in Book.find(include="writer"):
            fetched = Book.find_by_id(book.id).writer()  # type: ignore[union-attr]
            kept = book.writer.loaded
            assert (kept and kept.id) == (fetched and fetched.id)
