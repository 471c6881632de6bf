"""Writes: one set of rules, one context of hooks, races that are lost openly, bulk row by row."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from juggler import (
    BulkError,
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
    ValidationError,
)
from juggler.model.hooks import HOOKS, HookContext

if TYPE_CHECKING:
    from juggler import DataSource
    from juggler.connector.port import Recorder


@pytest.fixture
def user(db: DataSource) -> Any:
    return db.define(
        "User",
        {"name": {"type": "string", "required": True}, "age": {"type": "number", "min": 0}},
        {"strict": True},
    )


def test_the_same_rules_for_every_write(user: Any) -> None:
    one = user.create(name="Ann", age=1)
    bad: dict[str, Any] = {"age": -1}
    for write in (
        lambda: user.create({"name": "x", **bad}),
        lambda: user.upsert({"id": one.id, **bad}),
        lambda: user.upsert({"name": "x", **bad}),
        lambda: user.replace_by_id(one.id, {"name": "x", **bad}),
        lambda: user.update_all({"id": one.id}, bad),
        lambda: one.patch(bad),
        lambda: one.replace({"name": "x", **bad}),
    ):
        with pytest.raises(ValidationError):
            write()
    with pytest.raises(BulkError):
        user.create_all([{"name": "x"}, {"name": "y", **bad}])
    assert [u.to_object() for u in user.find()] == [{"id": 1, "name": "Ann", "age": 1}]


def test_strict_holds_in_bulk_updates(user: Any, db: DataSource) -> None:
    user.create(name="Ann")
    with pytest.raises(InvalidValueError) as caught:
        user.update_all({"name": "Ann"}, {"agee": 1})
    assert caught.value.code == "unknown-property"
    with pytest.raises(InvalidValueError):
        user.update_all({"name": "Ann"}, {"age": "old"})
    lax = db.define("Lax", {"n": int}, {"strict": "filter"})
    lax.create(n=1, more=2)
    assert lax.update_all({"n": 1}, {"n": 2, "more": 3}).changed == 1
    assert [row.to_object() for row in lax.find()] == [{"id": 1, "n": 2}]


def test_a_hook_always_gets_the_same_context(user: Any) -> None:
    seen: list[HookContext] = []
    for name in HOOKS:
        if "initialize" not in name:
            user.observe(name, lambda ctx: seen.append(attrs.evolve(ctx)))
    one = user.create(name="Ann")
    one.patch({"age": 1})
    user.update_all({"age": 1}, {"age": 2})
    user.upsert({"id": one.id, "age": 3})
    user.delete_all({"age": 3})
    fields = {f.name for f in attrs.fields(HookContext)}
    assert all({f.name for f in attrs.fields(type(ctx))} == fields for ctx in seen)
    deleted = [ctx for ctx in seen if ctx.hook == "after_delete"]
    assert (deleted[0].result.changed, deleted[0].query.to_dict()["where"]) == (1, {"age": 3})


def test_embedded_models_have_the_full_life_cycle(db: DataSource) -> None:
    phone = db.define("Phone", {"number": {"type": "string", "required": True, "trim": True}})
    phone.validates_length_of("number", max=5)
    seen: list[str] = []
    for name in ("before_save", "before_create", "before_update", "after_save"):
        phone.observe(name, lambda ctx: seen.append(ctx.hook))
    user = db.define("User", {"phones": [phone], "main": "Phone"})
    user.embeds_many(phone, as_="numbers", property="phones")
    one: Any = user.create(phones=[{"number": " 1 "}])
    assert one.phones[0].number == "1"
    one.phones[0].number = "2"
    assert one.property_changed("phones")
    one.save()
    assert user.find_one().phones[0].number == "2"  # type: ignore[union-attr]
    one.phones.append(phone())
    with pytest.raises(ValidationError) as caught:
        one.save()
    assert list(caught.value.details["codes"]) == ["phones.1.number"]
    one.phones.pop()
    one.main = {"number": "123456"}
    assert one.is_valid() is False
    assert dict(one.errors) == {"main.number": ["too long"]}
    one.reset()
    with pytest.raises(ValidationError):
        one.numbers.create({"number": "123456"})
    one.numbers.create({"number": "3"})
    assert [p.number for p in user.find_one().phones] == ["2", "3"]  # type: ignore[union-attr]
    created = ["before_save", "before_create", "after_save"]
    refused = ["before_save"]
    assert seen == [
        *created, "before_save", "before_update", "after_save", *refused, *refused, *created,
    ]  # fmt: skip


def test_hooks_and_their_models_join_a_transaction(db: DataSource, user: Any) -> None:
    log = db.define("Log", {"text": str})
    user.after_save(lambda ctx: log.create(text=ctx.instance.name))

    def fail() -> None:
        with db.transaction():
            user.create(name="Ann")
            assert log.count() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (user.count(), log.count()) == (0, 0)
    with db.transaction():
        user.create(name="Bob")
    assert (user.count(), log.count()) == (1, 1)


def test_one_of_many_wins_a_unique_value(db: DataSource) -> None:
    account = db.define("Account", {"email": {"type": str, "index": {"unique": True}}})
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def create() -> None:
        start.wait()
        try:
            account.create(email="a@b")
            outcomes.append("created")
        except DuplicateKeyError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created"] + ["duplicate-value"] * 7
    assert account.count() == 1


def test_bulk_is_one_request_and_says_what_became_of_each_row(
    db: DataSource, calls: Recorder
) -> None:
    user = db.define("User", {"id": {"type": "number", "id": True}, "name": str})
    states: list[dict[str, Any]] = []
    user.create_all([{"id": n, "name": str(n)} for n in range(50)])
    assert [call.hook for call in calls.calls if call.hook == "write"] == ["write"]
    user.after_create(lambda ctx: states.append(ctx.state))
    result = user.create_all([{"id": 1}, {"id": 60}, {"id": "x"}, {"id": 61}], on_error="collect")
    assert (result.created, len(result.failed)) == (2, 2)
    assert [row for row, _ in result.failed] == [{"id": "x"}, {"id": 1}]
    assert {type(error) for _, error in result.failed} == {DuplicateKeyError, InvalidValueError}
    assert user.create_all([]).ok


@pytest.mark.parametrize("outcome", ["none", "unknown"])
def test_a_bulk_whose_request_fails_half_way_tells_of_each_row(
    db: DataSource, user: Any, outcome: str
) -> None:
    written: list[object] = []

    async def breaks(call: Any, proceed: Any) -> Any:
        if call.hook == "write":
            written.append(call)
            if len(written) == 2:
                raise UnavailableError("cut", outcome=outcome, retryable=False)
        return await proceed()

    db.shared.layers = (*db.shared.layers, breaks)
    rows = [{"id": n, "name": str(n)} for n in range(1, 8)]
    result = user.create_all(rows, batch=3, on_error="collect")
    lost = "failed" if outcome == "none" else "unknown"
    assert [(r.key, r.status) for r in result.results] == [
        ((n,), lost if 4 <= n <= 6 else "created") for n in range(1, 8)
    ]
    assert [(row, error.key) for row, error in result.failed] == [
        (row, (row["id"],)) for row in rows[3:6]
    ]
    assert (result.created, user.count()) == (4, 4)


@pytest.mark.parametrize(("outcome", "raised"), [("none", True), ("unknown", False)])
def test_a_bulk_whose_first_request_fails_is_raised_if_nothing_was_applied(
    db: DataSource, user: Any, outcome: str, raised: bool
) -> None:
    async def breaks(call: Any, proceed: Any) -> Any:
        if call.hook == "write":
            raise UnavailableError("cut", outcome=outcome, retryable=False)
        return await proceed()

    db.shared.layers = (*db.shared.layers, breaks)
    rows = [{"id": n, "name": str(n)} for n in range(1, 4)]
    if raised:
        with pytest.raises(UnavailableError):
            user.create_all(rows, on_error="collect")
        return
    result = user.create_all(rows, on_error="collect")
    assert result.unknown == len(result.failed) == 3
    with pytest.raises(UnavailableError):
        user.create_all(rows)


def test_rows_that_are_gone_are_not_found_and_not_made_again(user: Any) -> None:
    one = user.create(name="Ann")
    user.delete_by_id(one.id)
    one.name = "Eve"
    for write in (one.save, lambda: one.patch({"age": 1}), lambda: one.replace({"name": "x"})):
        with pytest.raises(NotFoundError):
            write()
    assert user.count() == 0


def test_explicit_keys_are_accepted(user: Any) -> None:
    assert user.create(id=0, name="zero").id == 0
    assert user.upsert({"id": 7, "name": "seven"}).id == 7
    assert user.create(name="next").id == 8
    assert user.replace_by_id("7", {"id": 7, "name": "again"}).name == "again"
