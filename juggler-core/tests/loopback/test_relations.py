"""Relations of documents: names, targets, words that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_projects import model


def related(load_project: Any, *, config: Any = None, **relations: Any) -> Any:
    return load_project(
        {"a": model("A", {"n": "number"}, relations=relations), "book": model("Book")},
        config=config,
    )


def lost(project: Any) -> list[str]:
    return [f.place for f in project.report.lost]


@pytest.mark.parametrize("name", ["Book", "book", "books", "Books"])
def test_targets_by_plural_and_in_any_case(load_project: Any, name: str) -> None:
    project = related(load_project, books={"type": "hasMany", "model": name, "foreignKey": ""})
    assert not lost(project)
    assert project["A"].create({}).books.create({}).aId == 1


def test_empty_words_mean_nothing(load_project: Any) -> None:
    said = {"type": "hasMany", "model": "Book", "foreignKey": "", "through": "", "primaryKey": "",
            "keyThrough": "", "polymorphic": ""}  # fmt: skip
    assert not lost(related(load_project, books=said))


@pytest.mark.parametrize(
    "said",
    [
        {"type": "hasMany", "model": "Nowhere"},
        {"type": "hasMany", "model": "Book", "through": "Nowhere"},
        {"type": "knows", "model": "Book"},
        {"type": "hasMany"},
        {},
        "Book",
    ],
)
def test_a_relation_that_cannot_be_had(load_project: Any, said: Any) -> None:
    project = related(load_project, xs=said, book={"type": "belongsTo", "model": "Book"})
    assert lost(project) == ["A.xs"]
    assert not hasattr(project["A"].create({}), "xs")
    assert project["A"].create({}).book() is None


def test_a_target_without_a_data_source(load_project: Any) -> None:
    project = related(
        load_project,
        books={"type": "hasMany", "model": "Book"},
        config={"Book": {"dataSource": False}},
    )
    assert "which has no data source" in str(project.report)


def test_an_heir_is_proposed(load_project: Any) -> None:
    project = load_project(
        {
            "a": model("A", relations={"user": {"type": "belongsTo", "model": "User"}}),
            "m": model("Member", base="User"),
        }
    )
    assert "name the model that has one: Member" in str(project.report)


def test_refused_words_are_named_and_the_relation_works(load_project: Any) -> None:
    project = related(
        load_project,
        book={
            "type": "belongsTo", "model": "Book", "colour": "red",
            "options": {"nestRemoting": True, "invertProperties": True},
        },
    )  # fmt: skip
    assert lost(project) == ["A.book.invertProperties", "A.book.colour"]
    book = project["Book"].create({})
    assert project["A"].create(bookId=book.id).book().id == book.id


def test_options_are_honoured_beside_the_words_that_they_need(load_project: Any) -> None:
    project = related(
        load_project,
        book={
            "type": "belongsTo", "model": "Book", "properties": {"title": "bookTitle"},
            "options": {"invertProperties": True, "embedsProperties": True, "colour": "red"},
        },
    )  # fmt: skip
    assert lost(project) == ["A.book.embedsProperties", "A.book.colour"]
    one = project["A"]()
    one.book = project["Book"].create({"title": "T"})
    assert one.bookTitle == "T"


def test_names_that_the_api_needs_get_an_underscore(load_project: Any) -> None:
    project = related(load_project, count={"type": "hasMany", "model": "Book"})
    assert [f.place for f in project.report.changed] == ["A.count"]
    assert project["A"].create({}).count_.create({}).aId == 1


@pytest.mark.parametrize(("name", "called"), [("bookId", "book"), ("book_id", "book"), ("b", "b_")])
def test_a_relation_called_like_its_key(load_project: Any, name: str, called: str) -> None:
    project = related(
        load_project, **{name: {"type": "belongsTo", "model": "Book", "foreignKey": name}}
    )
    assert [f.place for f in project.report.changed] == [f"A.{name}"]
    book = project["Book"].create({})
    one = project["A"].create({name: book.id})
    assert getattr(one, called)().id == book.id
    assert project["A"].find({"include": called})[0].to_json()[called]["id"] == book.id


def test_a_relation_called_like_a_key_that_another_needs(load_project: Any) -> None:
    project = load_project(
        {
            "a": model("A", relations={"bs": {"type": "hasMany", "model": "B"}}),
            "b": model("B", relations={"aId": {"type": "belongsTo", "model": "A"}}),
        }
    )
    assert lost(project) == ["A.bs"]
    assert "relation-name" in str(project.report)
    a = project["A"].create({})
    assert project["B"].create(aIdId=a.id).aId().id == a.id


def test_a_relation_and_a_property_of_one_name(load_project: Any) -> None:
    project = related(load_project, n={"type": "hasMany", "model": "Book"})
    assert "n" not in project["A"].__definition__.properties
    assert project["A"].create({}).n.create({}).aId == 1


def test_a_relation_and_an_inherited_property_of_one_name(load_project: Any) -> None:
    project = load_project(
        {
            "a": model("A", {"n": "number"}),
            "b": model("B", base="A", relations={"n": {"type": "hasMany", "model": "A"}}),
        }
    )
    one = project["B"].create(n=1)
    assert (one.n, one.n_.create(n=2).n) == (1, 2)
    assert "called n_ here" in str(project.report)


def test_embedded_values_under_the_relations_name(load_project: Any) -> None:
    project = load_project(
        {
            "a": model("A", relations={
                "place": {"type": "embedsOne", "model": "Place", "property": "place"}}),
            "place": model("Place", {"city": "string"}, base="Model"),
        },
        config={"Place": {"dataSource": None}},
    )  # fmt: skip
    one = project["A"].create({})
    one.place.create(city="Rome")
    assert project["A"].find_one().to_json()["_place"]["city"] == "Rome"


def test_embedded_models_with_relations_of_their_own(load_project: Any) -> None:
    link = {"linked": {"type": "belongsTo", "polymorphic": {"idType": "number"}}}
    project = load_project(
        {
            "book": model("Book", relations={
                "people": {"type": "embedsMany", "model": "Link", "scope": {"include": "linked"}}}),
            "link": model("Link", {"id": {"type": "number", "id": True}}, base="Model",
                          relations=link),
            "author": model("Author", {"name": "string"}),
        },
        config={"Link": {"dataSource": None}},
    )  # fmt: skip
    assert lost(project) == []
    ann = project["Author"].create(name="Ann")
    book = project["Book"].create({})
    book.people.create(linkedId=ann.id, linkedType="Author")
    again = project["Book"].find_one()
    assert again.people()[0].linked.loaded.name == "Ann"


def test_joining_models_are_attached_beside_theirs(load_project: Any) -> None:
    project = related(load_project, books={"type": "hasAndBelongsToMany", "model": "Book"})
    one = project["A"].create({})
    one.books.create({})
    assert len(project["A"].find_one().books()) == 1
    assert "ABook" in project.builder.models


def test_keys_that_collide_are_reported_and_the_rest_works(load_project: Any) -> None:
    project = load_project(
        {
            "patient": model("Patient", relations={
                "patients": {"type": "hasMany", "model": "Patient", "through": "Visit"},
                "visits": {"type": "hasMany", "model": "Visit"}}),
            "visit": model("Visit"),
        }
    )  # fmt: skip
    assert lost(project) == ["Patient.patients"]
    assert not hasattr(project["Patient"], "patients")
    assert project["Patient"].create({}).visits.create({}).patientId == 1


def test_relations_of_a_base_are_inherited(load_project: Any) -> None:
    owned = {"owner": {"type": "belongsTo", "model": "Book", "foreignKey": "ownerId"}}
    files = {"common/models/owned.json": model("Owned", relations=owned)}
    project = load_project({"a": model("A", base="Owned"), "book": model("Book")}, files=files)
    book = project["Book"].create({})
    one = project["A"].create(ownerId=book.id)
    assert one.owner().id == book.id
    assert project["A"].find({"include": "owner"})[0].to_json()["owner"]["id"] == book.id


def test_an_include_of_a_scope_that_leads_nowhere_is_left_out(load_project: Any) -> None:
    scope = {"include": ["books", "nothing", {"relation": "books", "scope": {"include": "x"}}]}
    project = load_project(
        {
            "a": model("A", {"n": "number"}, scope={**scope, "where": {"n": 1}}, relations={
                "books": {"type": "hasMany", "model": "Book", "scope": {"include": "nowhere"}}}),
            "book": model("Book"),
        },
    )  # fmt: skip
    assert lost(project) == ["A.books.scope.include", "A.scope.include", "A.scope.include"]
    one = project["A"].create(n=1)
    project["A"].create(n=2)
    book = one.books.create()
    assert [a.to_json() for a in project["A"].find()] == [
        {"n": 1, "id": 1, "books": [{"id": 1, "aId": 1}]}
    ]
    assert one.books() == [book]
