"""The handle of embeds_many: a list of embedded instances that are managed like rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import DuplicateKeyError, NotFoundError
from juggler.model.query import Query
from juggler.model.relations import scoping
from juggler.model.relations.embeds import EmbedsHandle, changed
from juggler.model.relations.handles import action, handle_of
from juggler.model.relations.picking import picker
from juggler.model.relations.resolve import relation
from juggler.model.scopes import within
from juggler.query import Condition, Filter
from juggler.values.ids import new_key
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.model.relations.handles import Ops
    from juggler.model.relations.resolve import Relation


class EmbedsManyHandle(EmbedsHandle):
    """Embedded instances that are managed like rows; their keys are unique in the list."""

    __slots__ = ()

    def _all(self) -> list[Any]:
        return list(self.value or ())

    @action
    async def __call__(self, ops: Ops, given: Any = None, /) -> list[Any]:
        """The embedded instances, or those that a filter means; only an include is a request."""
        query = self._query(None if isinstance(given, bool) else given)
        found = self._pick(query)
        if query.include_:
            await ops(type(self._instance)).include(query.model, found, list(query.include_))
        return found

    def _query(self, given: Any, *, where_only: bool = False) -> Query[Any]:
        """A caller's filter within the relation's scope."""
        found = self.relation
        query = Query.of(found.target, given, where_only=where_only)
        base = scoping.scope_of(found, found.target, self._instance)
        return within(query, Filter(where=base.where) if where_only else base)

    def _pick(self, query: Query[Any]) -> list[Any]:
        bare = evolve(query, filter=evolve(query.filter, include=None))
        return picker(query.model, bare)(self._all())

    def _select(self, where: Any) -> list[Any]:
        return self._pick(self._query(where, where_only=True))

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
        return len(self._select(where))

    @action
    async def find_one(self, ops: Ops, given: Any = None, /) -> Any:
        """The first embedded instance that a filter means, None when there is none."""
        found = await type(self).__call__.__action__(self, ops, given)  # type: ignore[attr-defined]
        return next(iter(found), None)

    @action
    async def exists(self, ops: Ops, where: Any = None, /) -> bool:
        """Whether an embedded instance has this key, or any fulfils the condition."""
        del ops
        if where is None or isinstance(where, Mapping | Condition):
            return bool(self._select(where))
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
            made = not self.relation.option("persistent")
            if made and (other[name] is None or self.relation.option("forceId")):
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
        return self.relation.option("prepend")

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, stored with this row."""
        return await self._add(ops, self._new(data, values))

    async def _add(self, ops: Ops, other: Any) -> Any:
        other = await self._written(ops, other)
        await self._store(ops, self._with(other))
        return self._all()[0 if self._prepends else -1]

    @action
    async def add(self, ops: Ops, other: Any = None, data: Any = None, /, **values: Any) -> Any:
        """A new embedded instance, stored with this row: the same as ``create``.

        With the relation's ``belongsTo``, one that refers to ``other``: a stored row of the model
        that it leads to, or its key; ``data`` and ``values`` are the rest.

        Raises:
            NotFoundError: there is no such row.
        """
        link = self._link
        if link is None:
            return await self._add(ops, self._new(other, {**(data or {}), **values}))
        if link.target is not None:
            other = await scoping.stored(ops, link.target, other)
        new = self._new(data, values)
        handle_of(new, link.name).set(other)
        return await self._add(ops, new)

    @property
    def _link(self) -> Relation | None:
        """The relation of what is embedded that the word ``belongsTo`` names."""
        name = self.relation.options.get("belongsTo")
        return relation(self.relation.target, name) if name else None

    @action
    async def update_by_id(self, ops: Ops, key: Any, values: Any, /) -> Any:
        """Change the embedded instance of a key.

        Raises:
            NotFoundError: there is none.
        """
        held, at = self._place(key)
        held[at] = await self._written(ops, changed(self.relation.target, held[at], values))
        await self._store(ops, held)
        return self._all()[at]

    @action
    async def update_all(self, ops: Ops, where: Any, values: Any = MISSING, /) -> int:
        """Change the embedded instances that fulfil a condition; how many they were.

        ``update_all(where, values)``, or ``update_all(values)`` for all of them.
        """
        if values is MISSING:
            where, values = None, where
        chosen = {id(one) for one in self._select(where)}
        target = self.relation.target
        if chosen:
            now = self._all()
            for at, one in enumerate(now):
                if id(one) in chosen:
                    now[at] = await self._written(ops, changed(target, one, values))
            await self._store(ops, now)
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
        """Take an embedded instance out, given as instance or key.

        With the relation's ``belongsTo``, those that refer to ``other``, a row or its key.
        """
        target, link = self.relation.target, self._link
        if link is not None and not isinstance(other, target):
            wanted = await self._referring(ops, link, other)
            return await self._take(ops, [one for one in self._all() if wanted(one)]) > 0
        key = _key(target, other) if isinstance(other, target) else other
        return await type(self).delete_by_id.__action__(self, ops, key)  # type: ignore[attr-defined,no-any-return]

    async def _referring(self, ops: Ops, link: Relation, other: Any) -> Callable[[Any], bool]:
        """Whether an embedded instance refers to a row, given as instance or key."""
        target = link.target
        if target is None or isinstance(other, target) or link.others != target.__definition__.ids:
            row = other if target is None else await scoping.stored(ops, target, other)
            keys = scoping.keys_to(link, row)
        else:
            keys = dict(zip(link.own, scoping.key_of(target, other), strict=True))
        return lambda one: all(one[name] == value for name, value in keys.items())

    @action
    async def delete_all(self, ops: Ops, where: Any = None, /) -> int:
        """Take out the embedded instances that fulfil a condition; how many they were."""
        return await self._take(ops, self._select(where))

    async def _take(self, ops: Ops, gone: list[Any]) -> int:
        """Take embedded instances out; how many they were."""
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
