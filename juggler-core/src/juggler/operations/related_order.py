"""Order by properties of related rows: keys first, sorted here, then the rows asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import CapabilityError, CostGuardError, InvalidQueryError
from juggler.model.relations.kept import kept, stored_value
from juggler.model.relations.nodes import nodes_of
from juggler.model.relations.resolve import names, relation
from juggler.operations._loaders import load
from juggler.operations.include import passed
from juggler.operations.related import MOST, head, one_of
from juggler.query._undeclared import total
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from juggler.model.query import Query
    from juggler.model.relations.nodes import Node
    from juggler.model.results import Explanation
    from juggler.operations import Operations


def is_related(query: Query[Any]) -> bool:
    """Whether a term of the order is on a relation."""
    if not query.order_ or not query.model.__definition__.relations:
        return False
    known = names(query.model)
    return any(head(path) in known for path, _ in query.order_)


def refuse(query: Query[Any], what: str) -> None:
    """Refuse an order by related properties where rows come page by page.

    Raises:
        CapabilityError: ``related-order``.
    """
    if is_related(query):
        raise CapabilityError(
            f"{what} cannot be in the order of related rows",
            code="related-order",
            feature="order",
            hint="find(…) with a limit, or keep the value in a property of its own",
            model=query.model.__name__,
        )


async def ranked(self: Operations, query: Query[Any]) -> tuple[Query[Any], dict[Any, int]]:
    """The query for the rows that the order, skip and limit choose, and the place of each key.

    Raises:
        InvalidQueryError: ``related-order`` of a relation to many.
        CostGuardError: ``too-many-related``: more than 10 000 rows would have to be sorted.
    """
    model = query.model
    ids = model.__definition__.ids
    known = names(model)
    nodes = nested_of(query)
    own = [head(path) for path, _ in query.order_ if head(path) not in known]
    needed = dict.fromkeys((*ids, *own, *(name for node in nodes for name in node.relation.own)))
    bare = query.order([]).skip(0).limit(MOST + 1).fields(*needed)
    rows = await self.find(evolve(bare, filter=evolve(bare.filter, include=None)))
    if len(rows) > MOST:
        raise CostGuardError(
            f"more than {MOST} rows would have to be sorted by related rows",
            code="too-many-related",
            hint="narrow the condition, or keep the value in a property of its own",
            model=model.__name__,
        )
    await load(self, rows, nodes, passed(query.options))
    rows.sort(key=lambda row: tuple(total(row[name]) for name in ids))
    for path, direction in reversed(query.order_):
        rows.sort(key=lambda row, path=path: _rank(row, path), reverse=direction == "desc")  # type: ignore[misc]
    end = None if query.limit_ is None else query.skip_ + query.limit_
    keys = [tuple(row[name] for name in ids) for row in rows[query.skip_ : end]]
    chosen = query.order([]).skip(0).limit(None).where(one_of(ids, keys))
    return chosen, {key: at for at, key in enumerate(keys)}


async def sketch(self: Operations, query: Query[Any]) -> list[tuple[str, Explanation]]:
    """The plans of what is read before the rows are sorted."""
    from juggler.operations import include  # noqa: PLC0415 - for explain only

    return await include.sketch(self, nested_of(query))


def nested_of(query: Query[Any]) -> tuple[Node, ...]:
    """The relations that an order needs.

    Raises:
        InvalidQueryError: ``related-order`` of a relation to many.
    """
    model, known = query.model, names(query.model)
    paths = [path for path, _ in query.order_ if head(path) in known]
    return nodes_of(model, [_nested(model, path) for path in paths])


def _nested(model: Any, path: str) -> Any:
    """The include that a path of an order needs."""
    name, _, rest = path.partition(".")
    found = relation(model, name)
    if found.kind.many or found.target is None or found.kind.embedded or not rest:
        raise InvalidQueryError(
            f"{found} gives no order: {path!r} is not a property of one related row",
            code="related-order",
            hint="order by a property of a belongs_to or has_one; of embedded ones by the property",
            model=model.__name__,
        )
    if head(rest) in names(found.target):
        return {name: _nested(found.target, rest)}
    return name


def _rank(row: Any, path: str) -> Any:
    value = _value(row, path)
    return (value is not None, total(value))


def _value(row: Any, path: str) -> Any:
    name, _, rest = path.partition(".")
    if row is None or not name:
        return row
    if isinstance(row, dict):
        return _value(row.get(name), rest)
    model = type(row)
    if hasattr(model, "__definition__"):
        if name in names(model):
            found = kept(row, relation(model, name))
            return _value(None if found is MISSING else found, rest)
        return _value(stored_value(row, name), rest)
    return None
