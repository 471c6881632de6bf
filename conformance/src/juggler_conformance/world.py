"""A few models that are related in every way, their rows, and who is related to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.model.types_of import named
from juggler.spec import KeySpec
from juggler.values.types import TypeKind, simple
from juggler_conformance.oracle.values import equal
from juggler_conformance.shapes import Shape, array, cut
from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Session

    Row = Mapping[str, Any]
    Find = Callable[["World", Row], list[Row]]

K = TypeKind
_ID = KeySpec(("id",))


def _shape(name: str, key: KeySpec = _ID, /, **kinds: Any) -> Shape:
    types = {n: simple(k) if isinstance(k, TypeKind) else k for n, k in kinds.items()}
    return Shape(f"Conf{name}", types, key, apart=True)


SHAPES: dict[str, Shape] = {
    "Owner": _shape("Owner", id=K.STRING, name=K.STRING, rank=K.INTEGER, tagIds=array(K.STRING)),
    "Post": _shape("Post", id=K.STRING, title=K.STRING, stars=K.INTEGER, ownerId=K.STRING),
    "Desk": _shape("Desk", id=K.STRING, label=K.STRING, ownerId=K.STRING),
    "Tag": _shape("Tag", id=K.STRING, name=K.STRING, weight=K.INTEGER),
    "Link": _shape("Link", id=K.STRING, ownerId=K.STRING, tagId=K.STRING),
    "Picture": _shape(
        "Picture", id=K.STRING, name=K.STRING, imageableId=K.STRING, imageableType=K.STRING
    ),
    "Cell": _shape(
        "Cell", KeySpec(("line", "column")), line=K.STRING, column=K.STRING, hue=K.STRING
    ),
    "Mark": _shape(
        "Mark", id=K.STRING, text=K.STRING, points=K.INTEGER, lineOf=K.STRING, columnOf=K.STRING
    ),
}  # fmt: skip


@frozen(eq=False)
class Relation:
    """One relation of the world.

    Attributes:
        of: the model that has it.
        name: its name there.
        to: the model that it leads to; empty where the row says it.
        kind: LoopBack's word, or ``through``.
        options: how it is declared.
        find: the related rows of a row, by the reference.
        uses: models whose rows have a part in it, besides the two.
    """

    of: str
    name: str
    to: str
    kind: str
    options: Mapping[str, Any]
    find: Find
    uses: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.of}.{self.name}>"

    @property
    def many(self) -> bool:
        """Whether it leads to several rows."""
        return self.kind in {"hasMany", "through", "referencesMany"}

    @property
    def tables(self) -> tuple[str, ...]:
        """Every model that has a part in it."""
        return tuple(dict.fromkeys((self.of, *([self.to] if self.to else []), *self.uses)))


def _matching(to: str, **pairs: str) -> Find:
    """Rows of ``to`` whose properties (left) have the values of this row's (right)."""

    def find(world: World, row: Row) -> list[Row]:
        if any(row[mine] is None for mine in pairs.values()):
            return []
        return [
            one
            for one in world.rows(to)
            if all(equal(one[theirs], row[mine]) for theirs, mine in pairs.items())
        ]

    return find


def _pictures(world: World, row: Row) -> list[Row]:
    kind = SHAPES["Post" if "ownerId" in row else "Owner"].name
    found = _matching("Picture", imageableId="id")(world, row)
    return [one for one in found if one["imageableType"] == kind]


def _imageable(world: World, row: Row) -> list[Row]:
    named_ = {shape.name: name for name, shape in SHAPES.items()}
    if row["imageableType"] is None:
        return []
    return _matching(named_[row["imageableType"]], id="imageableId")(world, row)


def _through(mine: str, theirs: str, to: str) -> Find:
    def find(world: World, row: Row) -> list[Row]:
        keys = {link[theirs] for link in world.rows("Link") if link[mine] == row["id"]}
        return [one for one in world.rows(to) if one["id"] in keys]

    return find


def _listed(world: World, row: Row) -> list[Row]:
    rows = {one["id"]: one for one in world.rows("Tag")}
    return [rows[key] for key in row["tagIds"] or () if key in rows]


_FOREIGN = {"foreignKey": "ownerId"}
_CELL = {"foreignKey": ["lineOf", "columnOf"]}
RELATIONS: tuple[Relation, ...] = (
    Relation("Owner", "posts", "Post", "hasMany", {**_FOREIGN, "onDelete": "nullify"},
             _matching("Post", ownerId="id")),
    Relation("Owner", "desk", "Desk", "hasOne", {**_FOREIGN, "onDelete": "cascade"},
             _matching("Desk", ownerId="id")),
    Relation("Owner", "tags", "Tag", "through",
             {"through": "Link", "foreignKey": "ownerId", "keyThrough": "tagId"},
             _through("ownerId", "tagId", "Tag"), ("Link",)),
    Relation("Owner", "pictures", "Picture", "hasMany", {"polymorphic": "imageable"}, _pictures),
    Relation("Owner", "favourites", "Tag", "referencesMany", {"foreignKey": "tagIds"}, _listed),
    Relation("Post", "owner", "Owner", "belongsTo", _FOREIGN, _matching("Owner", id="ownerId")),
    Relation("Post", "pictures", "Picture", "hasMany", {"polymorphic": "imageable"}, _pictures),
    Relation("Tag", "owners", "Owner", "through",
             {"through": "Link", "foreignKey": "tagId", "keyThrough": "ownerId"},
             _through("tagId", "ownerId", "Owner"), ("Link",)),
    Relation("Picture", "imageable", "", "belongsTo", {"polymorphic": True}, _imageable,
             ("Owner", "Post")),
    Relation("Cell", "marks", "Mark", "hasMany", {**_CELL, "onDelete": "restrict"},
             _matching("Mark", lineOf="line", columnOf="column")),
    Relation("Mark", "cell", "Cell", "belongsTo", _CELL,
             _matching("Cell", line="lineOf", column="columnOf")),
)  # fmt: skip


class Models:
    """The models of the world in a session's store: made once, with their relations.

    Attributes:
        shapes: what the connector claims of ``SHAPES``, by name.
        relations: the relations between those.
        declared: how they were declared, as Python source.
    """

    def __init__(self, session: Session) -> None:
        kind = named(session.inside.info.default_id_type).type
        link = evolve(SHAPES["Link"], types={**SHAPES["Link"].types, "id": kind}, generated=True)
        wanted = {**SHAPES, "Link": link}
        found = {name: cut(shape, session.caps) for name, shape in wanted.items()}
        self.shapes = {name: shape for name, shape in found.items() if shape is not None}
        self.classes = {name: session.model(shape) for name, shape in self.shapes.items()}
        self.relations = tuple(one for one in RELATIONS if self._claimed(one))
        self.declared = [self._declare(one) for one in self.relations]

    def _claimed(self, one: Relation) -> bool:
        whole = all(name in self.shapes for name in one.tables)
        return whole and (one.kind != "referencesMany" or "tagIds" in self.shapes["Owner"].types)

    def _declare(self, one: Relation) -> str:
        options = dict(one.options)
        if one.to:
            options["model"] = SHAPES[one.to].name
        if "through" in options:
            options["through"] = SHAPES["Link"].name
        word = _WORDS[one.kind]
        getattr(self.classes[one.of], word)(one.name, options)
        return f"{one.of}.{word}({one.name!r}, {literal(options)})"


_WORDS = {
    "hasMany": "has_many", "hasOne": "has_one", "through": "has_many",
    "referencesMany": "references_many", "belongsTo": "belongs_to",
}  # fmt: skip


class World:
    """The rows of one example: a bench for each model that has a part in it."""

    def __init__(self, session: Session, models: Models, tables: tuple[str, ...]) -> None:
        self.session = session
        self.models = models
        self.benches: dict[str, Bench] = {}
        for name in models.shapes:
            if name in tables:
                self.benches[name] = session.enter(models.shapes[name], name)
        session.journal.lines += [
            line
            for one, line in zip(models.relations, models.declared, strict=True)
            if set(one.tables) <= set(tables)
        ]

    def rows(self, name: str) -> list[Row]:
        """All rows of a model, by the reference."""
        return list(self.benches[name].table.rows.values())

    def load(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Store rows; those of links get their keys from the store."""
        bench = self.benches[name]
        if name != "Link":
            bench.load(rows)
            return
        for row in rows:
            self.linked(bench.call("create", row))

    def linked(self, link: Any) -> None:
        """A link that was stored."""
        bench = self.benches["Link"]
        row = {name: link[name] for name in bench.shape.types}
        bench.touched[(row["id"],)] = None
        bench.table.put(row)

    def instance(self, name: str, row: Row) -> tuple[Any, str]:
        """An instance of a stored row, and how a program gets it."""
        bench = self.benches[name]
        key = bench.id_of(bench.table.key_of(row))
        found = bench.model.find_by_id(key)
        assert found is not None, f"{name} {key!r} is not there"
        return found, f"{name}.find_by_id({literal(key)})"

    def act(self, one: Relation, row: Row, action: str, *args: Any, **options: Any) -> Any:
        """An action of a relation's handle, in the session's colour; ``""`` calls the handle."""
        instance, said = self.instance(one.of, row)
        return self.act_on(instance, said, one, action, *args, **options)

    def act_on(
        self, instance: Any, said: str, one: Relation, action: str, *args: Any, **options: Any
    ) -> Any:
        """As ``act``, of an instance that is there."""
        colours = self.session.colours
        is_async = colours.next_is_async()
        words = [said, one.name, *(["aio"] if is_async else []), *([action] if action else [])]
        self.session.journal.call(".".join(words), *args, _await=is_async, **options)
        handle = getattr(instance, one.name)
        return colours.perform(handle, action or "__call__", args, options, is_async=is_async)

    def check(self) -> None:
        """Every row of every model is as the reference says."""
        for bench in self.benches.values():
            bench.check()

    def clear(self) -> None:
        """Remove every row."""
        for bench in self.benches.values():
            bench.clear()
