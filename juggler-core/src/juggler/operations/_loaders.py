"""The loading of each kind of relation: keys of the instances, their rows, each to its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector.port import SyncPort
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.relations.kept import keep, stored_value
from juggler.model.relations.listed import keys_of
from juggler.model.relations.picking import picker
from juggler.model.relations.scoping import equal, linking, typed
from juggler.operations._key_reader import Key, key_reader
from juggler.operations._prepare import prepare
from juggler.query.bind import bind_fields
from juggler.query.evaluate import Layout
from juggler.query.order import sorter
from juggler.query.tree import TRUE, In, any_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from juggler.model.relations.nodes import Node
    from juggler.model.relations.resolve import Relation
    from juggler.operations import Operations

#: Keys per request (LoopBack's ``inqLimit``).
KEYS = 256


async def load(
    self: Operations, instances: list[Any], nodes: Sequence[Node], options: dict[str, Any]
) -> None:
    """Load relations of instances, side by side where the port can."""
    if not instances:
        return
    work = [_load(self, instances, node, options) for node in nodes]
    if len(work) == 1:
        await work[0]
        return
    try:
        await self.port.together(work)
    finally:
        if isinstance(self.port, SyncPort):
            for one in work:  # one that failed leaves those after it unstarted
                one.close()


async def _load(
    self: Operations, instances: list[Any], node: Node, options: dict[str, Any]
) -> None:
    word = "through" if node.relation.through is not None else node.relation.kind.word
    await _LOADERS[word](Task(self, node, options), instances)


def hide(instances: Iterable[Any], names: tuple[str, ...]) -> None:
    """Let properties be not loaded that were read for keys only."""
    for instance in instances if names else ():
        for name in names:
            part = instance.__codec__.part.get(name)
            if part is None:
                continue
            if part.slot:
                delattr(instance, part.attribute)
            elif instance._more is not None:  # noqa: SLF001 - the instance's own slots
                instance._more.pop(name, None)  # noqa: SLF001 - the instance's own slots


class Task:
    """One relation to load, in one colour."""

    __slots__ = ("node", "ops", "options", "relation")

    def __init__(self, ops: Operations, node: Node, options: dict[str, Any]) -> None:
        self.ops = ops
        self.node = node
        self.relation: Relation = node.relation
        self.options = options

    def of(self, model: Any) -> Any:
        """The operations of another model, in this colour."""
        link = link_of(model)
        return link.sync if isinstance(self.ops.port, SyncPort) else link.aio

    async def fetch(
        self, query: Query[Any], names: tuple[str, ...], keys: list[Key], *, limited: bool = False
    ) -> tuple[list[Any], tuple[str, ...]]:
        """The rows whose ``names`` have one of the keys, in the query's order for each key.

        Returns:
            The instances, and the properties to hide when the relation is loaded.
        """
        ops, model = self.of(query.model), query.model
        options = {**self.options, **query.options}
        spec = link_of(model).spec
        if names == spec.key.names and _blank(query):
            found: list[Any] = []
            for chunk in _chunks(keys):
                found += await ops.find_by_ids(model, chunk, None)
            return found, ()
        base = evolve(query, options=options)
        if not (limited and len(keys) == 1):
            base = base.limit(None).skip(0)
        fields = bind_fields(spec, query.fields_)
        hidden: tuple[str, ...] = ()
        if fields is not None:
            roots = (path.partition(".")[0] for path, _ in query.order_)
            needed = dict.fromkeys((*names, *spec.key.names, *roots))
            hidden = tuple(name for name in needed if name not in fields and name in spec.position)
            base = base.fields(*fields, *hidden)
        found = []
        for chunk in _chunks(keys):
            found += await ops.find(base.where(_one_of(names, chunk)))
        return found, hidden

    async def finish(self, instances: Iterable[Any], hidden: tuple[str, ...]) -> None:
        """Load what is nested, then hide what was read for the keys only."""
        if not self.node.nested and not hidden:
            return
        distinct = list({id(one): one for one in instances}.values())
        await load(self.ops, distinct, self.node.nested, self.options)
        hide(distinct, hidden)

    def slice(self, rows: list[Any]) -> list[Any]:
        """One instance's share of related rows."""
        query = self.node.query
        if query is None:
            return rows
        end = None if query.limit_ is None else query.skip_ + query.limit_
        return rows[query.skip_ : end]


def _blank(query: Query[Any]) -> bool:
    return query.where_ is TRUE and query.fields_ is None and not query.order_


def _chunks(keys: list[Key]) -> list[list[Key]]:
    return [keys[start : start + KEYS] for start in range(0, len(keys), KEYS)]


def _one_of(names: tuple[str, ...], keys: list[Key]) -> Any:
    if len(names) == 1:
        return In(names[0], tuple(key[0] for key in keys))
    return any_of(*(equal(names, key) for key in keys))


def _keyed(
    instances: list[Any], own: tuple[str, ...], model: Any, theirs: tuple[str, ...]
) -> tuple[list[Key | None], list[Key]]:
    """The key of each instance, and the distinct ones."""
    keys = list(map(key_reader(type(instances[0]), own, model, theirs), instances))
    return keys, [key for key in dict.fromkeys(keys) if key is not None]


# ---------------------------------------------------------------- kinds


async def _belongs_to(task: Task, instances: list[Any]) -> None:
    relation = task.relation
    if relation.target is not None:
        await _refer(task, instances, relation.target)
        return
    by_type: dict[str | None, list[Any]] = {}
    for instance in instances:
        by_type.setdefault(stored_value(instance, relation.type_property), []).append(instance)
    for instance in by_type.pop(None, ()):
        keep(instance, relation, None)
    for name, group in by_type.items():
        target = relation.target_named(str(name))
        node = task.node.of(target)
        await _refer(Task(task.ops, node, task.options), group, target)


async def _refer(task: Task, instances: list[Any], target: Any) -> None:
    relation = task.relation
    own = tuple(mine for mine, _ in relation.pairs)
    theirs = tuple(name for _, name in relation.pairs)
    keys, distinct = _keyed(instances, own, target, theirs)
    rows, hidden = await task.fetch(task.node.rows(target), theirs, distinct)
    read = key_reader(target, theirs, target, theirs)
    found = {read(row): row for row in reversed(rows)}
    for instance, key in zip(instances, keys, strict=True):
        one = None if key is None else found.get(key)
        keep(instance, relation, next(iter(task.slice([] if one is None else [one])), None))
    await task.finish(rows, hidden)


async def _has(task: Task, instances: list[Any]) -> None:
    relation = task.relation
    own = tuple(mine for mine, _ in relation.pairs)
    theirs = relation.others
    keys, distinct = _keyed(instances, own, relation.target, theirs)
    query = task.node.rows(relation.target)
    condition = typed(relation)
    if condition is not TRUE:
        query = query.where(condition)
    single = len(distinct) == 1
    rows, hidden = await task.fetch(query, theirs, distinct, limited=single)
    read = key_reader(relation.target, theirs, relation.target, theirs)
    groups: dict[Key | None, list[Any]] = {}
    for row in rows:
        groups.setdefault(read(row), []).append(row)
    if not single:
        groups = {key: task.slice(group) for key, group in groups.items()}
    shown: list[Any] = []
    for instance, key in zip(instances, keys, strict=True):
        group = groups.get(key, []) if key is not None else []
        shown += group
        keep(instance, relation, list(group) if relation.kind.many else next(iter(group), None))
    await task.finish(shown, hidden)


async def _through(task: Task, instances: list[Any]) -> None:
    relation, joining = task.relation, task.relation.through
    assert joining is not None  # noqa: S101 - this loader is chosen by it
    own = tuple(mine for mine, _ in joining.own)
    held = tuple(name for _, name in joining.own)
    refers = tuple(name for _, name in joining.other)
    keys, distinct = _keyed(instances, own, joining.model, held)
    query = Query(joining.model).where(linking(joining)).fields(*held, *refers)
    links, _ = await task.fetch(query, held, distinct)
    read_owner = key_reader(joining.model, held, joining.model, held)
    read_target = key_reader(joining.model, refers, relation.target, relation.others)
    lists: dict[Key | None, dict[Key, None]] = {}
    for link in links:
        target = read_target(link)
        if target is not None:
            lists.setdefault(read_owner(link), {})[target] = None
    await _listed(task, instances, [list(lists.get(key, ())) for key in keys], ranked=True)


async def _references(task: Task, instances: list[Any]) -> None:
    relation = task.relation
    lists = list(map(keys_of(relation), instances))
    await _listed(task, instances, lists, ranked=bool(task.node.rows(relation.target).order_))


async def _listed(
    task: Task, instances: list[Any], lists: list[list[Key]], *, ranked: bool
) -> None:
    """Load the rows of a list of keys for each instance; each row once."""
    relation = task.relation
    query = task.node.rows(relation.target)
    distinct = list(dict.fromkeys(key for keys in lists for key in keys))
    rows, hidden = await task.fetch(query, relation.others, distinct)
    if ranked:
        rows = in_order(query, rows)
    read = key_reader(relation.target, relation.others, relation.target, relation.others)
    found = {read(row): (rank, row) for rank, row in enumerate(rows)}
    shown: list[Any] = []
    for instance, keys in zip(instances, lists, strict=True):
        mine = [found[key] for key in keys if key in found]
        if ranked:
            mine.sort(key=lambda pair: pair[0])
        group = task.slice([row for _, row in mine])
        shown += group
        keep(instance, relation, group)
    await task.finish(shown, hidden)


def in_order(query: Query[Any], rows: list[Any]) -> list[Any]:
    """Instances in a query's order; without one by key, as every ordered result ends."""
    link = link_of(query.model)
    spec = prepare(link.source, query).spec
    names = spec.model.names
    by_row = {id(row): one for one in rows if (row := one._row) is not None}  # noqa: SLF001
    sort = sorter(Layout(spec.model, names), spec.order, spec.where)
    return [by_row[id(row)] for row in sort([one._row for one in rows])]  # noqa: SLF001


async def _embeds(task: Task, instances: list[Any]) -> None:
    relation, query = task.relation, task.node.query
    pick = list if query is None else picker(relation.target, query)
    shown: list[Any] = []
    for instance in instances:
        value = instance[relation.held]
        held = list(value or ()) if relation.kind.many else [value] if value is not None else []
        held = pick(held)
        shown += held
        keep(instance, relation, held if relation.kind.many else next(iter(held), None))
    await task.finish(shown, ())


_LOADERS: dict[str, Callable[[Task, list[Any]], Awaitable[None]]] = {
    "belongsTo": _belongs_to,
    "hasMany": _has,
    "hasOne": _has,
    "through": _through,
    "referencesMany": _references,
    "embedsOne": _embeds,
    "embedsMany": _embeds,
}
