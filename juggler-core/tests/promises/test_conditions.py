"""No condition is ever dropped, guessed or widened."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    MISSING,
    CapabilityError,
    CostGuardError,
    InvalidQueryError,
    InvalidValueError,
    connect,
)

if TYPE_CHECKING:
    from juggler import DataSource


@pytest.fixture
def item(db: DataSource) -> Any:
    model = db.define(
        "Item",
        {
            "n": "number",
            "tags": ["string"],
            "at": "date",
            "place": {"city": "string", "since": "date"},
            "secret": {"type": "string", "hidden": True},
        },
    )
    model.create_all(
        [
            {"n": 1, "tags": ["a", "b"], "at": "2020-01-01", "place": {"city": "Rome"}},
            {"n": 5, "tags": ["a"], "at": "2021-01-01", "place": {"since": "2020-06-01"}},
            {"n": 9, "tags": [], "at": "2022-01-01"},
        ]
    )
    return model


def found(item: Any, where: Any) -> list[int]:
    return [row.n for row in item.find({"where": where})]


def test_all_operators_of_a_property_hold(item: Any) -> None:
    assert found(item, {"n": {"gt": 1, "lt": 9}}) == [5]
    assert found(item, {"n": {"inq": [1, 5], "neq": 5}}) == [1]


def test_a_missing_value_deletes_nothing(item: Any) -> None:
    for where in ({"n": MISSING}, {"n": {"gt": MISSING}}, {"or": [{"n": MISSING}]}, {"n": {}}):
        with pytest.raises((InvalidQueryError, InvalidValueError)):
            item.delete_all(where)
    for where in (None, {}, {"and": []}):
        with pytest.raises(InvalidQueryError) as caught:
            item.delete_all(where)
        assert caught.value.code == "needs-all"
    assert item.delete_all({"or": []}).changed == 0
    assert item.count() == 3


def test_nested_values_are_coerced_like_others(item: Any) -> None:
    assert found(item, {"place.since": {"lt": "2020-07-01"}}) == [5]
    assert found(item, {"place.since": datetime(2020, 6, 1, tzinfo=UTC)}) == [5]
    assert found(item, {"place.city": {"regexp": "/^ro/i"}}) == [1]
    assert found(item, {"at": {"inq": ["2021-01-01"]}}) == [5]


def test_negatives_on_lists_mean_no_element(item: Any) -> None:
    assert found(item, {"tags": {"neq": "b"}}) == [5, 9]
    assert found(item, {"tags": {"nin": ["a"]}}) == [9]
    assert found(item, {"tags": "b"}) == [1]


def test_unknown_paths_and_operators_are_errors(db: DataSource) -> None:
    strict = db.define("Strict", {"n": "number"}, {"strict": True})
    for filter_ in (
        {"where": {"m": 1}}, {"where": {"n": {"grt": 1}}}, {"order": "m"}, {"fields": ["m"]},
        {"include": "owner"}, {"where": {"owner.name": "x"}},
    ):  # fmt: skip
        with pytest.raises(InvalidQueryError):
            strict.find(filter_)


def test_dates_do_not_shift(db: DataSource) -> None:
    day = db.define("Day", {"at": "date", "on": "dateonly"})
    made: Any = day.create(at="2020-02-29T23:30:00+02:00", on="2020-02-29")
    read = made.reload()
    assert read.at == datetime(2020, 2, 29, 21, 30, tzinfo=UTC)
    assert read.to_json()["on"] == "2020-02-29"
    with pytest.raises(InvalidValueError):
        day.create(at=datetime(2020, 2, 29))  # noqa: DTZ001 - refused
    with pytest.raises((InvalidValueError, InvalidQueryError)):
        day.find({"where": {"at": datetime(2020, 2, 29)}})  # noqa: DTZ001 - refused


def test_numbers_are_not_rounded(db: DataSource) -> None:
    money = db.define("Money", {"cents": "integer", "price": "decimal", "any": "number"})
    big, price = 2**63 - 1, Decimal("0.10000000000000000000000001")
    money.create(cents=big, price=price, any=2**53 + 1)
    read: Any = money.find_one({"where": {"cents": big, "price": price}})
    assert (read.cents, read.price, read.any) == (big, price, 2**53 + 1)


def test_what_a_store_cannot_do_is_refused_where_memory_stands_for_it() -> None:
    with connect("memory:?emulate=cassandra") as db:
        event = db.define(
            "Event",
            {"team": {"type": "string", "id": 1}, "at": {"type": "number", "id": 2}, "n": "number"},
            {"cassandra": {"clusteringKeys": ["at"]}},
        )
        event.create(team="a", at=1, n=1)
        assert len(event.find({"where": {"team": "a"}, "order": "at DESC"})) == 1
        for filter_ in ({"where": {"n": 1}}, {"where": {"team": {"gt": "a"}}}):
            with pytest.raises((CostGuardError, CapabilityError)) as caught:
                event.find(filter_)
            assert caught.value.hint or getattr(caught.value, "suggestions", ())
