from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from memory_support import Bench, Ctx, spec

from juggler.connector import Inc, WriteOp
from juggler.errors import ConflictError, DuplicateKeyError, WriteError

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = spec(
    {"id": "id", "owner": "str", "sum": "int"},
    name="Account",
    unique=("owner",),
    indexes={"by_sum": ("sum",)},
)


class Inside(Bench):
    """The same connector inside a transaction."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.model, bench.connector)
        self.handle = self.connector.transact("begin", None, self.ctx)
        self.ctx.transaction = self.handle

    def commit(self) -> None:
        self.connector.transact("commit", self.handle, Ctx())

    def rollback(self) -> None:
        self.connector.transact("rollback", self.handle, Ctx())


@pytest.fixture
def bank() -> Bench:
    bench = Bench(ACCOUNT)
    for i in range(1, 5):
        bench.insert(id=i, owner=f"o{i}", sum=10 * i)
    return bench


def test_a_transaction_sees_its_own_writes_and_others_do_not(bank: Bench) -> None:
    inside = Inside(bank)
    inside.patch(1, {"sum": Inc(5)})
    inside.insert(owner="new")
    inside.delete(2)
    inside.update_where({"sum": {"gte": 40}}, {"sum": 0})
    assert inside.find() == [(1, "o1", 15), (3, "o3", 30), (4, "o4", 0), (5, "new", None)]
    assert inside.ids({"owner": "new"}) == [5]
    assert inside.count({"sum": {"gt": 0}}) == 2
    assert inside.get(2) == [None]
    assert bank.ids() == [1, 2, 3, 4]
    assert bank.one(1)["sum"] == 10  # type: ignore[index]
    inside.commit()
    assert bank.find() == [(1, "o1", 15), (3, "o3", 30), (4, "o4", 0), (5, "new", None)]
    assert bank.ids({"sum": 15}) == [1]
    assert bank.ids({"owner": "o2"}) == []


def test_a_transaction_copies_no_rows_but_those_that_it_writes(bank: Bench) -> None:
    live = bank.connector.store.tables["Account"]
    rows, versions = live.rows, live.versions
    inside = Inside(bank)
    inside.patch(1, {"sum": 0})
    inside.delete(2)
    assert rows.get((1,)) == (1, "o1", 10)
    inside.commit()
    undone = Inside(bank)
    undone.delete(3)
    undone.rollback()
    bank.patch(4, {"sum": 1})
    assert live.rows is rows
    assert live.versions is versions
    assert bank.find() == [(1, "o1", 0), (3, "o3", 30), (4, "o4", 1)]


def test_rows_that_two_transactions_share_stay_as_each_saw_them(bank: Bench) -> None:
    early, late = Inside(bank), Inside(bank)
    early.patch(1, {"sum": 0})
    early.commit()
    bank.delete(2)
    late.patch(4, {"sum": 1})
    assert late.find() == [(1, "o1", 10), (2, "o2", 20), (3, "o3", 30), (4, "o4", 1)]
    late.commit()
    assert bank.find() == [(1, "o1", 0), (3, "o3", 30), (4, "o4", 1)]


def test_what_others_commit_later_is_not_seen(bank: Bench) -> None:
    inside = Inside(bank)
    bank.patch(1, {"sum": 0})
    bank.delete(2)
    bank.insert(owner="later")
    other = Bench(spec({"id": "id"}, name="Other"), bank.connector)
    other.insert()
    assert inside.find() == [(1, "o1", 10), (2, "o2", 20), (3, "o3", 30), (4, "o4", 40)]
    assert inside.get(1, 2) == [(1, "o1", 10), (2, "o2", 20)]
    late = Bench(other.model, bank.connector)
    late.ctx.transaction = inside.handle
    assert late.find() == []
    inside.patch(3, {"sum": 1})
    inside.commit()
    assert bank.find() == [(1, "o1", 0), (3, "o3", 1), (4, "o4", 40), (5, "later", None)]


def test_a_rollback_leaves_nothing_but_taken_numbers(bank: Bench) -> None:
    inside = Inside(bank)
    assert inside.insert(owner="x").key == (5,)
    inside.delete_where(None)
    inside.rollback()
    assert bank.ids() == [1, 2, 3, 4]
    assert bank.insert(owner="x").key == (6,)


def test_the_first_to_commit_a_row_wins(bank: Bench) -> None:
    first, second = Inside(bank), Inside(bank)
    first.patch(1, {"sum": Inc(1)})
    second.patch(1, {"sum": Inc(1)})
    second.patch(2, {"sum": 0})
    first.commit()
    with pytest.raises(ConflictError) as caught:
        second.commit()
    assert caught.value.retryable
    assert [row[2] for row in bank.find()] == [11, 20, 30, 40]


def test_a_plain_write_is_a_conflict_too(bank: Bench) -> None:
    for change in (
        lambda: bank.patch(1, {"sum": 0}),
        lambda: bank.delete(1),
    ):
        inside = Inside(bank)
        inside.patch(1, {"sum": 99})
        change()
        with pytest.raises(ConflictError):
            inside.commit()
    inside = Inside(bank)
    inside.put(id=7, owner="seven")
    bank.put(id=7, owner="other")
    with pytest.raises(ConflictError):
        inside.commit()


def test_numbers_of_parallel_transactions_differ(bank: Bench) -> None:
    first, second = Inside(bank), Inside(bank)
    keys = [first.insert(owner="a").key, second.insert(owner="b").key, bank.insert().key]
    assert keys == [(5,), (6,), (7,)]
    second.commit()
    first.commit()
    assert bank.ids() == [1, 2, 3, 4, 5, 6, 7]


def test_unique_holds_inside_and_at_the_end(bank: Bench) -> None:
    inside = Inside(bank)
    with pytest.raises(DuplicateKeyError):
        inside.insert(owner="o1")
    inside.delete(1)
    inside.insert(owner="o1")
    inside.insert(owner="fresh")
    bank.insert(owner="fresh")
    with pytest.raises(DuplicateKeyError, match="while the transaction ran"):
        inside.commit()
    assert bank.ids({"owner": "o1"}) == [1]
    swap = Inside(bank)
    swap.delete(2)
    swap.insert(owner="o2")
    swap.commit()
    assert bank.one(2) is None


def test_a_transaction_ends_once(bank: Bench) -> None:
    inside = Inside(bank)
    inside.commit()
    for call in (inside.commit, inside.find, lambda: inside.insert(owner="x")):
        with pytest.raises(WriteError, match="over"):
            call()
    inside.rollback()
    conflicting = Inside(bank)
    conflicting.patch(1, {"sum": 1})
    bank.patch(1, {"sum": 2})
    with pytest.raises(ConflictError):
        conflicting.commit()
    with pytest.raises(WriteError, match="rolled back"):
        conflicting.commit()


def test_a_recreated_table_is_a_conflict(bank: Bench) -> None:
    inside = Inside(bank)
    inside.patch(1, {"sum": 1})
    bank.migrate("recreate")
    with pytest.raises(ConflictError):
        inside.commit()
    with pytest.raises(WriteError):
        inside.find()
    assert bank.find() == []


def test_rows_expire_inside_too(bank: Bench) -> None:
    bank.write(WriteOp("insert", (9,), (9, "short", 0), ttl=10))
    inside = Inside(bank)
    assert inside.ids({"owner": "short"}) == [9]
    inside.ctx.time += 10
    assert inside.ids({"owner": "short"}) == []
    assert inside.insert(owner="short").key == (10,)


def test_a_commit_is_one_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bank.jsonl"
    bank = Bench(ACCOUNT, file=path)
    bank.insert(owner="a", sum=1)
    before = path.read_bytes()
    inside = Inside(bank)
    inside.insert(owner="b", sum=2)
    inside.patch(1, {"sum": 5})
    inside.delete(inside.insert(owner="gone").key)
    assert path.read_bytes() == before
    inside.commit()
    assert len(path.read_bytes()[len(before) :].splitlines()) == 1
    bank.connector.close(bank.ctx)
    again = Bench(ACCOUNT, file=path)
    assert again.find() == [(1, "a", 5), (2, "b", 2)]
    again.connector.close(again.ctx)


def test_money_is_neither_made_nor_lost(bank: Bench) -> None:
    """Transfers of many threads, each repeated until it is committed."""

    def transfer(me: int) -> None:
        for i in range(30):
            while True:
                inside = Inside(bank)
                rows: Any = inside.get(1 + (me + i) % 4, 1 + (me + i + 1) % 4)
                inside.patch(rows[0][0], {"sum": rows[0][2] - 1})
                inside.patch(rows[1][0], {"sum": rows[1][2] + 1})
                try:
                    inside.commit()
                except ConflictError:
                    continue
                break

    threads = [threading.Thread(target=transfer, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(row[2] for row in bank.find()) == 100
