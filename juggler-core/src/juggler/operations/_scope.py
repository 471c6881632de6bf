"""The default scope of rows that are reached by their key, and of rows that are not stored yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import DuplicateKeyError
from juggler.model.query import Query
from juggler.model.scopes import scoped
from juggler.operations._prepare import prepare
from juggler.operations._related import counted, plain
from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import TRUE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector.results import Key, Row
    from juggler.operations import Operations

    Test = Callable[[Row], bool]


async def test_of(self: Operations, query: Query[Any]) -> Test:
    """Whether a full row fulfils a query's condition, as a function."""
    where = Query(query.model, options=query.options).where(query.where_)
    if not plain(where):
        where = await counted(self, where)
    prepared = prepare(self.source, where)
    spec = prepared.spec
    return predicate(Layout(spec.model, spec.model.names), spec.where)


async def holds(self: Operations, query: Query[Any], instance: Any) -> bool:
    """Whether an instance, stored or not, fulfils a query's condition."""
    if query.where_ is TRUE:
        return True
    test = await test_of(self, query)
    return bool(test(instance.__codec__.encode(instance)))


async def default_test(self: Operations, model: Any) -> Test | None:
    """Whether a full row is in the model's default scope; None when every row is."""
    query = scoped(Query(model))
    return None if query.where_ is TRUE else await test_of(self, query)


async def inside(self: Operations, model: Any, keys: Sequence[Key]) -> list[bool | None]:
    """Of each key, whether its row is in the default scope; None where there is no row."""
    test = await default_test(self, model)
    link = model.__link__
    found = await self.port.call("get", link.spec, tuple(keys), link.spec.names)
    return [None if row is None else test is None or bool(test(row)) for row in found.rows]


async def outside(self: Operations, model: Any, key: Key) -> bool:
    """Whether the row of a key is there and out of the default scope's reach."""
    if model.__scope__ is None:
        return False
    (found,) = await inside(self, model, (key,))
    return found is False


async def refuse_outside(self: Operations, model: Any, key: Key) -> None:
    """Refuse to write over a row that the default scope hides.

    Raises:
        DuplicateKeyError: ``outside-scope``.
    """
    if await outside(self, model, key):
        name = model.__definition__.name
        raise DuplicateKeyError(
            f"a {name} with the key {key[0] if len(key) == 1 else key!r} is there, outside of the "
            "default scope",
            code="outside-scope",
            hint=f"{name}.unscoped() reaches it",
            model=name,
            key=key,
        )
