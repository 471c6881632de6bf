"""Materialized views of Cassandra: made by hand in CQL, then declared in the model.

python examples/tutorial_cassandra/tutorial.py cassandra://127.0.0.1:9042/tutorial

The keyspace is created when it is not there; the tables and views in it are made anew.  Each
question that a view serves badly is refused first, with the declaration that would serve it.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from juggler import CostGuardError, DataSource, Key, Model, Prop, View, connect, prop

#: The rows of people: registered, member, zip code, team.
MEMBERS = [
    (True, "John", 98001, "Green"),
    (True, "Kate", 98002, "Red"),
    (False, "Mary", 98003, "Blue"),
    (True, "Bob", 98004, "Blue"),
    (False, "Peter", 98005, "Yellow"),
]
#: The rows of teams have an empty member: '' may be a part of a key, though never a whole one.
TEAMS = [("Blue", "North"), ("Green", "North"), ("Red", "South"), ("Yellow", "South")]

#: What the views look like as models.  `id` is what a client knows of the key; the true key, with
#: its clustering columns, is the server's.
VIEW_SCHEMAS: dict[str, dict[str, Any]] = {
    "members": {
        "member": "string",  # clustering column 2
        "team": {"type": "string", "id": True},
        "registered": "boolean",  # clustering column 1
        "zipCode": "number",
    },
    "teams": {
        "league": {"type": "string", "id": True},
        "team": "string",  # clustering column 1
        "member": "string",  # a part of every view's key, since it is one of the table's
    },
}

MEMBERS_CQL = (
    'CREATE MATERIALIZED VIEW members AS SELECT member, team, registered, "zipCode" FROM "allInfo" '
    "WHERE member IS NOT NULL AND team IS NOT NULL AND "
    '"zipCode" IS NOT NULL AND registered IS NOT NULL '
    "PRIMARY KEY (team, registered, member)"
)
#: `member` has to be selected: today's server says "Unknown column 'member' referenced in PRIMARY
#: KEY" when it is not.  (`"zipCode" IS NOT NULL` above is accepted and filters nothing: only the
#: key's columns decide which rows a view has.)
TEAMS_CQL = (
    'CREATE MATERIALIZED VIEW teams AS SELECT team, league, member FROM "allInfo" '
    "WHERE team IS NOT NULL AND member IS NOT NULL AND league IS NOT NULL "
    "PRIMARY KEY (league, team, member)"
)


def by_hand(db: DataSource) -> tuple[Any, Any, Any]:
    """The base table as a model, the views in CQL, and a model over each view."""
    all_info = db.define(
        "allInfo",
        {
            "team": {"type": "string", "id": 1},
            "league": "string",
            "member": {"type": "string", "id": 2},
            "zipCode": "number",
            "registered": "boolean",
        },
    )
    # It is made anew; views of an earlier run go with it, which is loss of data to be allowed.
    db.automigrate(["allInfo"], allow_data_loss=True)
    db.execute(MEMBERS_CQL)
    db.execute(TEAMS_CQL)
    # `view: True` says that there is something made by hand: it is never migrated nor written to.
    models = [db.create_model(name, VIEW_SCHEMAS[name], {"view": True}) for name in VIEW_SCHEMAS]
    fill(all_info)
    return all_info, models[0], models[1]


def clear(db: DataSource) -> None:
    """Drop what an earlier run declared: views first, which a table cannot lose one by one."""
    for view in (Registered, Leagues, TeamLeagues):
        db.execute(f'DROP MATERIALIZED VIEW IF EXISTS "{view.__name__}"')
    db.execute("DROP TABLE IF EXISTS all_info")


def fill(all_info: Any) -> None:
    """Write the rows; they appear in the views by themselves."""
    for registered, member, zip_code, team in MEMBERS:
        all_info.create(
            {"registered": registered, "member": member, "zipCode": zip_code, "team": team}
        )
    for team, league in TEAMS:
        all_info.create({"team": team, "league": league, "member": ""})


def five_finds(members: Any, teams: Any) -> list[list[dict[str, Any]]]:
    """The five questions; the second and the fifth read the whole view, and have to say so."""
    questions = [
        (members, {"where": {"team": "Blue"}}, False),
        (members, {"where": {"registered": False}}, True),
        (members, {"where": {"and": [{"team": "Blue"}, {"registered": True}]}}, False),
        (teams, {"where": {"league": "North"}, "fields": ["league", "team"]}, False),
        (teams, {"where": {"team": "Green"}, "fields": {"member": False}}, True),
    ]
    answers = []
    for model, filter, scans in questions:
        try:
            rows = model.find(filter)
        except CostGuardError as error:
            if not scans:
                raise
            # A clustering column alone: CQL would need ALLOW FILTERING over the whole view.
            print(f"{filter['where']} refused: {error}")
            rows = model.find(filter, allow_scan=True)
        answers.append([row.to_object() for row in rows])
    return answers


# ---------------------------------------------------------------- the better way


class AllInfo(Model, table_name="all_info", key=Key(partition=("team",), clustering=("member",))):
    """The same table, with one partition per team."""

    team: Prop[str]
    member: Prop[str]
    league: Prop[str | None] = prop(default=None)
    zipCode: Prop[float | None] = prop(default=None)  # noqa: N815 - the column's name
    registered: Prop[bool | None] = prop(default=None)


class Registered(View, of=AllInfo, key=Key(partition=("registered",)), fields=("zipCode",)):
    """Who is registered, and who is not: serves the second question.

    The key's other columns, team and member, are added: a view has every key column of its table.
    """


class Leagues(View, of=AllInfo, key=Key(partition=("league",), clustering=("team",))):
    """The teams of a league: the fourth question."""


class TeamLeagues(View, of=AllInfo, key=Key(partition=("team",), clustering=("league",))):
    """The league of a team: serves the fifth question.

    A view has the rows in which all columns of its key have a value: here those with a league.
    """


def declared(db: DataSource) -> dict[str, Any]:
    """The table and its views out of the models, and who serves which question."""
    db.attach(AllInfo, Registered, Leagues, TeamLeagues)
    plan = db.plan()
    print(plan)
    plan.apply()
    if not db.check().is_actual:
        raise RuntimeError("the store is not what the models declare")
    fill(AllInfo)
    unregistered = wait_for(lambda: Registered.find({"where": {"registered": False}}), 2)
    green = {"where": {"team": "Green"}, "fields": {"member": False}}
    # The base routes to the view by itself where the call accepts what a view promises.
    routed = AllInfo.where({"registered": False}).using(consistency="eventual")
    return {
        "unregistered": sorted(row.member for row in unregistered),
        "north": [row.team for row in Leagues.find({"where": {"league": "North"}})],
        "green": [row.to_object() for row in wait_for(lambda: TeamLeagues.find(green), 1)],
        "routed": sorted(row.member for row in routed.all()),
        "plan": str(routed.explain()),
    }


def wait_for(ask: Any, count: int) -> Any:
    """Views follow their table a moment later."""
    for _ in range(100):
        rows = ask()
        if len(rows) >= count:
            return rows
        time.sleep(0.05)
    return ask()


def main(url: str) -> None:
    """Run both ways."""
    with connect(url, {"create_keyspace": True}) as db:
        _, members, teams = by_hand(db)
        wait_for(lambda: members.find(allow_scan=True), len(MEMBERS))
        for rows in five_finds(members, teams):
            print(rows)
        clear(db)
        for name, answer in declared(db).items():
            print(f"{name}:\n{answer}" if name == "plan" else f"{name}: {answer}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cassandra://127.0.0.1:9042/tutorial")
