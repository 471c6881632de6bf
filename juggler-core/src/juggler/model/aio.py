"""The asynchronous twins: the same names, arguments and results as the blocking methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, Unpack, overload

from juggler.errors import ValidationError
from juggler.model.link import link_of
from juggler.model.names import CLASS_ALIASES, INSTANCE_ALIASES, alias, joined, update_attribute
from juggler.model.options import arun
from juggler.model.query import Query, key_names, keys_of, only
from juggler.model.reads import is_key
from juggler.model.validation import validated
from juggler.model.writes import new_of, update_of
from juggler.values.missing import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from juggler.model.options import Fields, FindOptions, ReadOptions, WhereOptions, WriteOptions
    from juggler.model.results import BulkResult, Count, Explanation
    from juggler.model.stream import Stream
    from juggler.model.writes import Values
    from juggler.query import Condition

P = ParamSpec("P")
M = TypeVar("M")


class Aio(Generic[P, M]):
    """A model's operations, to be awaited: ``await User.aio.find(...)``; see :class:`Model`."""

    __slots__ = ("_model",)

    def __init__(self, model: Any) -> None:
        self._model = model

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            return alias(self, name, CLASS_ALIASES)

    async def find(
        self, given: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, **options: Unpack[FindOptions],
    ) -> list[M]:  # fmt: skip
        """All instances that a filter matches."""
        return await Query.of(self._model, given, *conditions, **options).aio.all()

    async def find_one(
        self, given: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, **options: Unpack[FindOptions],
    ) -> M | None:  # fmt: skip
        """The first instance that a filter matches, None when there is none."""
        return await Query.of(self._model, given, *conditions, **options).aio.first()

    async def find_by_id(
        self, key: Any = MISSING, /, *, fields: Fields | None = None, include: Any = None,
        unscoped: bool = False, consistency: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - seconds for the store, no scope here
        **parts: Any,
    ) -> M | None:  # fmt: skip
        """The instance of a key, None when there is none."""
        wanted = parts if key is MISSING else key
        call = link_of(self._model).aio.find_by_id(
            self._model, wanted, fields, include, unscoped=unscoped
        )
        return await arun(call, {"consistency": consistency, "timeout": timeout})

    async def find_by_ids(
        self, keys: Iterable[Any],
        given: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        **options: Unpack[FindOptions],
    ) -> list[M]:  # fmt: skip
        """The instances of keys, in their order; unknown ones are left out."""
        query = Query.of(self._model, given, **options)
        call = link_of(self._model).aio.find_by_ids(self._model, keys, query)
        return await arun(call, query._call)

    async def include(self, instances: Iterable[M], relations: Any, /) -> list[M]:
        """Load relations of instances that are there."""
        call = link_of(self._model).aio.include(self._model, instances, relations)
        found: list[M] = await call
        return found

    async def count(
        self, where: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, **options: Unpack[WhereOptions],
    ) -> int:  # fmt: skip
        """How many rows fulfil a condition."""
        query = Query.of(self._model, where, *conditions, where_only=True, **options)
        return await query.aio.count()

    async def exists(
        self, where: Any = None, /, *conditions: Condition, **options: Unpack[WhereOptions]
    ) -> bool:
        """Whether a row with this key, or any row that fulfils the condition, is there."""
        if is_key(where):
            read: ReadOptions = {"timeout": options.get("timeout")}
            return await arun(link_of(self._model).aio.exists_key(self._model, where), read)
        query = Query.of(self._model, where, *conditions, where_only=True, **options)
        return await query.aio.exists()

    def stream(
        self, given: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, resume: str | None = None,
        **options: Unpack[FindOptions],
    ) -> Stream[M]:  # fmt: skip
        """Instances one by one in bounded memory, for ``async for``."""
        query = Query.of(self._model, given, *conditions, **options)
        return query.stream(options.get("page_size") or 1000, resume=resume)

    async def explain(
        self, given: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, analyze: bool = False, **options: Unpack[FindOptions],
    ) -> Explanation:  # fmt: skip
        """What a find would do and cost; with ``analyze`` it runs, too."""
        return await Query.of(self._model, given, *conditions, **options).aio.explain(
            analyze=analyze
        )

    @overload
    async def create(self, data: Mapping[str, Any], /) -> M: ...
    @overload
    async def create(self, *args: P.args, **values: P.kwargs) -> M: ...
    async def create(self, *args: Any, **values: Any) -> Any:
        """Insert a row; never overwrites."""
        data = new_of(args, values)
        return await arun(link_of(self._model).aio.create(self._model, data), {})

    async def create_all(
        self, rows: Iterable[Values | M], *, batch: int = 1000, on_error: str = "raise",
        progress: Callable[[int], object] | None = None, replace: bool = False,
        **options: Unpack[WriteOptions],
    ) -> BulkResult:  # fmt: skip
        """Insert many rows, or with ``replace`` write them whatever is there."""
        write = link_of(self._model).aio.create_all
        call = write(self._model, rows, batch, on_error, progress, replace=replace)
        return await arun(call, options)

    async def upsert(self, data: Values | M, /, **options: Unpack[WriteOptions]) -> M:
        """Change the given properties of the row with that key, or insert it with the defaults."""
        return await arun(link_of(self._model).aio.upsert(self._model, data), options)

    async def upsert_with_where(
        self, where: Condition | Mapping[str, Any], data: Values, /, **options: Unpack[WriteOptions]
    ) -> M:
        """Patch the one row that fulfils a condition, or create it; several are refused."""
        query = Query.of(self._model, where, where_only=True)
        return await arun(link_of(self._model).aio.upsert_with_where(query, data), options)

    async def find_or_create(
        self, given: Query[M] | Condition | Mapping[str, Any] | None,
        data: Values | M | None = None, /, **options: Unpack[WriteOptions],
    ) -> tuple[M, bool]:  # fmt: skip
        """The first row that a filter matches, or a new one: ``(instance, created)``."""
        values = {} if data is None else data
        query = Query.of(self._model, given)
        return await arun(link_of(self._model).aio.find_or_create(query, values), options)

    async def replace_or_create(self, data: Values | M, /, **options: Unpack[WriteOptions]) -> M:
        """Write the full row whatever is there."""
        return await arun(link_of(self._model).aio.replace_or_create(self._model, data), options)

    async def replace_by_id(
        self, key: Any, data: Values | M, /, **options: Unpack[WriteOptions]
    ) -> M:
        """Replace the full row of a key."""
        return await arun(link_of(self._model).aio.replace_by_id(self._model, key, data), options)

    async def update_all(
        self, where: Query[M] | Condition | Mapping[str, Any] | None,
        values: Values | Missing = MISSING, /, *, all: bool = False,
        **options: Unpack[WhereOptions],
    ) -> Count:  # fmt: skip
        """Change properties of every row that fulfils a condition."""
        query, data = update_of(self._model, where, values, options)
        return await query.aio.update_all(data, all=all)

    async def delete_all(
        self, where: Query[M] | Condition | Mapping[str, Any] | None = None, /,
        *conditions: Condition, all: bool = False, **options: Unpack[WhereOptions],
    ) -> Count:  # fmt: skip
        """Delete every row that fulfils a condition."""
        query = Query.of(self._model, where, *conditions, where_only=True, **options)
        return await query.aio.delete_all(all=all)

    async def delete_by_id(self, key: Any, /, **options: Unpack[WriteOptions]) -> bool | None:
        """Delete the row of a key: True if it was there, None when the store does not say."""
        return await arun(link_of(self._model).aio.delete_by_id(self._model, key), options)


class JoinedAio(Aio[P, M]):
    """The same where the connector brings operations: they come before the built-in ones."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        brought = None if name.startswith("_") else joined(self, name)
        return super().__getattribute__(name) if brought is None else brought


class InstanceAio(Generic[M]):
    """What an instance does to its row, to be awaited: ``await user.aio.save()``."""

    __slots__ = ("_instance",)

    def __init__(self, instance: Any) -> None:
        self._instance = instance

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            if name == "update_attribute":
                return update_attribute(self)
            return alias(self, name, INSTANCE_ALIASES)

    @property
    def _ops(self) -> Any:
        return link_of(type(self._instance)).aio

    async def save(
        self, *, validate: bool = True, if_unchanged: bool | None = None,
        **options: Unpack[WriteOptions],
    ) -> M:  # fmt: skip
        """Insert a new instance; of a stored one, write the changed properties."""
        return await arun(
            self._ops.save(self._instance, validate=validate, if_unchanged=if_unchanged), options
        )

    async def validate(self) -> None:
        """Check all rules, those that await too; ``errors`` holds the messages."""
        model = type(self._instance)
        await validated(self._instance, model.__link__.aio if model.__link__ is not None else None)

    async def is_valid(self) -> bool:
        """Whether all rules hold; ``errors`` holds the messages of those that do not."""
        try:
            await self.validate()
        except ValidationError:
            return False
        return True

    async def patch(
        self, data: Values, /, *, if_unchanged: bool | None = None, **options: Unpack[WriteOptions]
    ) -> M:
        """Change the given properties in the store and here."""
        return await arun(self._ops.patch(self._instance, data, if_unchanged=if_unchanged), options)

    async def replace(
        self, data: Values | M, /, *, if_unchanged: bool | None = None,
        **options: Unpack[WriteOptions],
    ) -> M:  # fmt: skip
        """Replace the full row."""
        return await arun(
            self._ops.replace(self._instance, data, if_unchanged=if_unchanged), options
        )

    async def delete(
        self, *, if_unchanged: bool | None = None, **options: Unpack[WriteOptions]
    ) -> bool | None:
        """Delete the row: True if it was there, None when the store does not say."""
        return await arun(self._ops.delete(self._instance, if_unchanged=if_unchanged), options)

    async def reload(self, **options: Unpack[ReadOptions]) -> M:
        """Read the row anew, into this instance."""
        return await arun(self._ops.reload(self._instance), options)


class QueryAio(Generic[M]):
    """A query's results, to be awaited: ``await query.aio.count()``."""

    __slots__ = ("_query",)

    def __init__(self, query: Query[M]) -> None:
        self._query = query

    @property
    def _ops(self) -> Any:
        return link_of(self._query.model).aio

    async def all(self) -> list[M]:
        """All instances."""
        return await arun(self._ops.find(self._query), self._query._call)

    async def first(self) -> M | None:
        """The first instance, None when there is none."""
        return await arun(self._ops.find_one(self._query), self._query._call)

    async def one(self) -> M:
        """The only instance; none and several are errors."""
        return only(self._query, await self._query.limit(2).aio.all())

    async def count(self) -> int:
        """How many rows fulfil the condition."""
        return await arun(self._ops.count(self._query), self._query._call)

    async def exists(self) -> bool:
        """Whether any row fulfils the condition."""
        return await arun(self._ops.exists(self._query), self._query._call)

    async def ids(self) -> list[Any]:
        """The keys."""
        return keys_of(self._query, await self._query.fields(*key_names(self._query)).aio.all())

    async def dicts(self) -> list[dict[str, Any]]:
        """The rows as dicts."""
        return [instance.to_object() for instance in await self.all()]  # type: ignore[attr-defined]

    async def page(self, size: int, token: str | None = None) -> tuple[list[M], str | None]:
        """One page, and the token of the next; None after the last."""
        return await arun(self._ops.page(self._query, size, token), self._query._call)

    async def pages(self, size: int, token: str | None = None) -> AsyncIterator[list[M]]:
        """Page after page, for ``async for``."""
        more = True
        while more:
            rows, token = await self.page(size, token)
            if rows:
                yield rows
            more = token is not None

    async def explain(self, *, analyze: bool = False) -> Explanation:
        """The plan: what the store does, what is left for Python, what it costs."""
        return await arun(self._ops.explain(self._query, analyze=analyze), self._query._call)

    async def update_all(self, values: Mapping[str, Any], /, *, all: bool = False) -> Count:
        """Change properties of every row that fulfils the condition."""
        return await arun(self._ops.update_all(self._query, values, all=all), self._query._call)

    async def delete_all(self, *, all: bool = False) -> Count:
        """Delete every row that fulfils the condition."""
        return await arun(self._ops.delete_all(self._query, all=all), self._query._call)
