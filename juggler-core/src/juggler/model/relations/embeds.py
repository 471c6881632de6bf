"""Embedded instances that are managed like rows, and the handle of embeds_one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import DuplicateKeyError
from juggler.model.relations import scoping
from juggler.model.relations.handles import Handle, action, data_of

if TYPE_CHECKING:
    from juggler.model.relations.handles import Ops


class EmbedsHandle(Handle):
    """What both have in common: reading is no I/O, writing stores this row's property."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """What is embedded, as it is now."""
        return self._instance[self.relation.held]

    def _new(self, data: Any, values: Any) -> Any:
        found = self.relation
        if isinstance(data, found.target):
            return data
        given = data_of(found.target, data, values)
        other = found.target({**given, **scoping.copied(found, self._instance, given)})
        scoping.taken(found, self._instance, other)
        return other

    async def _written(self, ops: Ops, other: Any) -> Any:
        """What to embed of a new or changed instance.

        Of a persistent relation that is a copy of the other model's row, which is written first.
        """
        if not self.relation.option("persistent"):
            return other
        target = self.relation.target
        row = await ops(target).upsert(target, _given(target, other))
        return target(target.__codec__.given(row))

    async def _store(self, ops: Ops, value: Any) -> None:
        """Put the property's new value, and store it if this row is stored.

        The hooks of what is made or changed run with those of this row.  A failed rule or hook
        leaves the property as it was.
        """
        instance, held = self._instance, self.relation.held
        if instance._row is None:
            instance[held] = value
        else:
            await ops(type(instance)).patch(instance, {held: value}, None)

    async def _drop(self, ops: Ops, value: Any, *gone: Any) -> None:
        """Put what is left, between the hooks of what goes; of copies of rows the rows stay."""
        target, owner = self.relation.target, ops(type(self._instance))
        if self.relation.option("persistent"):
            gone = ()
        for one in gone:
            await owner.embedded(target, one, "before_delete")
        await self._store(ops, value)
        for one in gone:
            await owner.embedded(target, one, "after_delete")


class EmbedsOneHandle(EmbedsHandle):
    """An embedded instance that is managed like a row."""

    __slots__ = ()

    @action
    async def __call__(self, ops: Ops, refresh: Any = None, /, *, reload: bool = False) -> Any:
        """The embedded instance, None when there is none; no request unless ``reload``."""
        if refresh or reload:
            await ops(type(self._instance)).reload(self._instance)
        return self.value

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, not stored."""
        other = self._new(data, values)
        self._instance[self.relation.held] = other
        return other

    def set(self, other: Any, /) -> None:
        """Embed another instance, or None; ``save()`` stores it."""
        if other is not None:
            scoping.check_instance(self.relation, self.relation.target, other)
        self._instance[self.relation.held] = other

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, stored with this row.

        Raises:
            DuplicateKeyError: ``has-one-taken``: there is one already.
        """
        if self.value is not None:
            raise DuplicateKeyError(
                f"{self.relation}: there is one already",
                code="has-one-taken",
                hint=f"{self._name}.update(…), or delete it first",
                model=self.relation.target.__name__,
            )
        other = await self._written(ops, self._new(data, values))
        await self._store(ops, other)
        return self.value

    @action
    async def update(self, ops: Ops, values: Any = None, /, **more: Any) -> Any:
        """Change the embedded instance; None when there is none."""
        if self.value is None:
            return None
        other = changed(self.relation.target, self.value, {**(values or {}), **more})
        await self._store(ops, await self._written(ops, other))
        return self.value

    @action
    async def delete(self, ops: Ops) -> bool:
        """Embed nothing any more: False when there was nothing."""
        if self.value is None:
            return False
        await self._drop(ops, None, self.value)
        return True


def _given(target: Any, one: Any) -> dict[str, Any]:
    """The values of an instance, without a key that is still to be made."""
    values: dict[str, Any] = target.__codec__.given(one)
    return {
        name: value
        for name, value in values.items()
        if value is not None or name not in target.__definition__.ids
    }


def changed(target: Any, one: Any, values: Any) -> Any:
    """A copy with changes: the one that is there stays as it is until the change is stored."""
    return target({**target.__codec__.given(one), **dict(values)})
