"""Bringing the store up to the models: round trip, drift, refusals, discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import UnsafeMigrationError
from juggler.values.types import TypeKind
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms

if TYPE_CHECKING:
    from juggler.values.types import TypeSpec
    from juggler_conformance.session import Session

    #: (what changed, properties, settings)
    Change = tuple[str, dict[str, Any], dict[str, Any]]

_ID = {"type": "string", "id": True}
_BASE: dict[str, Any] = {"id": _ID, "name": "string", "rank": "integer", "note": "string"}
_ROWS: list[dict[str, Any]] = [
    {"id": "a", "name": "x", "rank": 1, "note": "n"},
    {"id": "b", "name": None, "rank": 2, "note": None},
]


@conforms("schema", usually="what apply creates is not what read_schema reads back")
def what_was_applied_is_actual(session: Session) -> None:
    """After autoupdate nothing is left to do, for every model; a second time does nothing."""
    for shape in session.shapes:
        session.model(shape)
        names = [shape.name]
        assert session.db.is_actual(names), f"{shape.name}: {session.db.check(names)}"
        assert not session.db.plan(names).pending, f"{session.db.plan(names)}"
        assert session.db.autoupdate(names) == []
        with session.bench(shape) as bench:
            bench.check()
    plan = session.db.plan(session.shapes[0].name)
    assert plan.to_dict()["actual"] is True
    assert str(plan)


def _changes(session: Session) -> list[Change]:
    """Each kind of drift, from the base definition."""
    changes: list[Change] = [
        ("a property more", {**_BASE, "extra": "string"}, {}),
        ("a property less", {n: t for n, t in _BASE.items() if n != "note"}, {}),
        ("another type", {**_BASE, "rank": "string"}, {}),
    ]
    if session.caps.indexes:
        changes += [
            ("an index more", {**_BASE, "name": {"type": "string", "index": True}}, {}),
            ("a named index", _BASE, {"indexes": {"by_rank": {"keys": {"rank": 1}}}}),
        ]
    if session.caps.unique and session.caps.unique.get("kind", "any") == "any":
        changes.append(("unique", {**_BASE, "name": {"type": "string", "unique": True}}, {}))
    return changes


@conforms(
    "schema",
    keeps=True,
    usually="a drift that is not seen, or a step that is less safe than it says",
)
def drift_is_seen_and_judged(session: Session) -> None:
    """Each kind of drift gives steps of the claimed safety; unsafe ones are refused as a whole."""
    for number, (what, properties, settings) in enumerate(_changes(session)):
        session.fresh()
        session.journal.note(f"drift: {what}")
        with session.explained():
            _drift(session, f"ConfDrift{number}", properties, settings)


def _define(
    session: Session, name: str, properties: dict[str, Any], settings: dict[str, Any]
) -> Any:
    table = f"{session.prefix}{name}".lower()
    document = {"name": name, "strict": True, "tableName": table, **settings}
    document["properties"] = dict(properties)
    session.journal.model(name, document)
    return session.db.from_ldl(document)


def _drift(
    session: Session, name: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    db: Any = session.db
    base = _define(session, name, _BASE, {})
    db.automigrate(name, allow_data_loss=True)
    base.create_all([dict(row) for row in _ROWS])
    changed = _define(session, name, properties, settings)
    plan = db.plan(name)
    claimed = session.caps.schema.get("steps", {})
    for step in plan.pending:
        session.reach.saw("step", f"{step.kind} {step.safety}")
        assert step.kind in claimed, f"step {step.kind} is not among the claimed ones"
        assert step.safety in _at_most(claimed[step.kind]), f"{step} is less safe than claimed"
        assert step.reason or step.safety in {"safe", "online"}, f"{step} gives no reason"
    if plan.refused():
        try:
            db.autoupdate(name)
        except UnsafeMigrationError as error:
            session.reach.refusal(error)
            assert error.steps
        else:
            message = f"an unsafe plan was applied: {plan}"
            raise AssertionError(message)
        again = _define(session, name, _BASE, {})
        assert db.is_actual(name), "something was applied, although the plan was refused"
        _holds(again, _BASE)
    else:
        db.autoupdate(name)
        assert db.is_actual(name), f"applied, and not actual: {db.check(name)}"
        _holds(changed, properties)
    last: Any = db.get_model(name)
    with db.options(allow_scan=True):
        last.delete_all(all=True)


def _at_most(safety: Any) -> set[str]:
    """A step may be safer than its kind is in general."""
    classes = ("info", "safe", "online", "rewrite", "destructive", "impossible")
    allowed = safety if isinstance(safety, set | frozenset | tuple | list) else {safety}
    return set(classes[: max(classes.index(word) for word in allowed) + 1])


def _holds(model: Any, properties: dict[str, Any]) -> None:
    """The rows are as they were, as far as the definition still knows them."""
    found = sorted((plain_row(instance) for instance in model.find()), key=lambda row: row["id"])
    assert len(found) == len(_ROWS), f"{len(found)} rows are left of {len(_ROWS)}"
    for row, expected in zip(found, _ROWS, strict=True):
        kept = {n: v for n, v in expected.items() if n in properties}
        assert {n: row.get(n) for n in kept} == kept, f"{row!r} instead of {kept!r}"


@conforms("schema", keeps=True, usually="automigrate drops a table that has rows in it")
def rows_are_lost_only_on_demand(session: Session) -> None:
    """Automigrate refuses to lose rows without allow_data_loss=True; with it, all is new."""
    name = "ConfAnew"
    session.fresh()
    with session.explained():
        model = _define(session, name, _BASE, {})
        session.db.automigrate(name, allow_data_loss=True)
        model.create_all([dict(row) for row in _ROWS])
        plan = session.db.plan(name, "recreate")
        if any(step.safety == "destructive" for step in plan.pending):
            try:
                session.db.automigrate(name)
            except UnsafeMigrationError as error:
                session.reach.refusal(error)
                assert "allow_data_loss=True" in error.hint
            else:
                message = "automigrate lost rows without being told to"
                raise AssertionError(message)
            _holds(model, _BASE)
            session.db.automigrate(name, allow_data_loss=True)
            assert model.count() == 0, "automigrate left rows"
        else:
            session.db.automigrate(name)
            _holds(model, _BASE)
        assert session.db.is_actual(name)
        with session.db.options(allow_scan=True):
            model.delete_all(all=True)


@conforms("schema", usually="columns, keys or types that come back as something else")
def what_was_applied_is_discovered(session: Session) -> None:
    """Discovery finds the tables that were applied, with their properties and keys."""
    if not session.caps.discovery:
        return
    for shape in session.shapes:
        model = session.model(shape)
        table = session.inside.spec(model).storage_name
        sampled = session.caps.discovery.level == "partial"
        row = {name: _of_key(t) for name, t in shape.types.items() if name in shape.key_names}
        if sampled:
            model.replace_or_create({**dict.fromkeys(shape.types), **row})
        names = [found["name"] for found in session.db.discover_model_definitions()]
        assert table in names, f"{table} is not among {names!r}"
        columns = {found["columnName"] for found in session.db.discover_model_properties(table)}
        assert set(shape.types) <= columns, (
            f"{set(shape.types) - columns!r} of {table} were not found"
        )
        keys = [found["columnName"] for found in session.db.discover_primary_keys(table)]
        assert keys == list(shape.key_names), f"key {keys!r} instead of {shape.key_names!r}"
        if sampled:
            key = tuple(row[name] for name in shape.key_names)
            session.inside.delete(session.inside.spec(model), [key])


def _of_key(spec: TypeSpec) -> Any:
    """A value for a part of a key, where discovery needs a row to look at."""
    return 1 if spec.kind is TypeKind.INTEGER else "k1"
