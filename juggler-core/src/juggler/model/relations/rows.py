"""The handle of has_many: a scope of the rows whose foreign key is this instance's key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from juggler.errors import NotFoundError
from juggler.model.query import Query
from juggler.model.reads import is_key
from juggler.model.relations import scoping
from juggler.model.relations.handles import Handle, action, data_of
from juggler.model.scopes import within
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.relations.handles import Ops
    from juggler.model.results import Count
    from juggler.query import Condition, Where


class ScopeHandle(Handle, ABC):
    """What all relations to many rows can do, given their scope."""

    __slots__ = ()

    # ------------------------------------------------------------ the scope

    @abstractmethod
    def _conditions(self) -> tuple[Where, ...]:
        """What every row of the scope fulfils."""

    def _query(self, given: Any = None, /, *conditions: Any, **options: Any) -> Query[Any]:
        """A caller's filter within the scope."""
        found = self.relation
        query = self._within(Query.of(found.target, given, *conditions, **options))
        base = scoping.scope_of(found, found.target, self._instance)
        return within(query, base, *self._conditions())

    def _rows(self, where: Any = None, /, **options: Any) -> Query[Any]:
        """The rows of the scope that fulfil a condition, without order and limits."""
        found = self.relation
        query = self._within(Query.of(found.target, where, where_only=True, **options))
        base = scoping.scope_of(found, found.target, self._instance)
        return within(query, type(base)(where=base.where), *self._conditions())

    def _within(self, query: Query[Any]) -> Query[Any]:
        return query

    def where(self, *conditions: Condition | Mapping[str, Any]) -> Query[Any]:
        """A lazy query of the related rows; more conditions narrow it, none widens it."""
        query = self._query()
        return query.where(*conditions) if conditions else query

    # ------------------------------------------------------------ reading

    @action
    async def __call__(
        self, ops: Ops, given: Any = None, /, *conditions: Any, **options: Any
    ) -> list[Any]:
        """The related instances, asked for anew every time; a filter narrows them."""
        query = self._query(None if isinstance(given, bool) else given, *conditions, **options)
        return await ops(query.model).find(query)

    @action
    async def reload(self, ops: Ops) -> list[Any]:
        """Read the related instances and keep them in ``loaded``."""
        query = self._query()
        return self._keep(await ops(query.model).find(query))  # type: ignore[no-any-return]

    @action
    async def find_one(
        self, ops: Ops, given: Any = None, /, *conditions: Any, **options: Any
    ) -> Any:
        """The first related instance that a filter matches, None when there is none."""
        query = self._query(given, *conditions, **options)
        return await ops(query.model).find_one(query)

    @action
    async def find_by_id(self, ops: Ops, key: Any, /) -> Any:
        """The related instance of a key; None when there is none, or it is not related."""
        return await self._one(ops, key)

    async def _one(self, ops: Ops, key: Any) -> Any:
        target = self.relation.target
        query = self._rows().where(scoping.key_condition(target, key))
        return await ops(target).find_one(query)

    async def _required(self, ops: Ops, key: Any) -> Any:
        found = await self._one(ops, key)
        if found is None:
            raise NotFoundError(
                f"{self.relation}: no related row has the key {key!r:.60}",
                model=self.relation.target.__name__,
                key=key,
                hint="find_by_id(…) gives None for such a key",
            )
        return found

    @action
    async def exists(self, ops: Ops, where: Any = None, /, **options: Any) -> bool:
        """Whether a related row has this key, or any fulfils the condition."""
        target = self.relation.target
        if isinstance(where, target):
            where = scoping.key_of(target, where)
        if is_key(where):
            return await self._one(ops, where) is not None
        query = self._rows(where, **options)
        return await ops(target).exists(query)

    @action
    async def count(self, ops: Ops, where: Any = None, /, **options: Any) -> int:
        """How many related rows fulfil a condition."""
        query = self._rows(where, **options)
        return await ops(query.model).count(query)

    # ------------------------------------------------------------ writing

    @action
    async def update_all(
        self, ops: Ops, where: Any, values: Any = MISSING, /, **options: Any
    ) -> Any:
        """Change the related rows that fulfil a condition: ``update_all(where, values)``."""
        if values is MISSING:
            where, values = None, where
        scoping.check_values(self.relation, values)
        query = self._rows(where, **options)
        return await ops(query.model).update_all(query, values)

    @action
    async def delete_all(self, ops: Ops, where: Any = None, /, **options: Any) -> Any:
        """Delete the related rows that fulfil a condition, and no others."""
        query = self._rows(where, **options)
        return await self._delete(ops, query)

    async def _delete(self, ops: Ops, query: Query[Any]) -> Any:
        return await ops(query.model).delete_all(query)

    @action
    async def update_by_id(self, ops: Ops, key: Any, values: Any, /) -> Any:
        """Change the related row of a key.

        Raises:
            NotFoundError: there is none, or it is not related.
        """
        scoping.check_values(self.relation, values)
        found = await self._required(ops, key)
        return await ops(type(found)).patch(found, values, None)

    @action
    async def delete_by_id(self, ops: Ops, key: Any, /) -> bool:
        """Delete the related row of a key: False when there is none, or it is not related."""
        query = self._rows().where(scoping.key_condition(self.relation.target, key))
        done: Count = await self._delete(ops, query)
        return bool(done.changed if done.changed is not None else done.matched)


class HasManyHandle(ScopeHandle):
    """Rows of another model that refer to this one."""

    __slots__ = ()

    def _conditions(self) -> tuple[Where, ...]:
        found = self.relation
        return scoping.matching(found.pairs, self._instance), scoping.typed(found)

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new related instance, not stored yet."""
        found = self.relation
        given = data_of(found.target, data, values)
        other = found.target(scoping.forced(found, self._instance, given))
        scoping.taken(found, self._instance, other)
        return other

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new related instance, stored."""
        target = self.relation.target
        if isinstance(data, target):
            given = scoping.forced(self.relation, self._instance, data_of(target, data, values))
            for name, value in given.items():
                data[name] = value
        else:
            data = self.build(data, **values)
        other = await ops(target).create(target, data)
        scoping.taken(self.relation, self._instance, other)
        return other

    @action
    async def add(self, ops: Ops, other: Any, /) -> Any:
        """Let a stored row, given as instance or key, refer to this instance."""
        found = self.relation
        other = await scoping.stored(ops, found.target, other)
        keys = scoping.forced(found, self._instance, {})
        return await ops(found.target).patch(other, keys, None)

    @action
    async def remove(self, ops: Ops, other: Any, /) -> Any:
        """Take the foreign key out of a related row, given as instance or key.

        Raises:
            NotFoundError: it is not related.
        """
        found = self.relation
        target = found.target
        if isinstance(other, target):
            scoping.check_instance(found, target, other)
            stored = await self._required(ops, scoping.key_of(target, other))
        else:
            stored = await self._required(ops, other)
        empty = dict.fromkeys((*found.others, *filter(None, (found.type_property,))))
        done = await ops(target).patch(stored, empty, None)
        if isinstance(other, target):
            for name in empty:
                other[name] = None
        return done
