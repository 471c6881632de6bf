"""Hooks: one order, one context, the same for every operation and colour."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import ConfigurationError, ValidationError, connect
from juggler.model.hooks import HOOKS
from juggler.operations._lifecycle import MATRIX


@pytest.fixture
def user() -> Any:
    db = connect("memory:")
    return db.define(
        "User",
        {
            "id": {"type": "number", "id": True, "generated": True},
            "name": {"type": "string", "required": True},
            "age": "number",
        },
    )


def recorded(model: Any) -> list[str]:
    seen: list[str] = []
    for name in HOOKS:
        if name != "initialize":
            model.observe(name, lambda ctx: seen.append(ctx.hook))
    return seen


def stored(model: Any) -> Any:
    return model.create({"name": "Ann"})


OPERATIONS = {
    "find": lambda m, u: m.find(),
    "find_one": lambda m, u: m.find_one(),
    "find_by_id": lambda m, u: m.find_by_id(u.id),
    "find_by_ids": lambda m, u: m.find_by_ids([u.id]),
    "page": lambda m, u: m.where({"name": "Ann"}).page(5),
    "count": lambda m, u: m.count(),
    "exists": lambda m, u: m.exists({"name": "Ann"}),
    "create": lambda m, u: m.create({"name": "Bob"}),
    "create_all": lambda m, u: m.create_all([{"name": "Bob"}]),
    "save": lambda m, u: (setattr(u, "age", 3), u.save()),
    "patch": lambda m, u: u.patch({"age": 3}),
    "replace": lambda m, u: u.replace({"name": "Bob"}),
    "replace_by_id": lambda m, u: m.replace_by_id(u.id, {"name": "Bob"}),
    "upsert": lambda m, u: m.upsert({"id": u.id, "age": 3}),
    "replace_or_create": lambda m, u: m.replace_or_create({"id": u.id, "name": "Bob"}),
    "update_all": lambda m, u: m.update_all({"name": "Ann"}, {"age": 3}),
    "delete": lambda m, u: u.delete(),
    "delete_by_id": lambda m, u: m.delete_by_id(u.id),
    "delete_all": lambda m, u: m.delete_all({"name": "Ann"}),
}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_each_operation_runs_the_hooks_of_the_matrix_in_order(user: Any, operation: str) -> None:
    ann = stored(user)
    seen = recorded(user)
    OPERATIONS[operation](user, ann)
    expected = [name.split(" | ")[-1] for name in MATRIX[operation]]
    if operation == "exists":  # it looks for one row, which is loaded
        expected = ["access", "loaded"]
    assert seen == expected


def test_the_list_of_hooks_is_their_order() -> None:
    for names in MATRIX.values():
        places = [HOOKS.index(name.split(" | ")[0]) for name in names]
        assert places == sorted(places)


def test_a_hooks_change_is_written_and_returned(user: Any) -> None:
    @user.before_save
    def tidy(ctx: Any) -> None:
        ctx.instance.name = ctx.instance.name.strip()

    @user.persist
    def stamp(ctx: Any) -> None:
        ctx.data["age"] = 7

    ann = user.create({"name": "  Ann "})
    assert (ann.name, ann.age) == ("Ann", 7)
    assert user.find_by_id(ann.id).to_object() == ann.to_object()


def test_a_failing_hook_leaves_store_and_instance_as_they_were(user: Any) -> None:
    ann = stored(user)

    @user.before_update
    def refuse(ctx: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ann.patch({"age": 3})
    assert ann.age is None
    assert user.find_by_id(ann.id).age is None


def test_access_may_set_another_query(user: Any) -> None:
    stored(user)
    user.create({"name": "Bob"})

    @user.on_access
    def only_ann(ctx: Any) -> None:
        ctx.query = ctx.query.where({"name": "Ann"})

    assert [u.name for u in user.find()] == ["Ann"]
    assert user.count() == 1
    assert user.find_by_id(2) is None
    assert user.delete_all({}, all=True).changed == 1


def test_state_is_shared_through_one_operation_bulk_included(user: Any) -> None:
    counts: list[int] = []

    @user.before_save
    def count(ctx: Any) -> None:
        ctx.state["rows"] = ctx.state.get("rows", 0) + 1

    @user.after_save
    def tell(ctx: Any) -> None:
        counts.append(ctx.state["rows"])

    user.create_all([{"name": "a"}, {"name": "b"}, {"name": "c"}])
    assert counts == [3, 3, 3]
    user.create({"name": "d"})
    assert counts[-1] == 1


def test_bases_run_first_and_subclasses_inherit(user: Any) -> None:
    order: list[str] = []
    user.observe("before save", lambda ctx: order.append("base"))
    admin = user.extend("Admin", {"level": "number"})
    user.__link__.source.attach(admin)
    admin.before_save(lambda ctx: order.append("sub"))
    admin.create({"name": "Ann"})
    assert order == ["base", "sub"]
    order.clear()
    user.create({"name": "Ann"})
    assert order == ["base"]


def test_async_hooks_run_in_async_operations_and_are_named_in_blocking_ones(user: Any) -> None:
    async def slow(ctx: Any) -> None:
        await asyncio.sleep(0)
        ctx.instance.age = 9

    user.before_save(slow)
    assert asyncio.run(user.aio.create({"name": "Ann"})).age == 9
    with pytest.raises(ConfigurationError, match="awaits") as caught:
        user.create({"name": "Bob"})
    assert caught.value.code == "async-in-sync"
    assert user.count() == 1


def test_observers_can_be_taken_off(user: Any) -> None:
    seen = []
    hook = user.observe("before_save", lambda ctx: seen.append(1))
    assert user.remove_observer("before_save", hook)
    assert not user.remove_observer("before_save", hook)
    user.observe("after_save", lambda ctx: seen.append(2))
    user.clear_observers("after_save")
    stored(user)
    assert seen == []


def test_validation_stands_between_its_hooks(user: Any) -> None:
    seen = recorded(user)
    with pytest.raises(ValidationError):
        user.create({"age": 3})
    assert seen == ["before_save", "before_validate"]


def test_an_unknown_hook_is_an_error(user: Any) -> None:
    with pytest.raises(ConfigurationError, match="before_sav") as caught:
        user.observe("before_sav", print)
    assert "before_save" in caught.value.hint
