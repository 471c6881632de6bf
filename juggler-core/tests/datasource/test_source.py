"""Models on a data source: attaching, defining, naming, freezing, isolating; options and layers."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from attrs import evolve

from juggler import Model, Prop, prop
from juggler.connector import Capabilities, hookimpl, impossible
from juggler.connector.port import Recorder
from juggler.datasource import DataSource, SchemaPlan
from juggler.datasource._sync import SyncIO
from juggler.datasource.aio import AioDataSource
from juggler.datasource.schema import AioPlan
from juggler.errors import (
    CapabilityError,
    ConfigurationError,
    CostGuardError,
    JugglerError,
    SchemaDriftError,
    UnsupportedModelError,
)


class Book(Model, table_name="books"):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str] = prop(column="TITLE", shelf={"width": 5})
    year: Prop[int | None] = prop(default=None)


def model(class_name: str = "Thing", /, **keywords: Any) -> Any:
    namespace = {"__annotations__": {"name": Prop[str]}, "__module__": __name__}
    return type(Model)(class_name, (Model,), namespace, **keywords)


@pytest.fixture(autouse=True)
def let_go(db: DataSource) -> Any:
    yield
    db.detach(Book)


def test_attaching_asks_nothing_of_the_store(db: DataSource, shelf: Any) -> None:
    db.attach(Book)
    assert shelf.calls == []
    assert db.models == {"Book": Book}
    assert db.definitions["Book"] is Book.__definition__
    assert db.get_model("Book") is Book
    assert Book.__link__.source is db


def test_attach_to_is_the_same(db: DataSource) -> None:
    Book.attach_to(db)
    assert db.models == {"Book": Book}


def test_a_second_attach_changes_nothing_and_another_source_takes_over(
    db: DataSource, shelf_class: Any
) -> None:
    db.attach(Book)
    db.attach(Book)
    other = DataSource(shelf_class())
    other.attach(Book)
    assert db.models == {}
    assert Book.__link__.source is other
    other.detach(Book)
    other.detach(Book)
    assert Book.__link__ is None
    with pytest.raises(ConfigurationError) as caught:
        Book.find()
    assert caught.value.code == "not-attached"


@pytest.mark.parametrize("given", [5, "Book", dict, Book.__definition__])
def test_what_is_no_model(db: DataSource, given: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        db.attach(given)
    assert caught.value.code == "not-a-model"


def test_an_abstract_model_is_refused_and_may_be_defined(db: DataSource) -> None:
    with pytest.raises(ConfigurationError, match="is abstract"):
        db.attach(model(abstract=True))
    db.define("Base", {"name": "string"}, {"abstract": True})
    assert db.define("Leaf", {}, {"base": "Base"}).__link__.source is db


def test_two_models_of_one_name(db: DataSource) -> None:
    db.attach(Book)
    with pytest.raises(ConfigurationError, match="another model named 'Book'"):
        db.attach(model("Other", name="Book"))
    assert db.models == {"Book": Book}


def test_a_class_statement_that_is_run_again_replaces_the_class(db: DataSource) -> None:
    first, second = model(), model()
    db.attach(first)
    db.attach(second)
    assert db.models == {"Thing": second}
    with pytest.raises(ConfigurationError) as caught:
        first.find()
    assert caught.value.code == "model-replaced"


def test_a_second_define_keeps_the_attachment_and_the_table(db: DataSource) -> None:
    first = db.define("Thing", {"name": "string"}, {"tableName": "things"})
    second = db.define("Thing", {"name": "string", "size": "number"})
    assert db.table_name("Thing") == "things"
    assert db.models["Thing"] is second
    with pytest.raises(ConfigurationError, match="defined again"):
        first.find()


def test_a_model_the_connector_cannot_hold_is_not_kept(db: DataSource, shelf: Any) -> None:
    shelf.claims = evolve(shelf.claims, versions=impossible("none here"))
    db.use(type("Nothing", (), {})())
    with pytest.raises(UnsupportedModelError, match="demands versions: none here"):
        db.attach(model(versioned=True))
    with pytest.raises(UnsupportedModelError):
        db.define("Thing", {"name": "string"}, {"versioned": True})
    assert db.models == {}


def test_a_model_that_refers_to_a_later_one_waits_for_it(db: DataSource) -> None:
    person = db.define("Person", {"name": "string", "home": "Address"})
    with pytest.raises(ConfigurationError) as caught:
        person.find()
    assert caught.value.code == "unresolved-model"
    db.define("Address", {"street": "string"})
    assert person.find() == []


def test_a_waiting_model_can_be_let_go(db: DataSource, shelf_class: Any) -> None:
    person = db.define("Person", {"home": "Address"})
    db.detach(person)
    assert person.__link__ is None
    assert db.models == {}


def test_properties_added_later(db: DataSource) -> None:
    thing = db.define("Thing", {"name": "string"})
    db.define_property("Thing", "size", "number")
    db.extend_model("Thing", {"place": {"type": "string", "index": True}})
    assert db.column_names(thing)[-2:] == ["size", "place"]
    assert db.schema_of(db.spec_of(thing)).relation("Thing").index("place_index")


def test_names_of_tables_and_columns(db: DataSource) -> None:
    db.attach(Book)
    for given in ("Book", Book):
        assert db.table_name(given) == "books"
        assert db.column_name(given, "title") == "TITLE"
        assert db.column_names(given) == ["id", "TITLE", "year"]
        assert db.column_metadata(given, "title") == {"width": 5}
        assert db.column_metadata(given, "year") == {}
        assert db.id_name(given) == "id"
        assert db.id_names(given) == ("id",)
        assert db.id_column_name(given) == "id"
    with pytest.raises(ConfigurationError, match="has no property 'titel'"):
        db.column_name("Book", "titel")
    with pytest.raises(ConfigurationError, match="no model 'Bok'") as caught:
        db.table_name("Bok")
    assert caught.value.hint == "did you mean 'Book'?"


def test_a_foreign_key_has_the_type_of_the_key_that_it_refers_to(db: DataSource) -> None:
    db.attach(Book)
    db.define("Copy", {"place": "string", "bookId": "string"})
    db.define("Note", {"text": "string"})
    db.define_foreign_key("Note", "bookId", "Book")
    db.define_foreign_key("Copy", "bookId", "Book")
    assert str(db.definitions["Note"].properties["bookId"].type) == "integer"
    assert str(db.definitions["Copy"].properties["bookId"].type) == "integer"
    with pytest.raises(ConfigurationError, match="no model 'Bok'"):
        db.define_foreign_key("Note", "bokId", "Bok")


def test_facts(db: DataSource, shelf: Any) -> None:
    assert (db.name, db.connector_name) == ("shelf", "shelf")
    assert db.types == ("db", "shelf")
    assert db.get_types() == ["db", "shelf"]
    assert db.support_types("shelf")
    assert not db.support_types(["shelf", "rdbms"])
    assert not db.is_relational()
    assert db.connector.data_source is db
    assert db.connector.rows is shelf.rows
    assert db.connector.name == "shelf"
    assert db.connector.capabilities is shelf.claims
    assert repr(db) == "<DataSource shelf: 0 models, not connected>"
    with pytest.raises(TypeError):
        db.settings["host"] = "x"  # type: ignore[index]


def test_freezing(db: DataSource, shelf: Any) -> None:
    db.attach(Book)
    db.autoupdate()
    db.freeze()
    assert shelf.calls[-1] == "freeze"
    for change in (
        lambda: db.attach(model()),
        lambda: db.define("Thing", {}),
        lambda: db.automigrate(allow_data_loss=True),
    ):
        with pytest.raises(ConfigurationError) as caught:
            change()
        assert caught.value.code == "frozen"
    assert db.models == {"Book": Book}
    assert Book.find() == []


def test_isolated(db: DataSource, shelf: Any, shelf_class: Any) -> None:
    db.attach(Book)
    Book.create(title="outside")
    inner = shelf_class()
    with db.isolated(inner, {"scan": "allow"}) as other:
        assert other.models == {"Book": Book}
        assert Book.find() == []
        Book.create(title="inside")
    assert [book.title for book in Book.find()] == ["outside"]
    assert inner.calls[-1] == "close"
    assert shelf.calls.count("close") == 0
    with pytest.raises(ZeroDivisionError), db.isolated(shelf_class()):
        raise ZeroDivisionError
    assert Book.__link__.source is db


def test_isolated_emulates_by_default(db: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    targets: list[Any] = []
    monkeypatch.setattr(
        "juggler.datasource.source.DataSource",
        lambda target, settings, clock: (
            targets.append(target) or DataSource(type(db.host.connector))
        ),
    )
    with db.isolated():
        pass
    assert targets == ["memory:?emulate=shelf"]


def test_native_statements(db: DataSource, shelf: Any) -> None:
    (row,) = db.execute("COUNT", [1], timeout=1.5, consistency="strong").rows
    assert row[:3] == ("COUNT", [1], {"consistency": "strong"})
    assert 0 < row[3] <= 1.5
    assert db.connector.execute("COUNT").rows[0][0] == "COUNT"

    async def run() -> Any:
        return await db.aio.execute("COUNT", {"a": 1})

    assert asyncio.run(run()).rows[0][1] == {"a": 1}
    shelf.claims = Capabilities()
    db.detach()
    calls = len(shelf.calls)
    with pytest.raises(CapabilityError, match="native statements"):
        db.execute("COUNT")
    assert len(shelf.calls) == calls


def test_options_of_a_block(db: DataSource) -> None:
    with db.options(timeout=3), db.options(consistency="strong"):
        (row,) = db.execute("X").rows
    assert 0 < row[3] <= 3
    with pytest.raises(ConfigurationError) as caught, db.options(timeot=3):
        pass
    assert caught.value.hint == "did you mean 'timeout'?"


def test_a_bound_that_is_set_holds_where_scans_are_allowed(shelf_class: Any) -> None:
    with DataSource(shelf_class(), {"scan": "allow", "maxScanned": 2}) as db:
        thing = db.define("Thing", {"name": "string"})
        for name in "abc":
            thing.create(name=name)
        assert len(thing.find()) == 3
        with pytest.raises(CostGuardError, match="more than 2 rows"):
            thing.find({"where": {"name": "a"}})
        with db.options(max_scanned=3):
            assert len(thing.find({"where": {"name": "a"}})) == 1


def test_layers(db: DataSource) -> None:
    log = Recorder()
    off = db.around(log)
    db.ping()
    off()
    off()
    db.ping()
    assert log.hooks == ["open", "ping"]


class Strict:
    @hookimpl(wrapper=True)
    def bind(self, model: Any) -> Any:
        if not model.name.startswith("Ok"):
            raise UnsupportedModelError("only Ok models here", problems=["name"])
        return (yield)


def test_plugins_wrap_pure_hooks(db: DataSource) -> None:
    db.use(Strict(), "strict")
    with pytest.raises(UnsupportedModelError):
        db.define("Thing", {})
    assert db.define("OkThing", {}).find() == []
    with pytest.raises(ConfigurationError) as caught:
        db.use(type(db.host.connector)())
    assert caught.value.code == "plugin-wrapper"


def test_the_registry_of_operations(db: DataSource) -> None:
    assert not db.get_operation("find").remote
    db.enable_remote("find")
    assert db.operations()["find"].remote
    db.disable_remote("find")
    assert not db.get_operation("find").remote
    defined = db.define_operation("shuffle", print, remote=True, scope="model", http="/shuffle")
    assert db.get_operation("shuffle") is defined
    assert defined.facts == {"http": "/shuffle"}
    assert db.get_operation("save").scope == "instance"
    for call in (db.get_operation, db.enable_remote, db.disable_remote):
        with pytest.raises(ConfigurationError) as caught:
            call("findd")
        assert caught.value.hint == "did you mean 'find'?"


def test_the_store_is_checked_on_open_when_that_is_asked_for(shelf_class: Any) -> None:
    shelf = shelf_class()
    db = DataSource(shelf, {"check_on_open": True, "connect_timeout": 1})
    thing = db.define("Thing", {"name": "string"})
    with pytest.raises(SchemaDriftError, match="create-table Thing") as caught:
        thing.find()
    assert "juggler apply" in caught.value.hint
    assert not db.connected
    prepared = DataSource(shelf)
    prepared.define("Thing", {"name": "string"})
    prepared.autoupdate()
    assert thing.find() == []


def test_capabilities_are_asked_once_and_again_after_opening(shelf_class: Any) -> None:
    asked: list[Any] = []

    class Counts(shelf_class):
        @hookimpl
        def capabilities(self, model: Any) -> Capabilities:
            asked.append(model)
            return self.claims

    db = DataSource(Counts())
    asked.clear()
    db.capabilities_of(None)
    db.capabilities_of(None)
    assert asked == [None]
    db.ready()
    db.capabilities_of(None)
    assert asked == [None, None]


BLOCKING = {
    name: getattr(SyncIO, name)
    for name in vars(SyncIO)
    if not name.startswith("_") and inspect.isfunction(getattr(SyncIO, name))
}


@pytest.mark.parametrize("name", BLOCKING)
def test_every_blocking_call_has_a_twin_with_the_same_arguments(name: str) -> None:
    twin = getattr(AioDataSource, name)
    assert inspect.iscoroutinefunction(twin)
    mine, theirs = inspect.signature(BLOCKING[name]), inspect.signature(twin)
    assert mine.parameters == theirs.parameters
    assert mine.return_annotation == theirs.return_annotation


def test_plans_have_the_twin_too() -> None:
    mine, theirs = inspect.signature(SchemaPlan.apply), inspect.signature(AioPlan.apply)
    assert mine == theirs
    assert issubclass(SchemaDriftError, JugglerError)
