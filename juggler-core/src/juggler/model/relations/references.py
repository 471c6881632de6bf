"""The handle of references_many: rows whose keys this instance lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.model.relations import scoping
from juggler.model.relations.handles import action, data_of
from juggler.model.relations.listed import entry_of, keys_of
from juggler.model.relations.rows import ScopeHandle
from juggler.model.relations.scopes import RelatedQuery

if TYPE_CHECKING:
    from juggler.model.query import Query
    from juggler.model.relations.handles import Ops
    from juggler.query import Where


class ReferencesManyHandle(ScopeHandle):
    """Rows of another model whose keys this one lists, in the order of the list."""

    __slots__ = ()

    def _conditions(self) -> tuple[Where, ...]:
        return ()

    def _within(self, query: Query[Any]) -> Query[Any]:
        return RelatedQuery(query.model, query.filter, query.options, self.relation, self._instance)

    @property
    def ids(self) -> list[Any]:
        """The keys that are listed, as they stand in the list; nothing is fetched."""
        return list(self._instance[self.relation.held] or ())

    @action
    async def __call__(
        self, ops: Ops, given: Any = None, /, *conditions: Any, **options: Any
    ) -> list[Any]:
        """The related instances in the order of the list, unless the filter has one."""
        query = self._query(None if isinstance(given, bool) else given, *conditions, **options)
        return await self._listed(ops, query)

    @action
    async def reload(self, ops: Ops) -> list[Any]:
        """Read the related instances and keep them in ``loaded``."""
        return self._keep(await self._listed(ops, self._query()))  # type: ignore[no-any-return]

    async def _listed(self, ops: Ops, query: Query[Any]) -> list[Any]:
        if query.order_ or query.fields_ is not None:
            return await ops(query.model).find(query)
        found = await ops(query.model).find(query.limit(None).skip(0))
        place = {key: at for at, key in reversed(list(enumerate(self._keys())))}
        found.sort(key=lambda one: place[self._key(one)])
        end = None if query.limit_ is None else query.skip_ + query.limit_
        return found[query.skip_ : end]

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new instance of the other model, stored, its key listed."""
        target = self.relation.target
        given = data_of(target, data, values)
        copied = scoping.copied(self.relation, self._instance, given)
        other = await ops(target).create(target, {**given, **copied})
        scoping.taken(self.relation, self._instance, other)
        await self._list(ops, [*self.ids, entry_of(self.relation, self._key(other))])
        return other

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new instance of the other model, not stored and not listed: ``add`` it once it is."""
        target = self.relation.target
        return target(data_of(target, data, values))

    @action
    async def add(self, ops: Ops, other: Any, /) -> Any:
        """List a stored row, given as instance or key.

        Raises:
            InvalidValueError: ``listed-already``; nothing changed then.
            NotFoundError: there is no such row.
        """
        found = self.relation
        other = await scoping.stored(ops, found.target, other)
        key = self._key(other)
        value = entry_of(found, key)
        if key in self._keys():
            raise InvalidValueError(
                f"{found} lists {value!r} already",
                code="listed-already",
                hint=f"{self._name}.exists({value!r}) tells",
                field=found.held,
                model=found.model.__name__,
            )
        await self._list(ops, [*self.ids, value])
        return other

    @action
    async def remove(self, ops: Ops, other: Any, /) -> None:
        """Take a row, given as instance or key, off the list; the row stays."""
        await self._without(ops, {self._key(other)})

    async def _without(self, ops: Ops, gone: set[Any]) -> None:
        pairs = zip(self.ids, self._keys(), strict=True)
        await self._list(ops, [entry for entry, key in pairs if key not in gone])

    async def _list(self, ops: Ops, keys: list[Any]) -> None:
        instance, held = self._instance, self.relation.held
        if instance._row is None:
            instance[held] = keys
        else:
            await ops(type(instance)).patch(instance, {held: keys}, None)

    async def _delete(self, ops: Ops, query: Query[Any]) -> Any:
        """Delete listed rows, and take them off the list."""
        needed = dict.fromkeys((*query.model.__definition__.ids, *self.relation.others))
        gone = {self._key(row) for row in await ops(query.model).find(query.fields(*needed))}
        done = await ops(query.model).delete_all(query)
        await self._without(ops, gone)
        return done

    def _keys(self) -> list[tuple[Any, ...]]:
        return keys_of(self.relation)(self._instance)

    def _key(self, other: Any) -> tuple[Any, ...]:
        """The key by which a row is listed."""
        found = self.relation
        if isinstance(other, found.target):
            values = tuple(other[name] for name in found.others)
            if any(value is None for value in values):
                raise scoping.unsaved(other)
            return values
        return scoping.key_of(found.target, other)
