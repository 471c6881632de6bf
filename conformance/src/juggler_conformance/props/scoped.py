"""What relations write: the rows of their scope, and no other."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import ConflictError, InvalidQueryError, InvalidValueError, NotFoundError
from juggler_conformance.oracle import matches
from juggler_conformance.props.related import a_condition, a_row, some_relation
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import spelled_where
from juggler_conformance.world import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler_conformance.session import Draw, Session
    from juggler_conformance.world import Relation, World

    Row = Mapping[str, Any]

#: A property of each model that no relation is about.
_PLAIN = {"Post": "title", "Tag": "name", "Picture": "name", "Mark": "text", "Owner": "name"}
_NEW = "k9"


def _in_a_scope(session: Session, body: Any, scale: float = 1.0) -> None:
    """Run ``body(draw, world, relation, row)`` for relations to many, then check every row."""

    def example(draw: Draw) -> None:
        one = some_relation(draw, session, many=True)
        if one is None or (one.of, one.name) == ("Tag", "owners"):
            return
        with session.world(draw, *one.tables) as world:
            row = a_row(draw, world, one.of)
            if row is not None:
                body(draw, world, one, row)
                world.check()

    session.examples(example, scale=scale)


def _forget(world: World, one: Relation, row: Row, gone: Sequence[Row]) -> None:
    """Delete rows from the reference, and what connects them."""
    bench = world.benches[one.to]
    keys = {bench.table.key_of(found) for found in gone}
    for key in keys:
        bench.table.delete(key)
    plain = {key[0] for key in keys}
    if one.kind == "through":
        links = world.benches["Link"].table
        for link in world.rows("Link"):
            if link["tagId"] in plain:
                links.delete((link["id"],))
    if one.kind == "referencesMany":
        left = [key for key in row["tagIds"] or () if key not in plain]
        world.benches[one.of].table.patch((row["id"],), {"tagIds": left})


@conforms("relations", keeps=True, usually="a delete or update that forgets the foreign key")
def writes_in_a_scope_stay_in_it(session: Session) -> None:
    """update_all, delete_all and delete_by_id of a relation change its own rows only."""

    def body(draw: Draw, world: World, one: Relation, row: Row) -> None:
        where = a_condition(draw, world, one.to)
        wanted = [found for found in one.find(world, row) if matches(where, found)]
        bench = world.benches[one.to]
        match draw(st.sampled_from(("update", "delete", "delete", "by_id"))):
            case "update":
                values = {_PLAIN[one.to]: "new"}
                done = world.act(one, row, "update_all", spelled_where(where), values)
                for found in wanted:
                    bench.table.patch(bench.table.key_of(found), values)
                assert done.changed in {len(wanted), None}, f"changed {done.changed} rows"
            case "delete":
                world.act(one, row, "delete_all", spelled_where(where))
                _forget(world, one, row, wanted)
            case _:
                other = a_row(draw, world, one.to)
                if other is None:
                    return
                inside = any(other is found for found in one.find(world, row))
                key = bench.id_of(bench.table.key_of(other))
                answer = world.act(one, row, "delete_by_id", key)
                assert bool(answer) is inside, f"delete_by_id({key!r}) of the relation: {answer!r}"
                _forget(world, one, row, [other] if inside else [])

    _in_a_scope(session, body, scale=1.5)


@conforms(
    "relations", keeps=True, usually="a new row without its foreign key, or with the given one"
)
def rows_enter_and_leave_a_relation(session: Session) -> None:
    """create, add and remove set and empty the keys, connect and disconnect, and nothing else."""

    def body(draw: Draw, world: World, one: Relation, row: Row) -> None:
        match draw(st.sampled_from(("create", "add", "remove"))):
            case "create":
                _create(world, one, row)
            case "add":
                _add(draw, world, one, row)
            case _:
                _remove(draw, world, one, row)

    _in_a_scope(session, body)


def _keys(one: Relation, row: Row) -> dict[str, Any]:
    """What a row of the relation has to have."""
    if one.options.get("polymorphic"):
        return {"imageableId": row["id"], "imageableType": SHAPES[one.of].name}
    if one.of == "Cell":
        return {"lineOf": row["line"], "columnOf": row["column"]}
    return {"ownerId": row["id"]} if one.kind == "hasMany" else {}


def _create(world: World, one: Relation, row: Row) -> None:
    bench = world.benches[one.to]
    new = {"id": _NEW, _PLAIN[one.to]: "new"}
    foreign = _keys(one, row)
    if foreign:
        name = next(iter(foreign))
        try:
            world.act(one, row, "create", {**new, name: "theirs"})
        except InvalidValueError as error:
            world.session.reach.refusal(error)
        else:
            message = f"create took another {name} than the relation's"
            raise AssertionError(message)
    bench.touched[(_NEW,)] = None
    world.act(one, row, "create", new)
    bench.table.insert({**new, **foreign})
    _connected(world, one, row, _NEW)


def _connected(world: World, one: Relation, row: Row, key: str) -> None:
    """A row of the other side was connected with this one, in the reference."""
    if one.kind == "referencesMany":
        listed = [*(row["tagIds"] or ()), key]
        world.benches[one.of].table.patch((row["id"],), {"tagIds": listed})
    if one.kind == "through":
        pair = {"ownerId": row["id"], "tagId": key}
        known = {link["id"] for link in world.rows("Link")}
        made = [
            link
            for link in world.benches["Link"].model.find({"where": pair})
            if link["id"] not in known
        ]
        assert len(made) == 1, f"{len(made)} new links between {row['id']!r} and {key!r}"
        world.linked(made[0])


def _add(draw: Draw, world: World, one: Relation, row: Row) -> None:
    other = a_row(draw, world, one.to)
    if other is None:
        return
    bench = world.benches[one.to]
    key = bench.table.key_of(other)
    there = any(other is found for found in one.find(world, row))
    if one.kind == "referencesMany" and there:
        return
    world.act(one, row, "add", bench.id_of(key))
    if one.kind == "hasMany":
        bench.table.patch(key, _keys(one, row))
    elif not there:
        _connected(world, one, row, key[0])


def _remove(draw: Draw, world: World, one: Relation, row: Row) -> None:
    other = a_row(draw, world, one.to)
    if other is None:
        return
    bench = world.benches[one.to]
    key = bench.table.key_of(other)
    there = any(other is found for found in one.find(world, row))
    try:
        world.act(one, row, "remove", bench.id_of(key))
    except NotFoundError as error:
        assert not there, f"{error!r}, and it is related"
        world.session.reach.refusal(error)
        return
    assert there or one.kind != "hasMany", "a row was removed that is not related"
    if one.kind == "hasMany" and there:
        bench.table.patch(key, dict.fromkeys(_keys(one, row)))
    elif one.kind == "through":
        for link in world.rows("Link"):
            if (link["ownerId"], link["tagId"]) == (row["id"], key[0]):
                world.benches["Link"].table.delete((link["id"],))
    elif one.kind == "referencesMany":
        left = [each for each in row["tagIds"] or () if each != key[0]]
        world.benches[one.of].table.patch((row["id"],), {"tagIds": left})


@conforms("relations", keeps=True, usually="links of others go along, or those of a row stay")
def links_go_with_their_rows(session: Session) -> None:
    """Through others: remove takes one link away, a delete the rows and all of their links."""
    one = next((o for o in session.related.relations if (o.of, o.name) == ("Owner", "tags")), None)
    if one is None:
        return
    session.fresh("mixed")
    with (
        session.explained(),
        session.db.options(allow_scan=True),
        session.world(None, *one.tables) as world,
    ):
        keys = ("k1", "k2", "k3")
        world.load("Owner", [{"id": key} for key in keys])
        world.load("Tag", [{"id": key, "name": key} for key in keys])
        world.load("Link", [{"ownerId": of, "tagId": to} for of, to in product(keys, keys)])
        first = world.rows("Owner")[0]
        world.act(one, first, "remove", "k1")
        for link in world.rows("Link"):
            if (link["ownerId"], link["tagId"]) == ("k1", "k1"):
                world.benches["Link"].table.delete((link["id"],))
        world.check()
        world.act(one, first, "delete_all", {"name": {"neq": "k3"}})
        gone = [tag for tag in one.find(world, first) if tag["name"] != "k3"]
        _forget(world, one, first, gone)
        world.check()


@conforms("relations", keeps=True, usually="a foreign key that an update takes for any property")
def keys_cannot_leave_by_update(session: Session) -> None:
    """update_all of a relation cannot change the foreign key: refused before any request."""

    def body(draw: Draw, world: World, one: Relation, row: Row) -> None:
        del draw
        foreign = _keys(one, row)
        if not foreign:
            return
        instance, said = world.instance(one.of, row)
        with world.session.recording() as recorder:
            try:
                world.act_on(
                    instance, said, one, "update_all", {}, dict.fromkeys(foreign, "theirs")
                )
            except InvalidQueryError as error:
                world.session.reach.refusal(error)
            else:
                message = "update_all changed a foreign key"
                raise AssertionError(message)
        assert not recorder.hooks, f"refused only after {recorder.hooks}"

    _in_a_scope(session, body, scale=0.2)


@conforms("relations", keeps=True, usually="rows that refer to a deleted one stay, or too many go")
def deletes_follow_the_rule(session: Session) -> None:
    """onDelete: rows that refer to a deleted one go, lose their key, or forbid it."""
    names = {(one.of, one.name) for one in session.related.relations}

    def body(draw: Draw) -> None:
        ruled = [
            (of, tables)
            for of, tables in (("Owner", ("Owner", "Post", "Desk")), ("Cell", ("Cell", "Mark")))
            if (of, {"Owner": "posts", "Cell": "marks"}[of]) in names
        ]
        if not ruled:
            return
        of, tables = draw(st.sampled_from(ruled))
        with session.world(draw, *tables) as world:
            row = a_row(draw, world, of)
            if row is not None:
                _delete(draw, world, of, row)
                world.check()

    session.examples(body, scale=0.6)


def _delete(draw: Draw, world: World, of: str, row: Row) -> None:
    bench = world.benches[of]
    key = bench.table.key_of(row)
    marks = [
        mark
        for mark in (world.rows("Mark") if of == "Cell" else ())
        if (mark["lineOf"], mark["columnOf"]) == key
    ]
    try:
        match draw(st.sampled_from(("by_id", "instance", "all"))):
            case "by_id":
                bench.call("delete_by_id", bench.id_of(key))
            case "instance":
                instance, said = world.instance(of, row)
                bench.call("delete", owner=instance, said=said)
            case _:
                bench.call("delete_all", dict(zip(bench.shape.key_names, key, strict=True)))
    except ConflictError as error:
        assert marks, f"{error!r}, and nothing refers to it"
        world.session.reach.refusal(error)
        return
    assert not marks, f"deleted, although {len(marks)} rows refer to it"
    bench.table.delete(key)
    if of == "Owner":
        for post in world.rows("Post"):
            if post["ownerId"] == key[0]:
                world.benches["Post"].table.patch((post["id"],), {"ownerId": None})
        for desk in world.rows("Desk"):
            if desk["ownerId"] == key[0]:
                world.benches["Desk"].table.delete((desk["id"],))
