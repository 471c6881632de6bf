"""From the user's query to the contract's: bind, normalise, options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector.port import check_option, current_options
from juggler.errors import InvalidQueryError
from juggler.query.bind import bind_fields, bind_order, bind_where, order_for
from juggler.query.normalise import normalise
from juggler.query.spec import QuerySpec, ReadOptions
from juggler.query.tree import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from juggler.model.definition import ModelDefinition, PropertyDef
    from juggler.model.query import Query
    from juggler.operations._source import Source
    from juggler.spec import ModelSpec

#: LoopBack's setting of a model whose hidden properties are in no condition.
GUARDED = "prohibitHiddenPropertiesInQuery"


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
    bound = bind_where(spec, query.where_, naive_utc=source.policy.naive_utc)
    where = normalise(bound)
    order = order_for(where, bind_order(spec, query.order_))
    definition = query.model.__definition__
    if definition.settings.get(GUARDED):
        _refuse_hidden(definition, (*paths(bound), *(path for path, _ in order)))
    fields = bind_fields(spec, query.fields_)
    return Prepared(
        QuerySpec(
            spec,
            where,
            order,
            fields,
            query.limit_,
            query.skip_,
            read_options(source, query.options, spec),
        ),
        query.model,
        link,
    )


def _refuse_hidden(definition: ModelDefinition, asked: Iterable[str]) -> None:
    """Refuse paths to hidden properties: whoever may ask for them can guess their values.

    Raises:
        InvalidQueryError: ``hidden-property``.
    """
    for path in asked:
        properties: Mapping[str, PropertyDef] = definition.properties
        for name in path.split("."):
            part = properties.get(name)
            if part is None:
                break
            if part.hidden:
                raise InvalidQueryError(
                    f"{definition.name} takes no conditions on the hidden property {path!r}",
                    code="hidden-property",
                    hint=f"{GUARDED} is set for this model: leave the property out",
                    model=definition.name,
                )
            properties = {} if part.nested is None else part.nested.properties


def is_count(value: object) -> bool:
    """Whether it is a whole number, 1 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def read_options(source: Source, options: Any, spec: ModelSpec) -> ReadOptions:
    """Call over block over model over data source."""
    policy = source.policy
    block = current_options()

    for name, value in options.items():
        check_option(name, value)

    def pick(name: str, fallback: Any) -> Any:
        value = options.get(name)
        if value is None and block is not None:
            value = getattr(block, name, None)
        return fallback if value is None else value

    allow = pick("allow_scan", None)
    scans = bool(allow) if allow is not None else (policy.allow_scan or policy.scan != "refuse")
    level = pick("consistency", spec.options.get("consistency") or policy.consistency)
    if level != "default":
        source.check_level(level)
    return ReadOptions(
        consistency=level,
        page_size=pick("page_size", policy.page_size),
        allow_scan=scans,
        max_scanned=pick("max_scanned", policy.max_scanned),
        max_sort=pick("max_sort", policy.max_sort),
        index=options.get("index"),
        view=options.get("view"),
    )
