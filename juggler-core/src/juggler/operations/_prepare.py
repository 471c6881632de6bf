"""From the user's query to the contract's: bind, normalise, options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector.port import current_options
from juggler.query.bind import bind_fields, bind_order, bind_where, order_for
from juggler.query.normalise import normalise
from juggler.query.spec import QuerySpec, ReadOptions

if TYPE_CHECKING:
    from juggler.model.query import Query
    from juggler.operations._source import Source
    from juggler.spec import ModelSpec


@frozen
class Prepared:
    """A query ready to be planned, and what to do with its rows."""

    spec: QuerySpec
    model: Any
    link: Any


def prepare(source: Source, query: Query[Any]) -> Prepared:
    """Bind a query to its model; all of a query's mistakes show here, before any I/O."""
    link = query.model.__link__
    spec: ModelSpec = link.spec
    where = normalise(bind_where(spec, query.where_, naive_utc=source.policy.naive_utc))
    order = order_for(where, bind_order(spec, query.order_))
    fields = bind_fields(spec, query.fields_)
    return Prepared(
        QuerySpec(
            spec,
            where,
            order,
            fields,
            query.limit_,
            query.skip_,
            read_options(source, query.options),
        ),
        query.model,
        link,
    )


def read_options(source: Source, options: Any) -> ReadOptions:
    """Call over block over data source."""
    policy = source.policy
    block = current_options()

    def pick(name: str, fallback: Any) -> Any:
        value = options.get(name)
        if value is None and block is not None:
            value = getattr(block, name, None)
        return fallback if value is None else value

    allow = pick("allow_scan", None)
    scans = bool(allow) if allow is not None else (policy.allow_scan or policy.scan != "refuse")
    return ReadOptions(
        consistency=pick("consistency", policy.consistency),
        page_size=pick("page_size", policy.page_size),
        allow_scan=scans,
        max_scanned=pick("max_scanned", policy.max_scanned),
        max_sort=pick("max_sort", policy.max_sort),
        index=options.get("index"),
        view=options.get("view"),
    )
