"""The examples of relations in the original documents, in Python, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler import DataSource, connect

if TYPE_CHECKING:
    from pathlib import Path


def test_user_has_many_posts(db: DataSource) -> None:
    User, Post = db.define("User"), db.define("Post")
    User.has_many(Post, {"as": "posts", "foreignKey": "userId"})
    user: Any = User.create()
    assert user.posts() == []
    post = user.posts.build({"title": "x"})
    assert post.userId == user.id
    user.posts.create({"title": "y"})
    assert [p.title for p in user.posts({"where": {"title": "y"}})] == ["y"]


def test_post_belongs_to_author(db: DataSource) -> None:
    User, Post = db.define("User"), db.define("Post")
    Post.belongs_to(User, {"as": "author", "foreignKey": "userId"})
    user = User.create(name="Ann")
    post: Any = Post.create(userId=user.id)
    assert post.author().name == "Ann"
    User.find_by_id(user.id).patch({"name": "Eve"})  # type: ignore[union-attr]
    assert post.author().name == "Ann"
    assert post.author(True).name == "Eve"  # noqa: FBT003 - the original's spelling
    post.author = user
    assert post.author() is user


def test_post_has_and_belongs_to_many_tags(db: DataSource) -> None:
    db.define("Tag")
    Post = db.define("Post")
    Post.has_and_belongs_to_many("tags")
    assert db.get_model("PostTag") is not None


def test_book_and_chapters(db: DataSource) -> None:
    Book, Chapter = db.define("Book"), db.define("Chapters")
    Book.has_many(Chapter, {"as": "chapters"})
    book: Any = Book.create()
    c: Any = book.chapters.build({"name": "Chapter 1"})
    assert c.to_object() == Chapter({"name": "Chapter 1", "bookId": book.id}).to_object()
    book.chapters.create()
    Chapter.create({"bookId": book.id})
    assert len(book.chapters()) == 2
    assert book.chapters({"where": {"name": "test"}}) == []
    Book.has_many("sections", {"model": Chapter, "foreignKey": "chapter_id"})
    book.sections.create({"name": "s"})
    assert [s.chapter_id for s in book.sections()] == [book.id]


def test_user_and_groups(db: DataSource) -> None:
    User, Group = db.define("User"), db.define("Group")
    User.has_and_belongs_to_many("groups", {"model": Group, "foreignKey": "groupId"})
    user: Any = User.create()
    group = Group.create()
    assert user.groups() == []
    made = user.groups.create({"name": "x"})
    user.groups.add(group)
    user.groups.remove(made)
    assert [g.id for g in user.groups()] == [group.id]


def test_discovered_foreign_keys_become_relations(tmp_path: Path) -> None:
    with connect({"connector": "sqlite", "database": str(tmp_path / "shop.db")}) as ds:
        ds.execute("CREATE TABLE PRODUCT (ID TEXT PRIMARY KEY, NAME TEXT)")
        ds.execute(
            "CREATE TABLE INVENTORY (ID INTEGER PRIMARY KEY, QTY INTEGER,"
            " PRODUCT_ID TEXT REFERENCES PRODUCT (ID))"
        )
        ds.execute("INSERT INTO PRODUCT VALUES ('m1', 'map'), ('p1', 'pen')")
        ds.execute("INSERT INTO INVENTORY VALUES (1, 5, 'm1'), (2, 7, 'p1'), (3, 9, NULL)")
        models = ds.discover_and_build_models("INVENTORY", associations=True)
        Inventory = models["Inventory"]
        inv: Any = Inventory.find_one()
        assert inv.product().name == "map"
        found: list[Any] = Inventory.find(include="product")
        assert [one.to_json().get("product", {}).get("name") for one in found] == [
            "map", "pen", None,
        ]  # fmt: skip
