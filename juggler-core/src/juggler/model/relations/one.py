"""The handles of belongs_to and has_one: fetched once, and again when the key changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from juggler.errors import DuplicateKeyError, InvalidValueError
from juggler.model.query import Query
from juggler.model.relations import scoping
from juggler.model.relations.handles import Handle, action, data_of
from juggler.model.relations.kept import forget, kept
from juggler.model.scopes import within
from juggler.query import Filter
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from juggler.model.relations.handles import Ops


class OneHandle(Handle, ABC):
    """What relations to one row have in common."""

    __slots__ = ()

    @action
    async def __call__(self, ops: Ops, refresh: Any = None, /, *, reload: bool = False) -> Any:
        """The related instance, None when there is none; kept until the key changes.

        Args:
            ops: the operations (handed in by the colour).
            refresh: the same as ``reload`` (the original's boolean).
            reload: ask again.
        """
        if not isinstance(refresh, bool | None):
            raise InvalidValueError(
                f"{self.relation} is called with a boolean, not with {refresh!r:.60}",
                code="wrong-model",
                hint=f"assign it: .{self._name} = other, or .{self._name}.set(other)",
            )
        return await self._get(ops, again=bool(refresh) or reload)

    @action
    async def reload(self, ops: Ops) -> Any:
        """Ask the store again."""
        return await self._get(ops, again=True)

    async def _get(self, ops: Ops, *, again: bool) -> Any:
        found = MISSING if again else kept(self._instance, self.relation)
        return self._keep(await self._fetch(ops)) if found is MISSING else found

    @abstractmethod
    async def _fetch(self, ops: Ops) -> Any:
        """Ask for the related row."""

    @action
    async def exists(self, ops: Ops) -> bool:
        """Whether there is a related row."""
        return await self._fetch(ops) is not None

    @action
    async def update(self, ops: Ops, values: Any = None, /, **more: Any) -> Any:
        """Change the related row; None when there is none."""
        scoping.check_values(self.relation, {**(values or {}), **more})
        found = await self._get(ops, again=False)
        if found is None:
            return None
        return await ops(type(found)).patch(found, {**(values or {}), **more}, None)

    def _scoped(self, *conditions: Any, target: Any) -> Query[Any]:
        base = scoping.scope_of(self.relation, target, self._instance)
        where = Filter(where=base.where, fields=base.fields, include=base.include)
        return within(Query(target), where, *conditions)


class BelongsToHandle(OneHandle):
    """The row of another model that this one refers to."""

    __slots__ = ()

    @property
    def id(self) -> Any:
        """The key that this instance refers to; nothing is fetched."""
        values = tuple(self._instance[name] for name, _ in self.relation.pairs)
        if any(value is None for value in values):
            return None
        return values[0] if len(values) == 1 else values

    async def _fetch(self, ops: Ops) -> Any:
        found = self.relation
        target = found.target_of(self._instance)
        if target is None or self.id is None:
            return None
        names = tuple(theirs for _, theirs in found.pairs)
        if names == target.__definition__.ids and not found.options.get("scope"):
            key = tuple(self._instance[name] for name, _ in found.pairs)
            return await ops(target).find_by_id(target, key, None, None)
        query = self._scoped(scoping.matching(found.pairs, self._instance), target=target)
        return await ops(target).find_one(query)

    def set(self, other: Any, /) -> None:
        """Refer to another instance, or with None to none; ``save()`` stores it.

        Raises:
            InvalidValueError: ``wrong-model``.
            NotFoundError: ``not-stored`` when the other has no key yet.
        """
        self._refer(other)

    def _refer(self, other: Any) -> dict[str, Any]:
        """Refer to another instance or to none: what that sets in this one."""
        found = self.relation
        if other is None:
            values: dict[str, Any] = dict.fromkeys(name for name, _ in found.pairs)
            if found.type_property:
                values[found.type_property] = None
        else:
            values = scoping.keys_to(found, other)
        for name, value in values.items():
            self._instance[name] = value
        values |= scoping.taken(found, self._instance, other)
        if other is None:
            forget(self._instance, self._name)
        else:
            self._keep(other)
        return values

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new instance of the other model, not stored; ``set`` it once it is saved."""
        found = self.relation
        target = self._known(found.target)
        given = data_of(target, data, values)
        other = target({**given, **scoping.copied(found, self._instance, given)})
        scoping.taken(found, self._instance, other)
        return other

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new instance of the other model, stored and referred to.

        The reference is stored, too, if this instance is.
        """
        target = self._known(self.relation.target)
        other = await ops(target).create(target, self.build(data, **values))
        await self._store(ops, self._refer(other))
        return other

    @action
    async def remove(self, ops: Ops) -> None:
        """Refer to nothing any more; the other row stays."""
        await self._store(ops, self._refer(None))

    async def _store(self, ops: Ops, values: dict[str, Any]) -> None:
        if self._instance._row is not None:
            await ops(type(self._instance)).patch(self._instance, values, None)

    def _known(self, target: Any) -> Any:
        if target is None:
            raise InvalidValueError(
                f"{self.relation} leads to several models",
                code="polymorphic-target",
                hint="create the other row by its model, then assign it",
                model=self.relation.model.__name__,
            )
        return target


class HasOneHandle(OneHandle):
    """The one row of another model that refers to this one."""

    __slots__ = ()

    @property
    def id(self) -> Any:
        """The key of the related row that was loaded.

        Raises:
            InvalidValueError: ``not-loaded``: the key is not known before.
        """
        other = self.loaded
        if other is None:
            raise InvalidValueError(
                f"{self.relation}: the related row was not loaded",
                code="not-loaded",
                hint=f"call it: {self._name}()",
                model=self.relation.model.__name__,
            )
        return other.id

    def _match(self) -> tuple[Any, ...]:
        found = self.relation
        return scoping.matching(found.pairs, self._instance), scoping.typed(found)

    async def _fetch(self, ops: Ops) -> Any:
        target = self.relation.target
        return await ops(target).find_one(self._scoped(*self._match(), target=target))

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new related instance, not stored yet."""
        found = self.relation
        given = data_of(found.target, data, values)
        other = found.target(scoping.forced(found, self._instance, given))
        scoping.taken(found, self._instance, other)
        return other

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new related instance, stored.

        Raises:
            DuplicateKeyError: ``has-one-taken``: there is one already.
        """
        target = self.relation.target
        other = self.build(data, **values)
        if await ops(target).exists(Query(target).where(*self._match())):
            raise DuplicateKeyError(
                f"{self.relation}: there is a {target.__name__} already",
                code="has-one-taken",
                hint=f"change it with {self._name}.update(…), or delete it first",
                model=target.__name__,
            )
        return self._keep(await ops(target).create(target, other))

    def set(self, other: Any, /) -> None:
        """Give another instance this one's key; its ``save()`` stores it."""
        found = self.relation
        if other is None:
            raise InvalidValueError(
                f"{found}: the key is in the other row",
                code="foreign-key",
                hint=f"{self._name}.remove() or {self._name}.delete()",
                model=found.model.__name__,
            )
        scoping.check_instance(found, found.target, other)
        for name, value in scoping.forced(found, self._instance, {}).items():
            other[name] = value
        scoping.taken(found, self._instance, other)
        self._keep(other)

    @action
    async def delete(self, ops: Ops) -> bool:
        """Delete the related row: False when there is none."""
        found = await self._fetch(ops)
        forget(self._instance, self._name)
        return False if found is None else bool(await ops(type(found)).delete(found, None))

    @action
    async def remove(self, ops: Ops) -> None:
        """Take the foreign key out of the related row; the row stays."""
        found, other = self.relation, await self._fetch(ops)
        forget(self._instance, self._name)
        if other is not None:
            empty = dict.fromkeys((*found.others, *filter(None, (found.type_property,))))
            await ops(found.target).patch(other, empty, None)
