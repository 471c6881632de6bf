"""What is given by mistake is refused with what to type, before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import Model, Prop, connect, prop
from juggler.errors import JugglerError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def user() -> Any:
    class User(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str]

    connect("memory:").attach(User)
    User.create(name="ann")
    return User


MISTAKES: list[tuple[str, Callable[[Any], object]]] = [
    ("not-a-list", lambda user: user.find_by_ids(5)),
    ("not-a-list", lambda user: user.find_by_ids(None)),
    ("not-a-list", lambda user: user.find_by_ids("12")),
    ("not-a-list", lambda user: user.find_by_ids({"id": 1})),
    ("not-a-list", lambda user: user.find_by_ids(user.find_one())),
    ("not-a-list", lambda user: user.include(user.find_one(), "posts")),
    ("not-a-list", lambda user: user.include(5, "posts")),
    ("not-values", lambda user: user.create({"name": "a"}, {"name": "b"})),
    ("not-values", lambda user: user.create(5, name="a")),
    ("not-values", lambda user: user.create_all(5)),
    ("not-values", lambda user: user.find_one().patch(5)),
    ("not-values", lambda user: user.update_all({"name": "ann"}, 5)),
    ("bulk-option", lambda user: user.create_all([{"name": "a"}], progress=5)),
    ("unknown-hook", lambda user: user.observe(5, print)),
    ("bad-hook", lambda user: user.observe("before_save", 5)),
    ("bad-hook", lambda user: user.after_delete(None)),
    ("validation-rule", lambda user: user.validates("name")(5)),
    ("validation-rule", lambda user: user.validates_length_of("name", min="2")),
    ("validation-rule", lambda user: user.validates_inclusion_of("name", in_=5)),
    ("bad-pattern", lambda user: user.validates_format_of("name", with_=5)),
    ("unknown-model", lambda user: user.__link__.source.autoupdate(5)),
]


@pytest.mark.parametrize(("code", "mistake"), MISTAKES)
def test_a_mistake_is_refused_with_a_hint(
    user: Any, code: str, mistake: Callable[[Any], object]
) -> None:
    with pytest.raises(JugglerError) as caught:
        mistake(user)
    assert caught.value.code == code
    assert caught.value.hint
    assert [one.name for one in user.find()] == ["ann"]


def test_mistakes_are_the_same_in_the_other_colour(user: Any) -> None:
    for call in (user.aio.find_by_ids(5), user.aio.include(5, "posts")):
        with pytest.raises(JugglerError) as caught:
            asyncio.run(call)
        assert caught.value.code == "not-a-list"


def test_keys_may_come_out_of_anything_that_can_be_gone_through(user: Any) -> None:
    assert len(user.find_by_ids(key for key in (1, 2))) == 1
    assert len(user.find_by_ids({1})) == 1
    assert len(user.find_by_ids(user.where())) == 1
