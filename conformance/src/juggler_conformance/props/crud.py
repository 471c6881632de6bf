"""Creating, reading, changing and deleting single rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import DuplicateKeyError, NotFoundError
from juggler_conformance.plain import plain_row
from juggler_conformance.props._draws import a_row, any_shape, chooser, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import keys, patches, rows
from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session


@conforms("core", usually="a codec that changes values, or a key built from other columns")
def create_then_read(session: Session) -> None:
    """A row that was created is read back as it was written, by key and among all."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            row = draw(rows(shape, session.limits))
            bench.create(row, chooser(draw))
            bench.get(bench.table.key_of(row))
            bench.get(draw(keys(shape, session.limits)))
            bench.check()

    session.examples(body)


@conforms(
    "core", keeps=True, usually="an insert that overwrites (INSERT without IF NOT EXISTS, PUT)"
)
def create_never_overwrites(session: Session) -> None:
    """A second row with a key that is there is a DuplicateKeyError and changes nothing."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            row = draw(rows(shape, session.limits))
            other = {**draw(rows(shape, session.limits)), **_key_values(bench, row)}
            bench.create(row)
            error = bench.create(other)
            assert isinstance(error, DuplicateKeyError)
            assert error.outcome == "none"
            bench.check()

    session.examples(body)


@conforms(
    "core", usually="patch semantics where the full row was asked for, or the other way round"
)
def writes_by_key(session: Session) -> None:
    """put, replace, upsert, patch and delete do what they say, whether the row is there or not."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            some_rows(draw, bench, max_size=4)
            for _ in range(draw(st.integers(1, 4))):
                _write(draw, bench)
                bench.check()

    session.examples(body, scale=1.5)


def _write(draw: Draw, bench: Bench) -> None:
    """One write by key, of a row that is there or not."""
    shape, limits = bench.shape, bench.session.limits
    row, choose = a_row(draw, bench), chooser(draw)
    match draw(st.sampled_from(("put", "replace", "upsert", "patch", "delete"))):
        case "put":
            bench.put(row, choose)
        case "replace":
            bench.replace(row, choose)
        case "upsert":
            bench.upsert({**_key_values(bench, row), **draw(patches(shape, limits))})
        case "patch":
            bench.patch(bench.table.key_of(row), draw(patches(shape, limits)), choose)
        case _:
            bench.delete(bench.table.key_of(row))


@conforms(
    "core", keeps=True, usually="save() writes nothing, everything, or into a row that is gone"
)
def saved_instances(session: Session) -> None:
    """save() of a new instance creates, of a stored one writes its changes, of a gone one fails."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            row = draw(rows(shape, session.limits))
            values = draw(patches(shape, session.limits))
            instance = bench.create(row)
            session.journal.keep("instance")
            _assign(bench, instance, values)
            key = bench.table.key_of(row)
            bench.call("save", owner=instance, said="instance")
            bench.table.patch(key, values)
            bench.check()
            bench.call("delete", owner=instance, said="instance")
            bench.table.delete(key)
            bench.check()
            _assign(bench, instance, draw(patches(shape, session.limits)))
            _gone(bench, instance)
            bench.check()

    session.examples(body)


def _gone(bench: Bench, instance: Any) -> None:
    """Operations on an instance whose row was deleted."""
    name = bench.shape.plain_names[0]
    for action, values in (("reload", ()), ("patch", ({name: None},))):
        bench.refused(NotFoundError, action, *values, owner=instance, said="instance")


@conforms("core", usually="order of the keys lost, or missing rows as empty instances")
def many_by_key(session: Session) -> None:
    """find_by_ids keeps the order of the keys, drops unknown ones and collapses duplicates."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            loaded = some_rows(draw, bench, max_size=6)
            asked = st.lists(keys(shape, session.limits), max_size=4)
            stored = [bench.table.key_of(row) for row in loaded]
            wanted = draw(asked)
            if stored:
                wanted = draw(
                    st.permutations([*wanted, *draw(st.lists(st.sampled_from(stored), max_size=4))])
                )
            found = bench.call("find_by_ids", [bench.id_of(key) for key in wanted])
            expected = [key for key in dict.fromkeys(wanted) if key in bench.table.rows]
            got = [bench.table.key_of(plain_row(instance)) for instance in found]
            assert got == expected, f"keys {got!r} instead of {expected!r}"
            for instance, key in zip(found, expected, strict=True):
                assert bench.same(plain_row(instance), bench.table.rows[key])

    session.examples(body)


@conforms("core", usually="rows that are not there are left out, and the others move up")
def rows_keep_their_places(session: Session) -> None:
    """The connector gives rows in the order of the keys, None for one that is not there."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            loaded = some_rows(draw, bench, max_size=6)
            stored = [bench.table.key_of(row) for row in loaded]
            asked = draw(st.lists(keys(shape, session.limits), max_size=4, unique=True))
            asked = draw(st.permutations(list(dict.fromkeys([*asked, *stored]))))
            found = session.inside.get(bench.spec, asked)
            assert len(found) == len(asked), f"{len(found)} rows for {len(asked)} keys"
            for key, row in zip(asked, found, strict=True):
                expected = bench.table.rows.get(key)
                right = row is None if expected is None else row and bench.same(row, expected)
                assert right, f"{key!r} gave {row!r} instead of {expected!r}"

    session.examples(body, scale=0.5)


@conforms("core", keeps=True, usually="exists asks for a row and takes an empty answer for one")
def existence(session: Session) -> None:
    """exists() and find_one() agree with find()."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            some_rows(draw, bench, max_size=5)
            key = draw(keys(shape, session.limits))
            where = dict(zip(shape.key_names, key, strict=True))
            there = key in bench.table.rows
            assert bench.call("exists", where) is there
            one = bench.call("find_one", {"where": where})
            assert (one is not None) is there
            made, created = bench.call("find_or_create", {"where": where}, where)
            assert created is not there
            if created:
                bench.touched[key] = None
                bench.table.put(where)
            assert bench.same(plain_row(made), bench.table.rows[key])
            bench.check()

    session.examples(body)


@conforms("core", keeps=True, usually="rows share lists or dictionaries with the caller")
def values_are_isolated(session: Session) -> None:
    """Changing what was given, or what was returned, does not change what is stored."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            row = draw(rows(shape, session.limits))
            key = bench.table.key_of(row)
            bench.touched[key] = None
            given = {name: _copy(value) for name, value in row.items()}
            made = bench.call("create", given)
            bench.table.insert(row)
            for holder in (plain_row(made), given):
                _spoil(holder)
            for instance in (made, *bench.call("find"), bench.call("find_by_id", bench.id_of(key))):
                for name in shape.types:
                    _spoil(instance[name])
            bench.check()
            bench.get(key)

    session.examples(body)


@conforms(
    "core", keeps=True, usually="two rows got the same key, or a key that was given was replaced"
)
def generated_keys(session: Session) -> None:
    """Keys that nobody gives are made, each different; keys that are given are kept."""
    generated = session.generated()

    def body(draw: Draw) -> None:
        with session.bench(generated) as bench:
            made = [bench.call("create", {"name": "x"}) for _ in range(draw(st.integers(1, 4)))]
            ids = [instance["id"] for instance in made]
            bench.touched.update(dict.fromkeys((i,) for i in ids))
            assert None not in ids
            assert len(set(ids)) == len(ids)
            assert sorted(map(str, ids)) == sorted(str(i["id"]) for i in bench.call("find"))

    session.examples(body, scale=0.3)


def _key_values(bench: Bench, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in bench.shape.key_names}


def _assign(bench: Bench, instance: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        instance[name] = value
        bench.session.journal.lines.append(f"instance[{name!r}] = {literal(value)}")


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _spoil(value: Any) -> None:
    """Change a value in place, as deep as it goes."""
    if isinstance(value, dict):
        for inner in value.values():
            _spoil(inner)
        value["spoilt"] = "spoilt"
    elif isinstance(value, list):
        for inner in value:
            _spoil(inner)
        value.append("spoilt")
