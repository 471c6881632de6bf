"""Schema plans: judged as a whole, applied step by step, in both colours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import Model, Prop, prop
from juggler.connector import SchemaStep
from juggler.errors import (
    BackendError,
    ConfigurationError,
    DeadlineError,
    MigrationError,
    SchemaDriftError,
    UnsafeMigrationError,
)
from juggler.spec import ColumnInfo, RelationInfo

if TYPE_CHECKING:
    from juggler.datasource import DataSource


@pytest.fixture
def models(db: DataSource) -> tuple[Any, Any]:
    class User(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str] = prop(index=True)

    class Log(Model, managed=False):
        id: Prop[int] = prop(id=True)

    db.attach(User, Log)
    return User, Log


pytestmark = pytest.mark.usefixtures("models")


def table(*columns: str) -> RelationInfo:
    return RelationInfo("User", columns=tuple(ColumnInfo(name, "x") for name in columns))


def changes(shelf: Any) -> list[str]:
    return [call for call in shelf.calls if " " in call]


def test_a_plan_changes_nothing_and_says_what_it_would_do(db: DataSource, shelf: Any) -> None:
    plan = db.plan()
    assert [(s.kind, s.target, s.safety) for s in plan] == [
        ("create-table", "User", "safe"),
        ("create-index", "User.name_index", "online"),
    ]
    assert changes(shelf) == []
    assert plan
    assert not plan.is_actual
    assert len(plan) == len(plan.pending) == 2
    assert plan.models == ("User",)
    text = str(plan)
    assert "Schema plan  shelf · update · User · 2 steps" in text
    assert "+ create-table User" in text
    assert "MAKE User" in text
    data = plan.to_dict()
    assert data["steps"][0]["native"] == ["MAKE User"]
    assert not data["actual"]
    assert "<td>create-table</td>" in plan._repr_html_()
    assert repr(plan) == "<schema plan shelf: 2 steps to do>"


def test_applying_makes_the_store_actual(db: DataSource, shelf: Any) -> None:
    told: list[Any] = []
    results = db.plan().apply(progress=lambda *step: told.append(step[:2]))
    assert [r.step.kind for r in results] == ["create-table", "create-index"]
    assert told == [(1, 2), (2, 2)]
    assert changes(shelf) == ["create-table User", "create-index User.name_index"]
    assert db.is_actual()
    again = db.check()
    assert again.is_actual
    assert not again
    assert again.apply() == []
    assert "nothing to do" in str(again)


def test_applying_in_the_asynchronous_colour(db: DataSource, shelf: Any) -> None:
    async def run() -> None:
        assert not await db.aio.is_actual("User")
        plan = await db.aio.plan()
        assert len(await plan.aio.apply()) == 2
        assert await db.aio.is_actual()
        assert (await db.aio.check()).is_actual
        assert await db.aio.apply() == []
        assert await db.aio.autoupdate() == []
        with pytest.raises(UnsafeMigrationError):
            await db.aio.automigrate()

    asyncio.run(run())
    assert changes(shelf) == ["create-table User", "create-index User.name_index"]


def test_one_name_several_classes_all(db: DataSource, models: tuple[Any, Any]) -> None:
    user, log = models
    for names in ("User", user, ["User"], (user,), None):
        assert db.plan(names).models == ("User",)
    for name in ("Log", log):
        with pytest.raises(ConfigurationError) as caught:
            db.plan(name)
        assert caught.value.code == "unmanaged-model"
    with pytest.raises(ConfigurationError, match="no model 'Usr'"):
        db.autoupdate(["Usr"])
    with pytest.raises(ConfigurationError, match="no mode 'updat'"):
        db.plan(mode="updat")  # type: ignore[arg-type]


def test_automigrate_loses_rows_only_when_it_may(
    db: DataSource, shelf: Any, models: tuple[Any, Any]
) -> None:
    user, _ = models
    db.automigrate("User")
    user.create(name="Ann")
    before = changes(shelf)
    with pytest.raises(UnsafeMigrationError) as caught:
        db.automigrate("User")
    assert [step.kind for step in caught.value.steps] == ["drop-table"]
    assert caught.value.hint == "db.automigrate('User', allow_data_loss=True)"
    assert changes(shelf) == before
    assert len(user.find()) == 1
    db.automigrate(["User"], allow_data_loss=True)
    assert user.find() == []
    with pytest.raises(UnsafeMigrationError) as caught:
        db.automigrate()
    assert caught.value.hint == "db.automigrate(allow_data_loss=True)"


def test_a_plan_with_one_bad_step_is_refused_as_a_whole(db: DataSource, shelf: Any) -> None:
    shelf.tables["User"] = table("id", "frozen")
    plan = db.plan()
    with pytest.raises(UnsafeMigrationError, match="nothing was applied") as caught:
        plan.apply(allow={"destructive", "rewrite", "drop"})
    assert [step.safety for step in caught.value.steps] == ["impossible"]
    assert "no way" in caught.value.message
    assert "no call makes an impossible step possible" in caught.value.hint
    assert changes(shelf) == []


def test_what_no_model_declares_is_reported_and_dropped_only_when_allowed(
    db: DataSource, shelf: Any
) -> None:
    shelf.tables["User"] = table("id", "name", "old")
    plan = db.plan()
    assert plan.is_actual
    assert [(s.kind, s.safety) for s in plan.steps] == [("drop-column", "info")]
    assert plan.apply() == []
    assert changes(shelf) == []
    assert len(db.plan().apply(allow="drop")) == 1
    assert changes(shelf) == ["drop-column User.old"]
    with pytest.raises(ConfigurationError) as caught:
        plan.apply(allow={"destructiv"})
    assert caught.value.hint == "did you mean 'destructive'?"


def test_a_destructive_plan_names_the_call(db: DataSource, shelf: Any) -> None:
    shelf.tables["User"] = table("id", "name")
    plan = db.plan(mode="recreate")
    with pytest.raises(UnsafeMigrationError) as caught:
        plan.apply()
    assert caught.value.hint == "plan.apply(allow={'destructive'})"
    assert len(plan.apply(allow={"destructive"})) == 3


def test_a_schema_that_moved_is_refused(db: DataSource, shelf: Any) -> None:
    plan = db.plan()
    shelf.tables["Other"] = table("id")
    with pytest.raises(SchemaDriftError, match="changed since the plan was made"):
        plan.apply()
    assert changes(shelf) == []


def test_apply_stops_at_the_first_failure(db: DataSource, shelf: Any) -> None:
    shelf.step_errors["User.name_index"] = BackendError("disk full")
    with pytest.raises(MigrationError, match="disk full") as caught:
        db.apply()
    assert caught.value.step.target == "User.name_index"
    assert "create-table User" in caught.value.hint
    assert caught.value.outcome == "applied"
    shelf.step_errors.clear()
    assert db.plan().is_actual


def test_time_is_bounded(db: DataSource, shelf: Any) -> None:
    with pytest.raises(MigrationError, match="time for the schema plan is over"):
        db.apply(timeout=0)
    assert changes(shelf) == []
    shelf.building = ["User.slow"]
    with pytest.raises(DeadlineError, match=r"not effective yet: create-index User\.slow"):
        db.apply(timeout=0.1)
    shelf.tables.clear()
    assert len(db.apply(wait=False)) == 3


def test_waiting_ends_when_indexes_are_built(db: DataSource, shelf: Any) -> None:
    shelf.building = ["User.slow"]
    read = []

    async def layer(call: Any, proceed: Any) -> Any:
        if call.hook == "read_schema":
            read.append(call)
            if len(read) == 5:
                shelf.building = []
        return await proceed()

    db.around(layer)
    assert len(db.apply()) == 3
    assert shelf.building == []


def test_the_schema_that_was_read_is_kept_and_forgotten(db: DataSource, shelf: Any) -> None:
    spec = db.spec_of("User")
    declared = db.schema_of(spec)
    assert declared.declared
    assert declared.relation("User").index("name_index") is not None
    shelf.tables["User"] = table("id", "name")
    db.plan()
    read = db.schema_of(spec)
    assert not read.declared
    assert read.relation("User").indexes == ()
    db.define("Other", {})
    assert db.schema_of(spec).declared
    assert set(db.schema_of(spec).relations) >= {"User", "Other"}


def test_a_missing_table_is_still_what_is_declared(db: DataSource) -> None:
    db.plan()
    assert db.schema_of(db.spec_of("User")).declared


def test_a_store_without_schema_has_nothing_to_do(db: DataSource, shelf_class: Any) -> None:
    from juggler.datasource import DataSource as Source  # noqa: PLC0415 - beside the fixture's

    class Plain:
        capabilities = shelf_class.capabilities
        plan = shelf_class.plan
        fetch = shelf_class.fetch
        get = shelf_class.get
        write = shelf_class.write
        claims = shelf_class().claims

    plain = Source(Plain())
    plain.define("Thing", {})
    assert plain.is_actual()
    assert plain.autoupdate() == plain.automigrate() == []
    assert isinstance(SchemaStep("a", "b", "safe"), SchemaStep)


def test_views_come_after_tables_and_their_base_knows_them(db: DataSource) -> None:
    db.define("Members", {}, {"view": {"of": "All", "partition": ["team"], "fields": ["size"]}})
    db.define("All", {"id": {"type": "string", "id": True}, "team": "string", "size": "number"})
    assert [spec.name for spec in db.migratable()] == ["User", "All", "Members"]
    assert [view.name for view in db.spec_of("All").views] == ["Members"]
    assert db.id_names("Members") == ("team", "id")
