"""The handle of relations through a joining model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import CapabilityError
from juggler.model.query import Query
from juggler.model.reads import is_key
from juggler.model.relations import scoping
from juggler.model.relations.handles import action, data_of
from juggler.model.relations.rows import ScopeHandle
from juggler.model.relations.scopes import RelatedQuery
from juggler.query.tree import TRUE, In, any_of

if TYPE_CHECKING:
    from juggler.model.relations.handles import Ops
    from juggler.model.relations.resolve import Joining
    from juggler.query import Where


class ThroughHandle(ScopeHandle):
    """Rows of another model that a joining model connects with this one."""

    __slots__ = ()

    def _conditions(self) -> tuple[Where, ...]:
        return ()

    def _within(self, query: Query[Any]) -> Query[Any]:
        return RelatedQuery(query.model, query.filter, query.options, self.relation, self._instance)

    @property
    def _joining(self) -> Joining:
        joining = self.relation.through
        assert joining is not None  # noqa: S101 - this handle is chosen by it
        return joining

    def _links(self, *keys: tuple[Any, ...]) -> Query[Any]:
        """The joining rows of this instance with these rows of the other side."""
        joining = self._joining
        names = [name for _, name in joining.other]
        return Query(joining.model).where(
            scoping.matching(joining.own, self._instance),
            scoping.linking(joining),
            any_of(*(scoping.equal(names, key) for key in keys)),
        )

    # ------------------------------------------------------------ connecting

    @action
    async def create(self, ops: Ops, data: Any = None, /, **values: Any) -> Any:
        """A new instance of the other model, stored and connected."""
        self._own()
        target = self.relation.target
        given = data_of(target, data, values)
        copied = scoping.copied(self.relation, self._instance, given)
        other = await ops(target).create(target, {**given, **copied})
        await self._connect(ops, self._referred(other), {})
        scoping.taken(self.relation, self._instance, other)
        return other

    @action
    async def add(self, ops: Ops, other: Any, data: Any = None, /, **values: Any) -> Any:
        """Connect a stored row, given as instance or key; once, however often it is added.

        Args:
            ops: the operations (handed in by the colour).
            other: an instance of the other model, or its key.
            data: values for the joining row.
            **values: the same by keyword.

        Returns:
            The joining row.

        Raises:
            NotFoundError: there is no such row.
        """
        self._own()
        found = self.relation
        other = await scoping.stored(ops, found.target, other)
        given = data_of(self._joining.model, data, values)
        return await self._connect(ops, self._referred(other), given)

    async def _connect(self, ops: Ops, key: tuple[Any, ...], data: dict[str, Any]) -> Any:
        joining = self._joining
        values = dict(data)
        for (_, name), value in zip(joining.other, key, strict=True):
            values[name] = value
        for mine, name in joining.own:
            values[name] = self._instance[mine]
        if joining.type_property:
            values[joining.type_property] = joining.type_name
        link, _ = await ops(joining.model).find_or_create(self._links(key), values)
        return link

    @action
    async def remove(self, ops: Ops, other: Any, /) -> Any:
        """Disconnect a row, given as instance or key; the row stays."""
        query = self._links(self._referred(other))
        return await ops(query.model).delete_all(query)

    @action
    async def exists(self, ops: Ops, where: Any = None, /, **options: Any) -> bool:
        """Whether this instance or key is connected, or any related row fulfils the condition."""
        if isinstance(where, self.relation.target) or is_key(where):
            query = self._links(self._referred(where))
            return await ops(query.model).exists(query)
        rows = self._rows(where, **options)
        return await ops(rows.model).exists(rows)

    async def _delete(self, ops: Ops, query: Query[Any]) -> Any:
        """Delete related rows; the joining rows of those go first, whoever they connect."""
        found, joining = self.relation, self._joining
        needed = dict.fromkeys((*found.target.__definition__.ids, *found.others))
        rows = await ops(found.target).find(query.fields(*needed))
        names = [name for _, name in joining.other]
        matched, changed = len(rows), 0
        for start in range(0, len(rows), _WAVE):
            wave = rows[start : start + _WAVE]
            links = Query(joining.model).where(
                _one_of(names, [self._referred(row) for row in wave]),
                scoping.linking(joining) if joining.inverse else TRUE,
            )
            await ops(joining.model).delete_all(links)
            ids = found.target.__definition__.ids
            keyed = _one_of(ids, [tuple(row[name] for name in ids) for row in wave])
            done = await ops(found.target).delete_all(Query(found.target).where(keyed))
            changed += done.changed if done.changed is not None else len(wave)
        return Deleted(matched, changed)

    def _referred(self, other: Any) -> tuple[Any, ...]:
        """The values by which joining rows refer to a row of the other side."""
        found = self.relation
        if isinstance(other, found.target):
            values = tuple(other[name] for name in found.others)
            if any(value is None for value in values):
                raise scoping.unsaved(other)
            return values
        return scoping.key_of(found.target, other)

    def _own(self) -> None:
        if any(self._instance[mine] is None for mine, _ in self._joining.own):
            raise scoping.unsaved(self._instance)

    def build(self, data: Any = None, /, **values: Any) -> Any:
        """Refused: a row that is not stored cannot be connected.

        Raises:
            CapabilityError: ``build-through``.
        """
        del data, values
        raise CapabilityError(
            f"{self.relation} cannot build: a row has to be stored to be connected",
            code="build-through",
            feature="build",
            hint=f"{self._name}.create(…), or {self._name}.add(other) after other.save()",
        )


@frozen
class Deleted:
    """How many related rows were found and deleted."""

    matched: int
    changed: int
    conflicts: int = 0

    def __int__(self) -> int:
        return self.changed


#: Rows per request of a delete.
_WAVE = 256


def _one_of(names: Any, keys: list[tuple[Any, ...]]) -> Where:
    if len(names) == 1:
        return In(names[0], tuple(key[0] for key in keys))
    return any_of(*(scoping.equal(names, key) for key in keys))
