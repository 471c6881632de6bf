"""Reading: by key, by query, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidQueryError
from juggler.model.query import Query
from juggler.model.scopes import scoped
from juggler.operations import _paging
from juggler.operations._by_key import rows_of_keys
from juggler.operations._execute import Counters, batches, fetch_all, planned
from juggler.operations._given import check_list
from juggler.operations._lifecycle import reader_of
from juggler.operations._prepare import is_count, prepare
from juggler.operations._related import counted, plain, settled
from juggler.query.bind import bind_fields
from juggler.query.tree import TRUE, Cmp, In, Nothing, all_of, any_of
from juggler.spec import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from juggler.connector.plan import Plan
    from juggler.connector.results import Key
    from juggler.operations import Operations
    from juggler.operations._lifecycle import Life
    from juggler.operations._prepare import Prepared
    from juggler.query import Where


async def find(self: Operations, query: Query[Any]) -> list[Any]:
    """All instances of a query, as a list."""
    query = scoped(query)
    life = reader_of(self, query.model, "find")
    if life is not None:
        query = await life.access(query)
    loading = None
    if not plain(query):
        query, loading = await settled(self, query)
    found = await _read(self, query)
    if life is not None:
        found = await life.read(found)
    return found if loading is None else await loading.load(self, found)


async def _read(self: Operations, query: Query[Any]) -> list[Any]:
    """The instances of a query without relations."""
    prepared = prepare(self.source, query)
    plan, batch = await fetch_all(self.port, self.source, prepared.spec, Counters())
    return decode(prepared, plan.fields, batch.rows, batch.versions)


async def find_one(self: Operations, query: Query[Any]) -> Any:
    """The first instance of a query, None when there is none."""
    found = await find(self, query.limit(1 if query.limit_ is None else min(1, query.limit_)))
    return found[0] if found else None


async def dicts(self: Operations, query: Query[Any]) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries of the chosen properties, without instances."""
    return [instance.to_object() for instance in await find(self, query)]


async def page(
    self: Operations, query: Query[Any], size: int, token: str | None = None
) -> tuple[list[Any], str | None]:
    """One page of a query and the token of the next, None when this was the last.

    Raises:
        CapabilityError: the connector does not claim ``paging``.
        PageTokenError: the token is forged, expired or of another query.
    """
    if not is_count(size):
        raise InvalidQueryError(
            f"a page of {size!r:.60} rows", code="page-size", hint="size has to be 1 or more"
        )
    self.source.capabilities_of(query.model.__link__.spec).require(
        "paging",
        connector=self.source.name,
        what="pages and streams",
        alternatives=("find(limit=…)",),
    )
    query = scoped(query)
    life = reader_of(self, query.model, "page")
    if life is not None:
        query = await life.access(query)
    loading = None
    if not plain(query):
        query, loading = await settled(self, query, paged=True)
    prepared = prepare(self.source, query)
    answer = await _paging.page(self.port, self.source, prepared.spec, size, token)
    found = decode(prepared, answer.fields, answer.rows, answer.versions)
    if life is not None:
        found = await life.read(found)
    return found if loading is None else await loading.load(self, found), answer.token


async def find_by_id(
    self: Operations,
    model: Any,
    key: Any,
    fields: Any = None,
    include: Any = None,
    *,
    unscoped: bool = False,
) -> Any | None:
    """The instance of a key, None when there is none or the default scope hides it."""
    within = model.__scope__ is not None and not unscoped
    if fields is not None or include or within or model.__hooked__:
        return await _chosen_by_id(self, model, key, fields, include, unscoped=unscoped)
    link = model.__link__
    spec, codec = link.spec, link.codec
    found = await self.port.call("get", spec, (codec.coerce_key(key),), spec.names)
    row, versions = found.rows[0], found.versions
    return None if row is None else codec.decode(row, None if versions is None else versions[0])


async def _chosen_by_id(
    self: Operations, model: Any, key: Any, fields: Any, include: Any, *, unscoped: bool
) -> Any:
    """``find_by_id`` with hooks, within a default scope, with some properties or with relations."""
    if fields is not None:
        fields = Query.of(model, fields=fields).fields_
    if include:
        return await _including(self, model, key, fields, include, unscoped=unscoped)
    life = reader_of(self, model, "find_by_id")
    if life is not None:
        return await _by_query(self, model, key, fields, life, unscoped=unscoped)
    if model.__scope__ is not None and not unscoped:
        found = await find_by_ids(self, model, (key,), Query.of(model, fields=fields))
        return found[0] if found else None
    link = model.__link__
    wanted = bind_fields(link.spec, fields)
    if wanted is None:
        return await find_by_id(self, model, key, unscoped=unscoped)
    names = projection(link.spec, wanted)
    found = await self.port.call("get", link.spec, (link.codec.coerce_key(key),), names)
    if found.rows[0] is None:
        return None
    return link.codec.decode_partial(names, wanted)(found.rows, found.versions)[0]


async def _including(
    self: Operations, model: Any, key: Any, fields: Any, include: Any, *, unscoped: bool
) -> Any:
    """``find_by_id`` with relations."""
    from juggler.operations.include import split  # noqa: PLC0415 - loads with relations

    query: Query[Any] = Query(model, options={"unscoped": unscoped}).include(include)
    bare, loading = split(query if fields is None else query.fields(fields))
    found = await find_by_id(self, model, key, bare.fields_, unscoped=unscoped)
    if found is not None:
        await loading.load(self, [found])
    return found


async def _by_query(
    self: Operations, model: Any, key: Any, fields: Any, life: Life, *, unscoped: bool
) -> Any:
    """``find_by_id`` as a query, which the ``access`` hooks may change."""
    link = model.__link__
    wanted = zip(link.spec.key.names, link.codec.coerce_key(key), strict=True)
    query = Query.of(model, {"where": dict(wanted)}, unscoped=unscoped)
    query = await life.access(scoped(query))
    found = await life.read(await _read(self, query if fields is None else query.fields(fields)))
    return found[0] if found else None


async def find_by_ids(
    self: Operations, model: Any, keys: Iterable[Any], query: Query[Any] | None = None
) -> list[Any]:
    """The instances of the keys in their order; unknown ones are left out, repeats too.

    A query's conditions, fields, order and limits hold, as does the default scope.

    Raises:
        InvalidValueError: ``not-a-list`` for one key, ``bad-key`` for what is no key.
    """
    check_list(keys, "keys", f"{model.__name__}.find_by_ids([…]); for one key find_by_id(…)")
    link = model.__link__
    distinct = list(dict.fromkeys(link.codec.coerce_key(key) for key in keys))
    if not distinct:
        return []
    query, loading = scoped(Query(model) if query is None else query), None
    if query.filter.include is not None:
        from juggler.operations.include import split  # noqa: PLC0415 - loads with relations

        query, loading = split(query)
    life = reader_of(self, model, "find_by_ids")
    if life is not None:
        query = await life.access(query.where(_keys(model, distinct)))
    instances = await rows_of_keys(self, query, distinct)
    if life is not None:
        instances = await life.read(instances)
    return instances if loading is None else await loading.load(self, instances)


def _keys(model: Any, keys: Sequence[Key]) -> Where:
    """The condition that a row has one of the keys, for hooks to see and to narrow."""
    names = model.__link__.spec.key.names
    if len(names) == 1:
        return In(names[0], tuple(key[0] for key in keys))
    pairs = (zip(names, key, strict=True) for key in keys)
    return any_of(*(all_of(*(Cmp(name, "eq", value) for name, value in p)) for p in pairs))


async def exists_key(self: Operations, model: Any, key: Any) -> bool:
    """Whether a row with the key is there, within the default scope."""
    link = model.__link__
    wanted = link.codec.coerce_key(key)
    if model.__scope__ is None and not model.__hooked__:
        found = await self.port.call("get", link.spec, (wanted,), link.spec.key.names)
        return found.rows[0] is not None
    query = scoped(Query(model))
    life = reader_of(self, model, "exists")
    if life is not None:
        query = await life.access(query.where(_keys(model, [wanted])))
    return bool(await rows_of_keys(self, query, [wanted]))


async def exists(self: Operations, query: Query[Any]) -> bool:
    """Whether any row fulfils a query."""
    query = scoped(query)
    life = reader_of(self, query.model, "exists")
    if life is not None:
        query = await life.access(query)
    return await there(self, query)


async def there(self: Operations, query: Query[Any]) -> bool:
    """Whether any row fulfils a query; no hook is run."""
    query = query.fields(*query.model.__link__.spec.key.names)
    query = query.limit(1 if query.limit_ is None else min(1, query.limit_))
    if not plain(query):
        query, _ = await settled(self, query)
    return bool(await _read(self, query))


async def count(self: Operations, query: Query[Any]) -> int:
    """How many rows fulfil a query's condition."""
    query = scoped(query)
    life = reader_of(self, query.model, "count")
    if life is not None:
        query = await life.access(query)
    if not plain(query):
        query = await counted(self, query)
    prepared = prepare(self.source, query)
    spec = prepared.spec
    if isinstance(spec.where, Nothing):
        return 0

    async def counted_by(plan: Plan) -> int:
        if plan.residual is TRUE and self.port.has("count"):
            answer = await self.port.call("count", plan)
            if answer is not NotImplemented:
                return int(answer)
        total = 0
        async for batch in batches(self.port, self.source, plan, None, Counters()):
            total += len(batch.rows)
        return total

    return await planned(self.port, self.source, spec, counted_by)


def projection(spec: Any, fields: tuple[str, ...] | None) -> tuple[str, ...]:
    """The fields to read for a projection: the key is always among them."""
    if fields is None:
        return spec.names  # type: ignore[no-any-return]
    stored = (name if name in spec.position else EXTRA for name in fields)
    return tuple(dict.fromkeys((*spec.key.names, *stored)))


def decode(prepared: Prepared, fields: tuple[str, ...], rows: Any, versions: Any) -> list[Any]:
    """Rows of a plan as instances; with a projection only its properties are loaded."""
    spec, codec = prepared.spec, prepared.link.codec
    if spec.fields is None and fields == prepared.link.spec.names:
        return codec.decode_all(rows, versions)  # type: ignore[no-any-return]
    return codec.decode_partial(fields, spec.fields)(rows, versions)  # type: ignore[no-any-return]
