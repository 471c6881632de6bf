"""Transactions: together or not at all, joined by nested blocks, per thread and task."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from juggler import CapabilityError, ConfigurationError, ConflictError, connect


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


def test_a_connector_without_them_refuses_when_the_block_begins() -> None:
    db = connect("transient")
    with pytest.raises(CapabilityError, match="transactions"), db.transaction():
        pass
