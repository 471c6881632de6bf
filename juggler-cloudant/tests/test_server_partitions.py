"""On a real CouchDB: partitioned databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler.errors import CapabilityError, CostGuardError, InvalidValueError

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server

PROPERTIES = {
    "id": {"type": "string", "id": True}, "name": "string", "score": "number",
    "level": {"type": "number", "index": True},
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "strict": True,
    "cloudant": {"partitioned": True},
    "indexes": {"by_score": {"keys": {"score": 1}, "options": {"partitioned": True}}},
}


@pytest.fixture
def player(db: DataSource) -> Any:
    model = db.define("Player", PROPERTIES, SETTINGS)
    db.autoupdate("Player")
    model.create_all(
        {"id": f"{team}:{n:02}", "name": f"n{n}", "score": n % 5, "level": n}
        for team in ("red", "blue", "reds")
        for n in range(20)
    )
    return model


def path(query: Any) -> tuple[str, str]:
    told = query.explain().to_dict()
    return told["path"], told["statements"][0]["text"].partition(" ")[2].split("/", 2)[2]


def test_a_partitioned_database_is_discovered_as_that(db: DataSource, player: Any) -> None:
    del player
    document = db.discover_schema("Player")
    assert document["options"]["cloudant"]["partitioned"] is True
    model = db.discover_and_build_models("Player")["Player"]
    assert db.is_actual("Player")
    assert [step.kind for step in db.plan("Player").steps] == []
    assert len(model.find({"where": {"id": {"like": "red:%"}, "score": {"gte": 3}}})) == 8


def test_a_partition_is_read_by_itself(db: DataSource, player: Any) -> None:
    assert db.is_actual("Player")
    red = player.where({"id": {"like": "red:%"}})
    assert path(red) == ("partition", "_partition/red/_all_docs")
    assert [row["id"] for row in red.order("id").all()] == [f"red:{n:02}" for n in range(20)]
    assert red.count() == 20
    ranged = player.where({"id": {"between": ["red:03", "red:05"]}})
    assert path(ranged)[0] == "partition"
    assert [row["id"] for row in ranged.order("id DESC").all()] == ["red:05", "red:04", "red:03"]
    assert len(red.where({"name": {"neq": "n3"}}).all()) == 19


def test_an_index_of_a_partition(db: DataSource, player: Any) -> None:
    red = player.where({"id": {"like": "red:%"}, "score": {"gte": 3}})
    kind, where = path(red)
    assert (kind, where.partition("/_design")[0]) == ("partition", "_partition/red")
    assert red.explain().to_dict()["guarantee"] == "exact"
    assert red.count() == len(red.all()) == 8
    ordered = [row["score"] for row in red.order("score DESC").all()]
    assert ordered == [4, 4, 4, 4, 3, 3, 3, 3]
    assert len(player.find({"where": {"id": {"like": "red:%"}, "score": {"inq": [1, 2]}}})) == 8
    seen: list[str] = []
    token = None
    while True:
        rows, token = red.order("score").page(size=3, token=token)
        seen += [row["id"] for row in rows]
        rows[-1].delete()
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 8
    odd = player.where({"id": {"like": "blue:%"}, "score": 2, "level": {"lt": 10}})
    assert path(odd) == ("partition", "_partition/blue/_find")
    assert sorted(row["id"] for row in odd.all()) == ["blue:02", "blue:07"]
    assert [row["id"] for row in odd.using(index="by_score").order("level").all()] == [
        "blue:02", "blue:07",
    ]  # fmt: skip


def test_the_whole_database_has_its_own_indexes(player: Any) -> None:
    assert path(player.where({"level": 3}))[0] == "index"
    assert player.count({"level": 3}) == 3
    assert player.count() == len(player.find()) == 60
    with pytest.raises(CostGuardError):
        player.find({"where": {"score": 3}})
    told = player.where({"score": 3}).explain().to_dict()
    assert "one partition at a time" in str(told["rejected"])
    with pytest.raises(CapabilityError, match="one partition at a time"):
        player.find({"where": {"score": 3}}, index="by_score")
    assert player.delete_all({"id": {"like": "red:%"}}).changed == 20
    assert player.count() == 40


@pytest.mark.parametrize("key", ["red", ":1", "red:", "_x:1"])
def test_ids_that_have_no_partition(player: Any, key: str) -> None:
    with pytest.raises(InvalidValueError, match=r"partition:rest|begin with '_'"):
        player.create({"id": key})
    assert player.find_by_id(key) is None
