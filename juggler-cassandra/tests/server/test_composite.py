"""Keys of several columns are ids as any: by key, in relations, included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from juggler import BelongsTo, HasMany, Key, Model, NotFoundError, Prop, belongs_to, has_many, prop
from juggler.connector.port import Recorder

if TYPE_CHECKING:
    from juggler import DataSource

pytestmark = pytest.mark.server


class Team(Model, key=Key(partition=("league",), clustering=("team",)), table_name="teams"):
    league: Prop[str]
    team: Prop[str]
    city: Prop[str | None] = prop(default=None)
    players: HasMany[Player] = has_many(key=("league", "team"))


class Player(
    Model, key=Key(partition=("league", "team"), clustering=("-number",)), table_name="players"
):
    league: Prop[str]
    team: Prop[str]
    number: Prop[int]
    name: Prop[str | None] = prop(default=None)
    its_team: BelongsTo[Team] = belongs_to(key=("league", "team"))


@pytest.fixture(scope="module")
def league(opened: DataSource) -> str:
    """A league with two teams, three players in the first."""
    opened.attach(Team, Player)
    opened.autoupdate([Team, Player])
    name = str(uuid4())
    blue = Team.create(league=name, team="Blue", city="X")
    Team.create(league=name, team="Red")
    for number in range(3):
        blue.players.create(number=number, name=f"p{number}")
    return name


def test_by_key(league: str) -> None:
    for key in (
        (league, "Blue", 1), {"number": 1, "league": league, "team": "Blue"},
    ):  # fmt: skip
        assert Player.find_by_id(key).name == "p1"
    player = Player.find_by_id(league=league, team="Blue", number=1)
    player.name = "saved"
    player.save()
    player.patch({"name": f"{player.name} and patched"})
    assert Player.find_by_id((league, "Blue", 1)).name == "saved and patched"
    keys = [(league, "Blue", 2), (league, "Blue", 9), (league, "Blue", 0)]
    assert [row.number for row in Player.find_by_ids(keys)] == [2, 0]
    other = Player.create(league=league, team="Red", number=7)
    assert other.delete() is True
    assert Player.delete_by_id((league, "Red", 7)) is False
    with pytest.raises(NotFoundError):
        Player.replace_by_id((league, "Red", 7), {"name": "nobody"})


def test_relations_both_ways(league: str) -> None:
    blue = Team.find_by_id((league, "Blue"))
    assert [player.number for player in blue.players()] == [2, 1, 0]
    assert blue.players.count() == 3
    assert [player.number for player in blue.players.where().order("number").limit(2)] == [0, 1]
    assert Player.find_by_id((league, "Blue", 2)).its_team().city == "X"


def test_included_with_one_read_for_each_partition(opened: DataSource, league: str) -> None:
    recorder = Recorder()
    off = opened.around(recorder)
    teams: Any = Team.find({"where": {"league": league}, "include": "players"})
    off()
    shown = {team.team: [player["number"] for player in team.to_object()["players"]]
             for team in teams}  # fmt: skip
    assert shown == {"Blue": [2, 1, 0], "Red": []}
    assert recorder.requests == 3
    (player,) = Player.find(
        {"where": {"league": league, "team": "Blue", "number": 2}, "include": "its_team"}
    )
    assert player.to_object()["its_team"] == {"league": league, "team": "Blue", "city": "X"}
