"""The handles of embeds_one and embeds_many: parts of this row that are managed like rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.errors import DuplicateKeyError, InvalidQueryError, NotFoundError
from juggler.model.query import Query
from juggler.model.relations import scoping
from juggler.model.relations.handles import Handle, action, check_instance, data_of
from juggler.model.relations.picking import picker
from juggler.query import Condition
from juggler.values.ids import new_key
from juggler.values.missing import MISSING

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
        return found.target({**given, **scoping.copied(found, self._instance, given)})

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
        """Put what is left, between the hooks of what goes."""
        target, owner = self.relation.target, ops(type(self._instance))
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
            check_instance(self.relation, self.relation.target, other)
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
        other = self._new(data, values)
        await self._store(ops, other)
        return self.value

    @action
    async def update(self, ops: Ops, values: Any = None, /, **more: Any) -> Any:
        """Change the embedded instance; None when there is none."""
        if self.value is None:
            return None
        changed = _changed(self.relation.target, self.value, {**(values or {}), **more})
        await self._store(ops, changed)
        return self.value

    @action
    async def delete(self, ops: Ops) -> bool:
        """Embed nothing any more: False when there was nothing."""
        if self.value is None:
            return False
        await self._drop(ops, None, self.value)
        return True


class EmbedsManyHandle(EmbedsHandle):
    """Embedded instances that are managed like rows; their keys are unique in the list."""

    __slots__ = ()

    def _all(self) -> list[Any]:
        return list(self.value or ())

    @action
    async def __call__(self, ops: Ops, given: Any = None, /) -> list[Any]:
        """The embedded instances, or those that a filter means; no request."""
        del ops
        return self._select(None if isinstance(given, bool) else given)

    def _select(self, given: Any, *, where_only: bool = False) -> list[Any]:
        target = self.relation.target
        query = Query.of(target, given, where_only=where_only)
        if query.include_:
            raise InvalidQueryError(
                f"{self.relation}: a handle of embedded instances includes nothing",
                code="bad-include",
                hint=f"{self.relation.model.__name__}.find(include={{{self._name!r}: …}})",
                model=target.__name__,
            )
        return picker(target, query)(self._all())

    @action
    async def find_by_id(self, ops: Ops, key: Any, /) -> Any:
        """The embedded instance of a key, None when there is none."""
        del ops
        return next((one for one in self._all() if _key(self.relation.target, one) == key), None)

    def at(self, index: int) -> Any:
        """The embedded instance at a place of the list, None beyond its end."""
        held = self._all()
        return held[index] if -len(held) <= index < len(held) else None

    @action
    async def count(self, ops: Ops, where: Any = None, /) -> int:
        """How many embedded instances fulfil a condition."""
        del ops
        return len(self._select(where, where_only=True))

    @action
    async def find_one(self, ops: Ops, given: Any = None, /) -> Any:
        """The first embedded instance that a filter means, None when there is none."""
        del ops
        return next(iter(self._select(given)), None)

    @action
    async def exists(self, ops: Ops, where: Any = None, /) -> bool:
        """Whether an embedded instance has this key, or any fulfils the condition."""
        del ops
        if where is None or isinstance(where, Mapping | Condition):
            return bool(self._select(where, where_only=True))
        return any(_key(self.relation.target, one) == where for one in self._all())

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, put into the list, not stored."""
        other = self._new(data, values)
        self._instance[self.relation.held] = self._with(other)
        return other

    def _with(self, other: Any) -> list[Any]:
        """The list with one more, which gets the next key if it has none."""
        target, held = self.relation.target, self._all()
        names = target.__definition__.ids
        if len(names) == 1:
            name, taken = names[0], [_key(target, one) for one in held]
            if other[name] is None:
                other[name] = _next(target.__definition__.properties[name], taken)
            elif other[name] is not None and other[name] in taken:
                raise DuplicateKeyError(
                    f"{self.relation}: there is one with the key {other[name]!r} already",
                    model=target.__name__,
                    key=other[name],
                    hint=f"{self._name}.update_by_id(…)",
                )
        return [other, *held] if self._prepends else [*held, other]

    @property
    def _prepends(self) -> bool:
        return bool((self.relation.options.get("options") or {}).get("prepend"))

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, stored with this row."""
        other = self._new(data, values)
        await self._store(ops, self._with(other))
        return self._all()[0 if self._prepends else -1]

    add = create

    @action
    async def update_by_id(self, ops: Ops, key: Any, values: Any, /) -> Any:
        """Change the embedded instance of a key.

        Raises:
            NotFoundError: there is none.
        """
        held, at = self._place(key)
        held[at] = _changed(self.relation.target, held[at], values)
        await self._store(ops, held)
        return self._all()[at]

    @action
    async def update_all(self, ops: Ops, where: Any, values: Any = MISSING, /) -> int:
        """Change the embedded instances that fulfil a condition; how many they were.

        ``update_all(where, values)``, or ``update_all(values)`` for all of them.
        """
        if values is MISSING:
            where, values = None, where
        chosen = {id(one) for one in self._select(where, where_only=True)}
        target = self.relation.target
        if chosen:
            changed = [
                _changed(target, one, values) if id(one) in chosen else one for one in self._all()
            ]
            await self._store(ops, changed)
        return len(chosen)

    @action
    async def delete_by_id(self, ops: Ops, key: Any, /) -> bool:
        """Take the embedded instance of a key out: False when there is none."""
        if not any(_key(self.relation.target, one) == key for one in self._all()):
            return False
        held, at = self._place(key)
        await self._drop(ops, held[:at] + held[at + 1 :], held[at])
        return True

    @action
    async def remove(self, ops: Ops, other: Any, /) -> bool:
        """Take an embedded instance out, given as instance or key."""
        target = self.relation.target
        key = _key(target, other) if isinstance(other, target) else other
        return await type(self).delete_by_id.__action__(self, ops, key)  # type: ignore[attr-defined,no-any-return]

    @action
    async def delete_all(self, ops: Ops, where: Any = None, /) -> int:
        """Take out the embedded instances that fulfil a condition; how many they were."""
        gone = self._select(where, where_only=True)
        ids = {id(one) for one in gone}
        if gone:
            left = [one for one in self._all() if id(one) not in ids]
            await self._drop(ops, left, *gone)
        return len(gone)

    def _place(self, key: Any) -> tuple[list[Any], int]:
        held = self._all()
        for at, one in enumerate(held):
            if _key(self.relation.target, one) == key:
                return held, at
        raise NotFoundError(
            f"{self.relation}: no embedded instance has the key {key!r:.60}",
            model=self.relation.target.__name__,
            key=key,
        )


def _key(target: Any, one: Any) -> Any:
    names = target.__definition__.ids
    values = tuple(one[name] for name in names)
    return values[0] if len(values) == 1 else values or MISSING


def _next(prop: Any, taken: list[Any]) -> Any:
    """A key that is not taken: a text or UUID at random, else the number above the highest."""
    made = new_key(prop.type)
    if made is None and not any(isinstance(key, str) for key in taken):
        made = max((key for key in taken if key is not None), default=0) + 1
    return made


def _changed(target: Any, one: Any, values: Any) -> Any:
    """A copy with changes: the one that is there stays as it is until the change is stored."""
    return target({**target.__codec__.given(one), **dict(values)})
