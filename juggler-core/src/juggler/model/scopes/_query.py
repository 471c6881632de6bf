"""A scope in use: a query that can also make rows, and what stands on classes and instances."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, frozen

from juggler.errors import InvalidValueError
from juggler.model.access import no_attribute
from juggler.model.aio import QueryAio
from juggler.model.link import link_of
from juggler.model.options import arun, run
from juggler.model.query import Query
from juggler.model.reads import is_key
from juggler.model.scopes._definition import Scope, scope_named, scope_names
from juggler.model.scopes._merging import equalities, within
from juggler.query import Filter
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from juggler.model.results import Count

M = TypeVar("M")


@frozen(eq=False, repr=False)
class ScopeQuery(Query[M]):
    """The rows of a scope: a query whose rows can be read, counted, changed, deleted and made.

    Another scope of the model narrows it: ``User.adults.active()``.  Every step gives a new query.

    Attributes:
        name: the scopes, as they were chained.
        methods: functions that the scope adds.
    """

    name: str = ""
    methods: Any = None

    def _narrowed(self, given: Any, conditions: tuple[Any, ...], options: Any) -> ScopeQuery[M]:
        """A caller's filter within the scope."""
        found = within(Query.of(self.model, given, *conditions, **options), self.filter)
        return evolve(self, filter=found.filter, options={**self.options, **found.options})

    def _rows(self, where: Any = None, options: Any = None) -> ScopeQuery[M]:
        """The scope's rows that fulfil a condition, for what has no order."""
        asked = Query.of(self.model, where, where_only=True, **(options or {}))
        own = self.filter
        narrowed = within(asked, Filter(where=own.where, limit=own.limit, skip=own.skip))
        return evolve(self, filter=narrowed.filter, options={**self.options, **asked.options})

    # ------------------------------------------------------------ reading

    def __call__(self, given: Any = None, /, *conditions: Any, **options: Any) -> list[M]:
        """All rows of the scope that a filter matches."""
        return self._narrowed(given, conditions, options).all()

    def find(self, given: Any = None, /, *conditions: Any, **options: Any) -> list[M]:
        """All rows of the scope that a filter matches."""
        return self._narrowed(given, conditions, options).all()

    def find_one(self, given: Any = None, /, *conditions: Any, **options: Any) -> M | None:
        """The first row of the scope that a filter matches, None when there is none."""
        return self._narrowed(given, conditions, options).first()

    def find_by_id(self, key: Any, /) -> M | None:
        """The row of a key; None when there is none, or it is outside of the scope."""
        return self._of_key(key).first()

    def _of_key(self, key: Any) -> ScopeQuery[M]:
        codec = link_of(self.model).codec
        names: tuple[str, ...] = self.model.__definition__.ids  # type: ignore[attr-defined]
        return self.where(dict(zip(names, codec.coerce_key(key), strict=True)))  # type: ignore[return-value]

    def exists(self, where: Any = None, /, **options: Any) -> bool:
        """Whether a row of the scope has this key, or any fulfils the condition."""
        if is_key(where):
            return Query.exists(self._of_key(where))
        return Query.exists(self._rows(where, options))

    def count(self, where: Any = None, /, **options: Any) -> int:
        """How many rows of the scope fulfil a condition."""
        query = self._rows(where, options)
        return query._clipped(Query.count(query))

    def _clipped(self, found: int) -> int:
        """A number of rows, as the scope's limit and skip leave it."""
        rest = max(0, found - self.skip_)
        return rest if self.limit_ is None else min(rest, self.limit_)

    # ------------------------------------------------------------ writing

    def build(self, data: Any = None, /, **values: Any) -> M:
        """A new instance with the scope's equalities, not stored yet.

        Raises:
            InvalidValueError: ``outside-scope`` when a given value is another one.
        """
        codec = link_of(self.model).codec
        given = {
            **(codec.given(data) if data is not None else {}),
            **(codec.given(values) if values else {}),
        }
        for name, value in equalities(self.where_).items():
            if given.get(name) is None:
                given[name] = value
        made: Any = self.model
        return made(given)  # type: ignore[no-any-return]

    def create(self, data: Any = None, /, **values: Any) -> M:
        """A new row that is in the scope.

        Raises:
            InvalidValueError: ``outside-scope`` when it would not be.
        """
        built = self.build(data, **values)
        found: M = run(_created(self, link_of(self.model).sync, built), self._call)
        return found

    def update_all(self, where: Any, values: Any = MISSING, /, *, all: bool = False) -> Count:
        """Change rows of the scope: ``update_all(values)`` or ``update_all(where, values)``."""
        query, data = self._changes(where, values)
        return Query.update_all(query, data, all=all)

    def _changes(self, where: Any, values: Any) -> tuple[ScopeQuery[M], Any]:
        if values is MISSING:
            where, values = None, where
        return self._rows(where), values

    def delete_all(self, where: Any = None, /, *, all: bool = False) -> Count:
        """Delete rows of the scope, and no others."""
        return Query.delete_all(self._rows(where), all=all)

    # ------------------------------------------------------------ more

    @property
    def aio(self) -> ScopeAio[M]:
        """The asynchronous twins: ``await User.adults.aio()``."""
        return ScopeAio(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            method = (self.methods or {}).get(name)
            if method is not None:
                return partial(method, self)
            scope = scope_named(self.model, name)
            if scope is not None and scope.static:
                return ScopeHandle(self.model, scope, base=self)
            canonical = ALIASES.get(name)
            if canonical is not None:
                return getattr(self, canonical)
            known = [n for n in dir(type(self)) if not n.startswith("_")]
            raise no_attribute(self.model, name, [*known, *scope_names(self.model)])

    def __repr__(self) -> str:
        return f"<scope {self.name} {self.to_dict()}>"


#: LoopBack's words for what a scope can do.
ALIASES = {"destroy_all": "delete_all", "update": "update_all", "get_async": "find"}


async def _created(query: ScopeQuery[Any], ops: Any, instance: Any) -> Any:
    if not await ops.holds(query, instance):
        raise InvalidValueError(
            f"this {type(instance).__name__} would be outside of the scope {query.name}",
            code="outside-scope",
            hint=f"values that fulfil {query.to_dict().get('where')}, "
            f"or {type(instance).__name__}.create(…)",
            model=type(instance).__name__,
        )
    return await ops.create(type(instance), instance)


class ScopeAio(QueryAio[M]):
    """What a scope does, to be awaited."""

    __slots__ = ()

    _query: ScopeQuery[M]

    async def __call__(self, given: Any = None, /, *conditions: Any, **options: Any) -> list[M]:
        """All rows of the scope that a filter matches."""
        return await QueryAio.all(self._query._narrowed(given, conditions, options).aio)

    find = __call__

    async def find_one(self, given: Any = None, /, *conditions: Any, **options: Any) -> M | None:
        """The first row of the scope that a filter matches, None when there is none."""
        return await QueryAio.first(self._query._narrowed(given, conditions, options).aio)

    async def find_by_id(self, key: Any, /) -> M | None:
        """The row of a key; None when there is none, or it is outside of the scope."""
        return await QueryAio.first(self._query._of_key(key).aio)

    async def exists(self, where: Any = None, /, **options: Any) -> bool:
        """Whether a row of the scope has this key, or any fulfils the condition."""
        scope = self._query
        query = scope._of_key(where) if is_key(where) else scope._rows(where, options)
        return await QueryAio.exists(query.aio)

    async def count(self, where: Any = None, /, **options: Any) -> int:
        """How many rows of the scope fulfil a condition."""
        query = self._query._rows(where, options)
        return query._clipped(await QueryAio.count(query.aio))

    async def create(self, data: Any = None, /, **values: Any) -> M:
        """A new row that is in the scope."""
        query = self._query
        built = query.build(data, **values)
        found: M = await arun(_created(query, link_of(query.model).aio, built), query._call)
        return found

    async def update_all(self, where: Any, values: Any = MISSING, /, *, all: bool = False) -> Count:
        """Change rows of the scope."""
        query, data = self._query._changes(where, values)
        return await QueryAio.update_all(query.aio, data, all=all)

    async def delete_all(self, where: Any = None, /, *, all: bool = False) -> Count:
        """Delete rows of the scope, and no others."""
        return await QueryAio.delete_all(self._query._rows(where).aio, all=all)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            canonical = ALIASES.get(name)
            if canonical is not None:
                return getattr(self, canonical)
            found = getattr(self._query, name)
            return found.aio if isinstance(found, ScopeHandle) else found


class ScopeHandle:
    """A scope of a class or of an instance, before it has its arguments.

    Calling it asks the store; ``of(…)`` gives it arguments and asks nothing; everything else is a
    :class:`ScopeQuery`'s.
    """

    __slots__ = ("_base", "_instance", "_owner", "_scope")

    def __init__(
        self, owner: Any, scope: Scope, *, instance: Any = None, base: ScopeQuery[Any] | None = None
    ) -> None:
        self._owner = owner
        self._scope = scope
        self._instance = instance
        self._base = base

    def of(self, *args: Any, **named: Any) -> ScopeQuery[Any]:
        """The scope with arguments for its function: ``User.older.of(30).count()``."""
        scope = self._scope
        model = scope.model_of(self._owner)
        found = scope.filter(self._owner, self._instance, args, named)
        base = self._base
        if base is None:
            name = f"{self._owner.__name__}.{scope.name}"
            return ScopeQuery(model, found, {}, name, scope.methods)
        merged = within(Query(model, found), base.filter)
        name = f"{base.name}.{scope.name}"
        return ScopeQuery(model, merged.filter, base.options, name, scope.methods)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """The rows of the scope: the function's arguments first, then a filter."""
        own, mine, rest, asked = self._scope.split(args, options)
        return self.of(*own, **mine)(*rest, **asked)

    @property
    def aio(self) -> _HandleAio:
        """The asynchronous twins: ``await User.older.aio(30)``."""
        return _HandleAio(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.of(), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.of())

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.of().__aiter__()

    def __await__(self) -> Generator[Any, None, list[Any]]:
        return self.of().__await__()

    def __bool__(self) -> bool:
        return bool(self.of())

    def __repr__(self) -> str:
        owner = repr(self._instance) if self._instance is not None else self._owner.__name__
        return f"<scope {self._scope.name} of {owner}>"


class _HandleAio:
    """A scope's asynchronous twins, before it has its arguments."""

    __slots__ = ("_handle",)

    def __init__(self, handle: ScopeHandle) -> None:
        self._handle = handle

    async def __call__(self, *args: Any, **options: Any) -> Any:
        handle = self._handle
        own, mine, rest, asked = handle._scope.split(args, options)
        return await handle.of(*own, **mine).aio(*rest, **asked)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._handle.of().aio, name)


def handle_of(owner: Any, scope: Scope, instance: Any = None) -> ScopeHandle:
    """What stands on a class, or on an instance, under a scope's name."""
    return ScopeHandle(owner, scope, instance=instance)
