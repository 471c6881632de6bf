"""Embedded instances that a filter chooses: evaluated here, for they are part of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.query.bind import bind_fields, bind_order, bind_where, order_for
from juggler.query.evaluate import Layout, select
from juggler.query.normalise import normalise
from juggler.query.order import sorter

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.model.query import Query


def picker(target: Any, query: Query[Any]) -> Callable[[list[Any]], list[Any]]:
    """A function that gives those of a list's instances that a query means, in its order.

    Without an order they stay in the list's.  With ``fields`` they are copies that show these.

    Args:
        target: the embedded model.
        query: a query of it without include.

    Raises:
        InvalidQueryError: mistakes of the query.
    """
    codec = target.__codec__
    spec = codec.spec
    layout = Layout(spec, spec.names)
    where = normalise(bind_where(spec, query.where_))
    order = order_for(where, bind_order(spec, query.order_)) if query.order_ else ()
    chosen, sort = select(layout, where), sorter(layout, order, where)
    fields = bind_fields(spec, query.fields_)
    end = None if query.limit_ is None else query.skip_ + query.limit_
    show = None if fields is None else codec.decode_partial(spec.names, fields)

    def pick(held: list[Any]) -> list[Any]:
        rows = [codec.encode(one) for one in held]
        by_row = {id(row): one for row, one in zip(rows, held, strict=True)}
        found = list(chosen(rows))
        if order:
            found = sort(found)
        found = found[query.skip_ : end]
        return [by_row[id(row)] for row in found] if show is None else show(found)

    return pick
