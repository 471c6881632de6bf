"""Named scopes: static and of instances, with arguments, chained, in both colours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import ConfigurationError, InvalidQueryError, InvalidValueError, Model, Prop, prop

from .conftest import names

if TYPE_CHECKING:
    from juggler import DataSource


def test_calling_a_scope_gives_its_rows(person: Any) -> None:
    assert names(person.adults()) == ["Ann", "Dee", "Eve"]
    assert names(person.blue()) == ["Eve", "Ann", "Cid"]


def test_a_filter_narrows_it(person: Any) -> None:
    assert names(person.adults({"where": {"team": "a"}, "limit": 1})) == ["Ann"]
    assert names(person.adults(limit=2, order="age")) == ["Dee", "Ann"]
    assert names(person.blue.find({"order": "name"})) == ["Ann", "Cid", "Eve"]
    assert names(person.blue.where({"age": {"lt": 20}})) == ["Cid"]
    assert person.blue.find_one().name == "Eve"


def test_chaining_narrows_and_leaves_no_trace(person: Any) -> None:
    assert names(person.adults.blue()) == ["Eve", "Ann"]
    assert names(person.blue.adults({"where": {"age": {"gt": 50}}})) == ["Eve"]
    assert names(person.adults()) == ["Ann", "Dee", "Eve"]
    assert names(person.blue()) == ["Eve", "Ann", "Cid"]
    assert person.adults.blue.count() == 2
    assert person.count() == 5


def test_a_function_takes_arguments(person: Any) -> None:
    @person.scope("older")
    def _(floor: int = 40, *, team: str | None = None) -> dict[str, Any]:
        return {"where": {"age": {"gt": floor}, **({"team": team} if team else {})}}

    assert names(person.older()) == ["Ann", "Eve"]
    assert names(person.older(64)) == ["Eve"]
    assert names(person.older(10, team="b")) == ["Bob", "Dee"]
    assert names(person.older(10, {"order": "age", "limit": 1})) == ["Cid"]
    assert names(person.older(10, limit=1)) == ["Ann"]
    assert person.older.of(64).count() == 1
    assert names(person.older.of(20).blue()) == ["Eve", "Ann"]
    assert names(person.blue.older(50)) == ["Eve"]
    assert names(person.older()) == ["Ann", "Eve"]


def test_a_scope_of_each_instance(person: Any) -> None:
    person.scope("peers", lambda one: {"where": {"team": one.team}}, static=False)
    person.scope(
        "below",
        lambda one, by=0: {"where": {"age": {"lt": one.age - by}}},
        options={"isStatic": False},
    )
    ann = person.find_one({"where": {"name": "Ann"}})
    assert names(ann.peers()) == ["Ann", "Cid", "Eve"]
    assert names(ann.below(20)) == ["Bob", "Cid"]
    assert ann.peers.count({"age": {"gt": 50}}) == 1
    assert names(ann.peers.adults()) == ["Ann", "Eve"]
    with pytest.raises(AttributeError):
        person.peers  # noqa: B018 - of instances alone
    with pytest.raises(AttributeError):
        ann.adults  # noqa: B018 - of the class alone


def test_what_a_scope_does_stays_inside(person: Any) -> None:
    assert person.adults.count() == 3
    assert person.adults.count({"team": "b"}) == 1
    bob = person.find_one({"where": {"name": "Bob"}})
    assert person.adults.find_by_id(bob.id) is None
    assert not person.adults.exists(bob.id)
    assert person.adults.exists({"name": "Ann"})
    assert not person.adults.exists({"name": "Bob"})
    assert person.adults.update_all({"team": "c"}).changed == 3
    assert person.adults.update_all({"name": "Ann"}, {"team": "d"}).changed == 1
    assert person.count({"team": "b"}) == 1
    assert person.adults.delete_all({"team": "c"}).changed == 2
    assert names(person.find()) == ["Ann", "Bob", "Cid"]
    assert person.adults.destroy_all().changed == 1
    assert names(person.find()) == ["Bob", "Cid"]


def test_new_rows_get_the_equalities(person: Any) -> None:
    assert person.blue.build(name="New").team == "a"
    new = person.blue.create({"name": "New"}, age=3)
    assert (new.team, person.blue.count()) == ("a", 4)


@pytest.mark.parametrize("values", [{"age": 10}, {"name": "No age"}])
def test_a_row_outside_is_not_made(person: Any, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        person.adults.create(values)
    assert caught.value.code == "outside-scope"
    with pytest.raises(InvalidValueError):
        person.blue.create(team="b")
    assert person.count() == 5


def test_a_limit_is_kept_and_never_widens_a_delete(person: Any) -> None:
    person.scope("oldest", {"order": "age DESC", "limit": 2})
    assert names(person.oldest()) == ["Eve", "Ann"]
    assert person.oldest.count() == 2
    with pytest.raises(InvalidQueryError) as caught:
        person.oldest.delete_all()
    assert caught.value.code == "where-only"
    person.scope("by_age", {"order": "age"})
    with pytest.raises(InvalidQueryError) as caught:
        person.by_age.delete_all()
    assert caught.value.code == "needs-all"
    assert person.count() == 5


def test_methods_of_a_scope(person: Any) -> None:
    person.scope("team_b", {"where": {"team": "b"}}, methods={"ages": lambda s: [p.age for p in s]})
    assert person.team_b.ages() == [17, 30]


def test_the_rows_of_another_model(db: DataSource, person: Any) -> None:
    pet = db.define("Pet", {"name": str, "owner": str})
    pet.create(name="Rex", owner="Ann")
    pet.create(name="Tom", owner="Bob")
    person.scope("pets_of_ann", {"where": {"owner": "Ann"}}, pet)
    person.scope("pets", lambda one: {"where": {"owner": one.name}}, "Pet", static=False)
    assert names(person.pets_of_ann()) == ["Rex"]
    bob = person.find_one({"where": {"name": "Bob"}})
    assert names(bob.pets()) == ["Tom"]


def test_the_other_colour(person: Any) -> None:
    person.scope("older", lambda floor: {"where": {"age": {"gt": floor}}})
    person.scope("peers", lambda one: {"where": {"team": one.team}}, static=False)

    async def main() -> None:
        assert names(await person.aio.adults()) == ["Ann", "Dee", "Eve"]
        assert names(await person.adults.aio(limit=1)) == ["Ann"]
        assert names(await person.aio.older(50)) == ["Eve"]
        assert names(await person.adults.blue) == ["Eve", "Ann"]
        assert names([one async for one in person.adults]) == ["Ann", "Dee", "Eve"]
        assert await person.adults.aio.count({"team": "b"}) == 1
        assert await person.adults.blue.aio.exists({"name": "Ann"})
        assert (await person.adults.aio.find_one()).name == "Ann"
        ann = await person.adults.aio.find_by_id(1)
        assert names(await ann.aio.peers()) == ["Ann", "Cid", "Eve"]
        assert names(await ann.peers.aio.find({"limit": 1})) == ["Ann"]
        new = await person.blue.aio.create(name="New", age=1)
        assert new.team == "a"
        with pytest.raises(InvalidValueError):
            await person.blue.aio.create(team="b")
        assert (await person.blue.aio.update_all({"name": "New"}, {"age": 2})).changed == 1
        assert (await person.blue.aio.delete_all({"age": {"lt": 20}})).changed == 2

    asyncio.run(main())


def test_typed_classes(db: DataSource) -> None:
    class Member(
        Model,
        scopes={
            "adults": {"where": {"age": {"gte": 18}}},
            "named": lambda n: {"where": {"name": n}},
        },
    ):
        id: Prop[int] = prop(id=True)
        name: Prop[str]
        age: Prop[int] = prop(default=0)

    Member.scope("young", Member.age < 18)
    db.attach(Member)
    Member.create_all([{"id": 1, "name": "Ann", "age": 41}, {"id": 2, "name": "Bob", "age": 17}])
    model: Any = Member
    assert names(model.adults()) == ["Ann"]
    assert names(model.named("Bob")) == ["Bob"]
    assert names(model.young(Member.name == "Bob")) == ["Bob"]


def test_subclasses_have_them_too(db: DataSource, person: Any) -> None:
    worker = person.extend("Worker", {"job": str}, {"scopes": {"free": {"where": {"job": None}}}})
    person.scope("late", {"where": {"name": "Zoe"}})
    worker.create(name="Zoe", age=20, team="a")
    assert names(worker.adults.free()) == ["Zoe"]
    assert names(worker.late()) == ["Zoe"]
    assert names(person.adults()) == ["Ann", "Dee", "Eve"]
    with pytest.raises(AttributeError):
        person.free  # noqa: B018 - the subclass's
    redefined = person.extend("Old", {}, {"scopes": {"adults": {"where": {"age": {"gte": 60}}}}})
    redefined.create(name="Kid", age=20)
    assert redefined.adults() == []


def test_mistakes_are_said_when_the_scope_is_made(person: Any) -> None:
    for name, given in (
        ("find", {}), ("name", {}), ("bad name", {}), ("one", 3), ("two", {"were": {"age": 1}}),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError) as caught:
            person.scope(name, given)
        assert caught.value.code == "bad-scope"
    with pytest.raises(AttributeError, match="adlts"):
        person.adults.adlts()


def test_names_of_properties_are_checked_when_it_is_used(db: DataSource) -> None:
    strict = db.define("Strict", {"age": int}, {"strict": True})
    strict.scope("wrong", {"where": {"agee": 1}})
    with pytest.raises(InvalidQueryError, match="agee"):
        strict.wrong()


def test_a_scope_shows_itself(person: Any) -> None:
    assert repr(person.adults) == "<scope adults of Person>"
    assert "Person.adults.blue" in repr(person.adults.blue.of())
    with pytest.raises(InvalidQueryError):
        bool(person.adults)
