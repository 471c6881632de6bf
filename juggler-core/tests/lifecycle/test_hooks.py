"""Hooks: one order, one context, the same for every operation and colour."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import ConfigurationError, Model, ValidationError, connect
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
        if "initialize" not in name:
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
    assert seen == expected


def test_existence_by_key_runs_the_same_hooks(user: Any) -> None:
    ann = stored(user)
    seen = recorded(user)
    assert user.exists(ann.id)
    assert asyncio.run(user.aio.exists(ann.id))
    assert seen == ["access", "access"]
    user.on_access(lambda ctx: setattr(ctx, "query", ctx.query.where({"name": "Bob"})))
    assert not user.exists(ann.id)
    assert not user.exists({"name": "Ann"})


def test_hooks_around_the_making_of_an_instance(user: Any) -> None:
    seen: list[Any] = []

    @user.before_initialize
    def trim(ctx: Any) -> None:
        seen.append((ctx.hook, ctx.instance, dict(ctx.data)))
        ctx.data["name"] = ctx.data["name"].strip()

    @user.observe("after initialize")
    def tell(ctx: Any) -> None:
        seen.append((ctx.hook, ctx.instance.name, ctx.data))
        ctx.instance.age = 1

    ann = user(name=" Ann ")
    assert (ann.name, ann.age) == ("Ann", 1)
    assert seen == [
        ("before_initialize", None, {"name": " Ann "}), ("initialize", "Ann", None),
    ]  # fmt: skip
    assert user.create({"name": " Bob "}).age == 1
    sub = user.extend("Sub", {})
    assert sub(name=" Cid ").name == "Cid"
    del seen[:]
    assert [u.name for u in user.find()] == ["Bob"]
    assert seen == []
    assert user.remove_observer("after initialize", tell)
    assert user(name="x").age is None


def test_an_instance_is_made_by_plain_functions_only(user: Any) -> None:
    @user.after_initialize
    async def slow(ctx: Any) -> None:
        await asyncio.sleep(0)

    with pytest.raises(ConfigurationError) as caught:
        user(name="x")
    assert caught.value.code == "async-in-sync"


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


def test_what_loaded_changes_is_in_the_answer(user: Any) -> None:
    @user.on_loaded
    def shout(ctx: Any) -> None:
        ctx.instance.name = ctx.instance.name.upper()

    ann = user.create({"name": "Ann"})
    assert ann.name == "ANN"
    assert [u.name for u in user.find()] == ["ANN"]
    assert user.find_by_id(ann.id).name == "ANN"
    assert user.count({"name": "Ann"}) == 1


def test_before_delete_may_set_another_query(user: Any) -> None:
    for name in ("Ann", "Bob", "Cid"):
        user.create({"name": name})

    @user.before_delete
    def spare_bob(ctx: Any) -> None:
        ctx.query = ctx.query.where({"name": {"neq": "Bob"}})

    assert user.delete_all({"name": {"gt": "A"}}).changed == 2
    assert user.delete_by_id(2) is False
    assert user.find_one().delete() is False
    assert [u.name for u in user.find()] == ["Bob"]


def test_after_hooks_get_what_is_stored(user: Any) -> None:
    seen: list[Any] = []
    user.after_save(lambda ctx: seen.append((ctx.operation, ctx.instance.id, ctx.is_new)))
    ann = stored(user)
    ann.patch({"age": 3})
    user.after_delete(lambda ctx: seen.append((ctx.operation, ctx.result)))
    ann.delete()
    user.delete_by_id(99)
    assert seen == [
        ("create", 1, True), ("patch", 1, False), ("delete", True), ("delete_by_id", False),
    ]  # fmt: skip


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


def test_what_would_never_run_as_a_hook_is_refused() -> None:
    user: Any = connect("memory:").define("User", {"name": str})
    for register in (
        lambda: user.observe("before save", lambda ctx, proceed: None),
        lambda: user.before_save(lambda: None),
        lambda: user.before_save(3),
        lambda: setattr(user, "beforeCreate", lambda ctx: None),
        lambda: setattr(user, "on_access", lambda ctx: None),
        lambda: type(user)("Own", (Model,), {"before_save": lambda self: None}),
    ):
        with pytest.raises(ConfigurationError) as caught:
            register()
        assert caught.value.code == "bad-hook"
        assert "ctx" in caught.value.hint
    user.observe("before_save", print)
    user.before = 1
    assert user.create(name="x").name == "x"
