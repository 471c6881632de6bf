"""Validation: the same rules on every way of writing, with LoopBack's codes and messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import (
    BulkError,
    ConfigurationError,
    InvalidValueError,
    Model,
    ModelBuilder,
    Prop,
    ValidationError,
    connect,
    prop,
)


@pytest.fixture
def user() -> Any:
    db = connect("memory:")
    return db.define(
        "User",
        {
            "id": {"type": "number", "id": True, "generated": True},
            "name": "string",
            "password": "string",
            "state": "string",
            "age": "any",
            "gender": "string",
            "domain": "string",
            "email": "string",
            "team": "string",
        },
    )


def messages(model: Any, values: dict[str, Any]) -> Any:
    instance = model(values)
    instance.is_valid()
    return instance.errors


def codes(model: Any, values: dict[str, Any]) -> Any:
    with pytest.raises(ValidationError) as caught:
        model(values).validate()
    return caught.value.details["codes"]


def test_presence_and_absence(user: Any) -> None:
    user.validates_presence_of("name", "email", message="can not be blank")
    user.validates_absence_of("domain")
    assert messages(user, {"name": "", "domain": "x"}) == {
        "name": ["can not be blank"], "email": ["can not be blank"], "domain": ["can't be set"],
    }  # fmt: skip
    assert messages(user, {"name": "a", "email": "b"}) is None


def test_length_with_a_message_per_part(user: Any) -> None:
    user.validates_length_of(
        "password", min=6, max=8, message={"min": "too short!", "max": "too long!"}
    )
    user.validates_length_of("state", {"is": 2, "message": {"is": "is not valid state name"}})
    good = {"password": "1234567", "state": "NY"}
    assert messages(user, good) is None
    assert messages(user, {**good, "password": "1"}) == {"password": ["too short!"]}
    assert messages(user, {**good, "password": "1" * 9}) == {"password": ["too long!"]}
    assert messages(user, {**good, "state": "NYC"}) == {"state": ["is not valid state name"]}
    assert codes(user, {**good, "password": "1"}) == {"password": ["length.min"]}


def test_default_messages(user: Any) -> None:
    user.validates_length_of("password", min=3)
    user.validates_length_of("state", is_=2)
    user.validates_numericality_of("age", int=True)
    user.validates_inclusion_of("gender", in_=["male", "female"])
    user.validates_exclusion_of("domain", in_=["www", "admin"])
    user.validates_format_of("email", with_=r".+@.+")
    bad = {"password": "1", "state": "x", "age": 1.5, "gender": "?", "domain": "www"}
    bad["email"] = "a"
    assert messages(user, bad) == {
        "password": ["too short"], "state": ["length is wrong"], "age": ["is not an integer"],
        "gender": ["is not included in the list"], "domain": ["is reserved"],
        "email": ["is invalid"],
    }  # fmt: skip
    assert messages(user, {**bad, "age": "x"})["age"] == ["is not a number"]


def test_blank_values_fail_unless_they_are_allowed(user: Any) -> None:
    user.validates_length_of("password", min=3)
    user.validates_length_of("state", min=2, allow_null=True)
    user.validates_format_of("email", with_="@", allow_blank=True)
    assert codes(user, {"state": "", "email": ""}) == {
        "password": ["length.null"], "state": ["length.blank"],
    }  # fmt: skip
    assert codes(user, {"email": None}) == {"password": ["length.null"]}


def test_if_and_unless_take_functions_and_names(user: Any) -> None:
    user.is_adult = lambda self: (self.age or 0) >= 18
    user.validates_presence_of("name", if_=lambda u: u.team == "a")
    user.validates_presence_of("email", unless="is_adult")
    user.validates_presence_of("domain", if_="state")
    assert messages(user, {"age": 20}) is None
    assert set(messages(user, {"team": "a", "state": "x"})) == {"name", "email", "domain"}


def test_uniqueness_in_a_scope_and_without_regard_to_case(user: Any) -> None:
    user.validates_uniqueness_of("email", scoped_to=["team"])
    user.validates_uniqueness_of("name", ignore_case=True)
    ann = user.create({"email": "a", "team": "x", "name": "Ann"})
    assert messages(user, {"email": "a", "team": "x"}) == {"email": ["is not unique"]}
    assert messages(user, {"email": "a", "team": "y"}) is None
    assert messages(user, {"name": "aNN"}) == {"name": ["is not unique"]}
    ann.patch({"age": 3})
    assert ann.is_valid()


def test_a_custom_rule_returns_a_truth_or_a_text(user: Any) -> None:
    @user.validates("name", message="Bad name")
    def no_bad(u: Any) -> bool:
        return u.name != "bad"

    @user.validates("email")
    def not_disposable(u: Any) -> str | None:
        return "disposable" if (u.email or "").endswith(".tmp") else None

    peter = user({"name": "Peter"})
    assert peter.is_valid()
    peter.name = "bad"
    assert not peter.is_valid()
    assert peter.errors == {"name": ["Bad name"]}
    assert messages(user, {"email": "x.tmp"}) == {"email": ["disposable"]}


def test_an_async_rule_needs_the_async_twin(user: Any) -> None:
    @user.validates("name", message="Bad name")
    async def no_bad(u: Any) -> bool:
        await asyncio.sleep(0)
        return bool(u.name != "bad")

    with pytest.raises(ConfigurationError, match="awaits"):
        user({"name": "Peter"}).is_valid()
    with pytest.raises(ValidationError):
        asyncio.run(user.aio.create({"name": "bad"}))
    assert asyncio.run(user.aio.create({"name": "Peter"})).name == "Peter"


def test_the_same_rules_on_every_way_of_writing(user: Any) -> None:
    user.validates_presence_of("name")
    ann = user.create({"name": "Ann"})
    for write in (
        lambda: user.create({}),
        lambda: user.upsert({"id": 99}),
        lambda: user.replace_or_create({"id": 99}),
        lambda: user.replace_by_id(ann.id, {}),
        lambda: ann.patch({"name": ""}),
        lambda: ann.replace({}),
        lambda: user.find_or_create({"where": {"team": "x"}}, {}),
    ):
        with pytest.raises(ValidationError):
            write()
    ann.name = None
    with pytest.raises(ValidationError):
        ann.save()
    with pytest.raises(BulkError) as caught:
        user.create_all([{"name": "Bob"}, {}])
    assert [type(error) for error in caught.value.exceptions] == [ValidationError]
    assert [row.to_object()["name"] for row in user.find()] == ["Ann"]


def test_upsert_patches_a_row_that_alone_would_not_be_valid(user: Any) -> None:
    user.validates_presence_of("name")
    ann = user.create({"name": "Ann"})
    assert user.upsert({"id": ann.id, "age": 3}).name == "Ann"


def test_save_without_validation(user: Any) -> None:
    user.validates_presence_of("name")
    ann = user.create({"name": "Ann"})
    ann.name = ""
    ann.save(validate=False)
    assert user.find_by_id(ann.id).name == ""


def test_subclasses_inherit_rules_and_bases_do_not_get_theirs(user: Any) -> None:
    user.validates_presence_of("name")
    admin = user.extend("Admin", {"level": "number"})
    admin.validates_presence_of("level")
    assert set(messages(admin, {})) == {"name", "level"}
    assert set(messages(user, {})) == {"name"}


def test_models_of_a_builder_alone_validate() -> None:
    post = ModelBuilder().define("Post", {"title": "string"})
    post.validates_presence_of("title")
    assert not post({}).is_valid()
    assert post({"title": "x"}).is_valid()


def test_typed_constraints_and_rules_go_together() -> None:
    class Person(Model):
        id: Prop[int] = prop(id=True, generated=True)
        age: Prop[int] = prop(default=0, ge=0)

    Person.validates_exclusion_of("age", in_=[13])
    connect("memory:").attach(Person)
    assert Person(age=-1).is_valid() is False
    assert Person(age=13).is_valid() is False
    with pytest.raises(ValidationError) as caught:
        Person.create(age=13)
    assert caught.value.__notes__ == ["age: is reserved"]


@pytest.mark.parametrize("ruled", [False, True])
def test_values_of_another_type_are_told_with_the_rules(ruled: bool) -> None:
    model: Any = connect("memory:").define(
        "Form",
        {
            "name": {"type": "string", "required": True},
            "age": "number",
            "at": "date",
            "home": {"zip": "number"},
        },
    )
    if ruled:
        model.validates_presence_of("name")
    form = model({"age": "old", "at": "soon", "home": {"zip": "x"}})
    assert form.is_valid() is False
    assert form.errors == {
        "age": ["'old' is no number"],
        "at": ["'soon' is no date and time"],
        "home.zip": ["'x' is no number"],
        "name": ["can't be blank"],
    }
    with pytest.raises(ValidationError):
        asyncio.run(form.aio.validate())
    with pytest.raises(InvalidValueError, match="age: 'old' is no number"):
        model.create({"name": "Ann", "age": "old"})
    assert model({"name": "Ann", "age": "3"}).is_valid() is True


def test_a_rule_that_cannot_be_is_refused(user: Any) -> None:
    strict = connect("memory:").define("S", {"name": "string"}, {"strict": True})
    with pytest.raises(ConfigurationError, match="nam"):
        strict.validates_presence_of("nam")
    with pytest.raises(ConfigurationError, match="minn"):
        user.validates_length_of("name", minn=3)
    with pytest.raises(ConfigurationError, match="in_"):
        user.validates_inclusion_of("name")


def test_a_rule_that_would_never_run_is_refused() -> None:
    user: Any = connect("memory:").define("User", {"name": str})
    for register in (
        lambda: user.validates(lambda one: False),
        lambda: user.validates("name")(lambda one, value: False),
        lambda: user.validates("name")(3),
    ):
        with pytest.raises(ConfigurationError) as caught:
            register()
        assert caught.value.code == "validation-rule"
        assert '@User.validates("name")' in caught.value.hint
    assert user.create(name="x").name == "x"
