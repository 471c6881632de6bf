"""Relations loaded with instances: one request for each relation and 256 keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector.port import SyncPort
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.relations.kept import stored_value
from juggler.model.relations.nodes import Node, nodes_of
from juggler.model.relations.scoping import linking
from juggler.operations._given import check_list
from juggler.operations._loaders import hide, load
from juggler.query.bind import bind_fields
from juggler.query.tree import In

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.model.results import Explanation
    from juggler.operations import Operations

#: Options of a query that its includes take over.
_PASSED = frozenset({"allow_scan", "consistency", "timeout", "max_scanned", "max_sort", "unscoped"})


async def include(
    self: Operations, model: Any, instances: Iterable[Any], relations: Any
) -> list[Any]:
    """Load relations of instances that are there.

    Raises:
        InvalidValueError: ``not-a-list`` for what is no list of instances.
        InvalidQueryError: ``unknown-relation`` and mistakes of scopes, before anything is sent.
    """
    check_list(instances, "instances", f"{model.__name__}.include([one, two], 'relation')")
    nodes = nodes_of(model, relations)
    check(nodes)
    found = list(instances)
    await load(self, found, nodes, {})
    return found


def check(nodes: Iterable[Node]) -> None:
    """Find every mistake of the scopes before any I/O."""
    from juggler.operations.related import verify  # noqa: PLC0415 - it imports this module

    for node in nodes:
        if node.query is not None and not node.relation.kind.embedded:
            verify(node.query)
        check(node.nested)


def split(query: Query[Any]) -> tuple[Query[Any], Loading]:
    """A query without its include, and what loads the include.

    Keys that the relations need are added to a list of fields; the loading hides them again.
    """
    nodes = nodes_of(query.model, query.include_)
    check(nodes)
    bare = evolve(query, filter=evolve(query.filter, include=None))
    fields = bind_fields(query.model.__link__.spec, query.fields_)
    hidden: tuple[str, ...] = ()
    if fields is not None:
        needed = dict.fromkeys(name for node in nodes for name in node.relation.own)
        hidden = tuple(name for name in needed if name not in fields)
        bare = bare.fields(*fields, *hidden)
    return bare, Loading(nodes, hidden, passed(query.options))


def passed(options: Any) -> dict[str, Any]:
    """The options that a query hands to its includes."""
    return {name: value for name, value in options.items() if name in _PASSED}


class Loading:
    """What is left to do for an include when the instances are there."""

    __slots__ = ("hidden", "nodes", "options", "ranks")

    def __init__(
        self, nodes: tuple[Node, ...], hidden: tuple[str, ...], options: dict[str, Any]
    ) -> None:
        self.nodes = nodes
        self.hidden = hidden
        self.options = options
        #: Places by key, where related rows gave the order.
        self.ranks: dict[tuple[Any, ...], int] | None = None

    async def load(self, ops: Operations, instances: list[Any]) -> list[Any]:
        """The instances, their relations loaded."""
        ranks = self.ranks
        if ranks is not None:
            instances.sort(key=lambda one: ranks[_key(one)])
        await load(ops, instances, self.nodes, self.options)
        hide(instances, self.hidden)
        return instances


def _key(instance: Any) -> tuple[Any, ...]:
    return tuple(stored_value(instance, name) for name in type(instance).__definition__.ids)


async def sketch(self: Operations, nodes: Iterable[Node]) -> list[tuple[str, Explanation]]:
    """The plans of an include, with samples for the keys of the rows around it."""
    from juggler.values.samples import sample  # noqa: PLC0415 - for explain only

    found: list[tuple[str, Explanation]] = []
    for node in nodes:
        made = node.relation
        if made.target is None or made.kind.embedded:
            continue
        joining = made.through
        if joining is not None:
            held = tuple(name for _, name in joining.own)
            links = Query(joining.model).where(linking(joining)).fields(*held)
            found.append((str(made), await _sketch(self, links, held, sample)))
        query = node.rows(made.target)
        found.append((str(made), await _sketch(self, query, made.others, sample)))
        found += await sketch(self, node.nested)
    return found


async def _sketch(self: Operations, query: Query[Any], names: Iterable[str], sample: Any) -> Any:
    link = link_of(query.model)
    ops = link.sync if isinstance(self.port, SyncPort) else link.aio
    keys = [In(name, (sample(link.spec.field[name].type),)) for name in names]
    return await ops.explain(query.limit(None).skip(0).where(*keys))
