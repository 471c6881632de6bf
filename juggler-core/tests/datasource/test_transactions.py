"""Transactions: together or not at all, joined by nested blocks, per thread and task."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from juggler import BulkError, CapabilityError, ConfigurationError, ConflictError, connect


@pytest.fixture
def db() -> Any:
    source = connect("memory:")
    source.define("Account", {"id": {"type": "string", "id": True}, "money": "integer"})
    source.get_model("Account").create_all([{"id": "a", "money": 10}, {"id": "b", "money": 0}])
    return source


def money(db: Any) -> dict[str, int]:
    return {row.id: row.money for row in db.get_model("Account").find()}


def move(db: Any, amount: int) -> None:
    account = db.get_model("Account")
    account.find_by_id("a").patch({"money": account.find_by_id("a").money - amount})
    account.find_by_id("b").patch({"money": account.find_by_id("b").money + amount})


def test_a_block_commits_at_its_end(db: Any) -> None:
    with db.transaction():
        move(db, 3)
    assert money(db) == {"a": 7, "b": 3}


def test_an_error_rolls_everything_back(db: Any) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012 - the block is the case
        move(db, 3)
        _ = 1 / 0
    assert money(db) == {"a": 10, "b": 0}


def test_others_see_nothing_before_the_commit(db: Any) -> None:
    seen: list[dict[str, int]] = []
    with db.transaction():
        move(db, 3)
        other = threading.Thread(target=lambda: seen.append(money(db)))
        other.start()
        other.join()
        assert money(db) == {"a": 7, "b": 3}
    assert seen == [{"a": 10, "b": 0}]


def test_a_nested_block_joins_and_the_outer_one_decides(db: Any) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012 - the block is the case
        with db.transaction():
            move(db, 3)
        _ = 1 / 0
    assert money(db) == {"a": 10, "b": 0}


def test_two_that_change_the_same_row_conflict(db: Any) -> None:
    account = db.get_model("Account")
    with pytest.raises(ConflictError), db.transaction():  # noqa: PT012 - the block is the case
        account.update_all({"id": "a"}, {"money": 1})
        other = threading.Thread(target=lambda: account.update_all({"id": "a"}, {"money": 2}))
        other.start()
        other.join()
    assert money(db)["a"] == 2


def test_commit_and_rollback_by_hand(db: Any) -> None:
    with db.transaction() as tx:
        move(db, 3)
        tx.rollback()
    assert money(db) == {"a": 10, "b": 0}
    with db.transaction() as tx:
        move(db, 3)
        tx.commit()
        with pytest.raises(ConfigurationError, match="over"):
            tx.commit()
    assert money(db) == {"a": 7, "b": 3}


def test_tasks_have_their_own(db: Any) -> None:
    account = db.get_model("Account")

    async def work(key: str, money: int, fail: bool) -> None:
        async with db.transaction():
            await account.aio.update_all({"id": key}, {"money": money})
            await asyncio.sleep(0)
            if fail:
                raise ZeroDivisionError

    async def both() -> list[Any]:
        return await asyncio.gather(
            work("a", 1, fail=False), work("b", 2, fail=True), return_exceptions=True
        )

    assert isinstance(asyncio.run(both())[1], ZeroDivisionError)
    assert money(db) == {"a": 1, "b": 0}


def audited(db: Any) -> tuple[Any, Any]:
    """The accounts, and a log that a hook writes at each change."""
    account = db.get_model("Account")
    log = db.define("Log", {"text": "string"})
    account.observe("after_save", lambda ctx: log.create({"text": ctx.instance.id}))
    return account, log


def test_what_hooks_write_belongs_to_it(db: Any) -> None:
    account, log = audited(db)
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012 - the block is the case
        account.find_by_id("a").patch({"money": 1})
        assert log.count() == 1
        _ = 1 / 0
    assert (money(db)["a"], log.count()) == (10, 0)
    with db.transaction():
        account.find_by_id("a").patch({"money": 1})
    assert (money(db)["a"], log.count()) == (1, 1)


def test_a_hook_that_fails_takes_everything_back(db: Any) -> None:
    account, log = audited(db)

    @account.before_save
    def refuse(ctx: Any) -> None:
        if ctx.instance.money < 0:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012 - the block is the case
        account.find_by_id("b").patch({"money": 11})
        account.find_by_id("a").patch({"money": -1})
    assert (money(db), log.count()) == ({"a": 10, "b": 0}, 0)


def test_tasks_begun_inside_belong_to_it(db: Any) -> None:
    account = db.get_model("Account")

    async def log(ctx: Any) -> None:
        await db.get_model("Log").aio.create({"text": ctx.instance.id})

    db.define("Log", {"text": "string"})
    account.observe("after_save", log)

    async def main() -> None:
        async with db.transaction() as tx:
            rows = await account.aio.find()
            await asyncio.gather(*(row.aio.patch({"money": 5}) for row in rows))
            assert await db.get_model("Log").aio.count() == 2
            await tx.aio.rollback()

    asyncio.run(main())
    assert (money(db), db.get_model("Log").count()) == ({"a": 10, "b": 0}, 0)


def test_what_goes_with_a_deleted_row_comes_back_with_it(db: Any) -> None:
    account = db.get_model("Account")
    move_ = db.define("Move", {"amount": "integer"})
    account.has_many(move_, on_delete="cascade")
    account.find_by_id("a").moves.create({"amount": 3})
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012 - the block is the case
        account.find_by_id("a").delete()
        assert (account.count(), move_.count()) == (1, 0)
        _ = 1 / 0
    assert (account.count(), move_.count()) == (2, 1)


def test_what_others_commit_meanwhile_is_not_seen(db: Any) -> None:
    account = db.get_model("Account")
    with db.transaction():
        before = money(db)
        other = threading.Thread(target=lambda: account.create({"id": "c", "money": 1}))
        other.start()
        other.join()
        assert money(db) == before
        assert account.count() == 2
        assert not account.exists("c")
        assert account.find_by_id("c") is None
    assert account.count() == 3


def test_a_bulk_write_that_fails_leaves_nothing(db: Any) -> None:
    account = db.get_model("Account")
    rows = [{"id": f"{i}", "money": i} for i in range(5)]
    with pytest.raises(BulkError), db.transaction():
        account.create_all([*rows, {"id": "a", "money": 1}], batch=2)
    assert account.count() == 2


def test_a_connector_without_them_refuses_when_the_block_begins() -> None:
    db = connect("transient")
    with pytest.raises(CapabilityError, match="transactions"), db.transaction():
        pass
