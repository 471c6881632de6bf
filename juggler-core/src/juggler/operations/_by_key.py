"""Rows of keys: read by their keys, then tested, put in order and cut as a query says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.model.scopes import scoped
from juggler.operations._prepare import prepare
from juggler.operations._scope import test_of
from juggler.query.bind import bind_fields
from juggler.query.evaluate import Layout
from juggler.query.order import sorter
from juggler.query.tree import TRUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector.results import Key, Row
    from juggler.model.query import Query
    from juggler.operations import Operations

    Found = list[tuple[Row, str | None]]


async def rows_of_keys(self: Operations, query: Query[Any], keys: Sequence[Key]) -> list[Any]:
    """The instances of keys that a query and the default scope let through.

    They are in the order of the keys, unless the query has one; its include is not loaded here.
    """
    query = scoped(query)
    link = query.model.__link__
    spec, codec = link.spec, link.codec
    answer = await self.port.call("get", spec, tuple(keys), spec.names)
    versions = answer.versions or [None] * len(keys)
    found: Found = [
        (row, version)
        for row, version in zip(answer.rows, versions, strict=True)
        if row is not None
    ]
    if query.where_ is not TRUE:
        test = await test_of(self, query)
        found = [pair for pair in found if test(pair[0])]
    if query.order_:
        found = _in_order(query, found)
    end = None if query.limit_ is None else query.skip_ + query.limit_
    found = found[query.skip_ : end]
    if query.fields_ is None:
        return [codec.decode(row, version) for row, version in found]
    decode = codec.decode_partial(spec.names, bind_fields(spec, query.fields_))
    return decode([row for row, _ in found], [version for _, version in found])  # type: ignore[no-any-return]


def _in_order(query: Query[Any], found: Found) -> Found:
    spec = prepare(query.model.__link__.source, _only_order(query)).spec
    pairs = {id(row): (row, version) for row, version in found}
    sort = sorter(Layout(spec.model, spec.model.names), spec.order, spec.where)
    return [pairs[id(row)] for row in sort([row for row, _ in found])]


def _only_order(query: Query[Any]) -> Query[Any]:
    return evolve(query, filter=evolve(query.filter, where=TRUE, fields=None, include=None))
