"""Conditions on related rows as a plan of two steps: their keys first, then the rows.

``{"customer.country": "IT"}`` asks for the customers of that country, then for the rows whose
key is one of theirs.  Of a relation to many it means that some related row fulfils the condition,
and its negative that none does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector.port import SyncPort
from juggler.errors import CapabilityError, CostGuardError, InvalidQueryError
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.relations.listed import keys_of
from juggler.model.relations.resolve import names, relation
from juggler.model.relations.scopes import RelatedQuery
from juggler.model.relations.scoping import equal, linking, matching, typed
from juggler.operations._prepare import prepare
from juggler.operations.include import passed
from juggler.query.tree import (
    FALSE,
    TRUE,
    And,
    AnyElem,
    Cmp,
    In,
    IsNull,
    Not,
    Nothing,
    Or,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.model.relations.resolve import Relation
    from juggler.model.results import Explanation
    from juggler.operations import Operations
    from juggler.query import Where

#: Keys that a first step may find; more are refused, never cut off.
MOST = 10_000
Keys = list[tuple[Any, ...]]


async def expanded(self: Operations, query: Query[Any]) -> Query[Any]:
    """The query with keys in place of relations.

    Raises:
        InvalidQueryError: ``relation-scope``, ``relation-path``.
        CostGuardError: ``too-many-related``: a first step finds more than 10 000 keys.
    """
    return await Expander(self).query(query)


class Expander:
    """Puts the keys that relations lead to in place of conditions on relations.

    Args:
        ops: the operations, in one colour.
        steps: a list to which the plans of first steps are added; nothing is read then, and a
            sample stands where their keys would.
    """

    def __init__(self, ops: Operations, steps: list[tuple[str, Explanation]] | None = None) -> None:
        self.ops = ops
        self.steps = steps

    async def query(self, query: Query[Any]) -> Query[Any]:
        """A query without relations."""
        if isinstance(query, RelatedQuery):
            query = await self._owned(query)
        known = frozenset(names(query.model)) if query.model.__definition__.relations else None
        if not known or not _any(query.where_, known):
            return query
        where = await _Walk(self, query, known).where(query.where_)
        return evolve(query, filter=evolve(query.filter, where=where))

    async def _owned(self, query: RelatedQuery[Any]) -> Query[Any]:
        """The rows of one instance's relation through others."""
        found: Relation = query.relation
        if query.owner is None:
            raise InvalidQueryError(
                f"{found} is a scope for include: its rows are one instance's",
                code="relation-scope",
                hint=f"one.{found.name}(), or {found.model.__name__}.find(include=…)",
                model=found.model.__name__,
            )
        plain = Query(query.model, query.filter, query.options)
        if found.through is None:
            return plain.where(one_of(found.others, keys_of(found)(query.owner)))
        joining = found.through
        condition = matching(joining.own, query.owner)
        if isinstance(condition, Nothing):
            return plain.where(FALSE)
        refers = tuple(name for _, name in joining.other)
        links = Query(joining.model, options=passed(query.options))
        links = links.where(condition, linking(joining))
        return plain.where(one_of(found.others, await self.keys(found, links, refers)))

    async def keys(self, found: Relation, query: Query[Any], wanted: tuple[str, ...]) -> Keys:
        """The distinct values of properties of the rows of a query."""
        link = link_of(query.model)
        ops = link.sync if isinstance(self.ops.port, SyncPort) else link.aio
        query = query.fields(*wanted).limit(MOST + 1)
        if self.steps is not None:
            self.steps.append((str(found), await ops.explain(query)))
            return [tuple(_sample(query.model, name) for name in wanted)]
        rows = await ops.find(query)
        if len(rows) > MOST:
            raise CostGuardError(
                f"{found} leads to more than {MOST} rows: a condition has {MOST} keys at most",
                code="too-many-related",
                hint="narrow the condition on the related rows, or query them first",
                model=found.model.__name__,
            )
        keys = dict.fromkeys(tuple(row[name] for name in wanted) for row in rows)
        return [key for key in keys if None not in key]


def one_of(names_: Sequence[str], keys: Keys) -> Where:
    """The condition that properties have one of the keys."""
    if not keys:
        return FALSE
    if len(names_) == 1:
        return In(names_[0], tuple(key[0] for key in keys))
    return any_of(*(equal(names_, key) for key in keys))


def _sample(model: Any, name: str) -> Any:
    """A value that can stand for a property's in a plan."""
    from juggler.values.samples import sample  # noqa: PLC0415 - for explain only

    return sample(link_of(model).spec.field[name].type)


def head(path: str) -> str:
    """The first part of a path."""
    return path.partition(".")[0]


def _any(where: Where, known: frozenset[str]) -> bool:
    match where:
        case And(parts) | Or(parts):
            return any(_any(part, known) for part in parts)
        case Not(part):
            return _any(part, known)
    return head(getattr(where, "path", "")) in known


def verify(query: Query[Any]) -> None:
    """Find every mistake of a query and of its conditions on relations, without reading."""
    from juggler.operations import related_order  # noqa: PLC0415 - it imports this module

    model = query.model
    known = frozenset(names(model))

    def without(node: Any) -> Where:
        match node:
            case And(parts) | Or(parts):
                return all_of(*map(without, parts))
            case Not(part):
                return without(part)
        name, _, rest = getattr(node, "path", "").partition(".")
        if name not in known:
            return node  # type: ignore[no-any-return]
        found = relation(model, name)
        if found.kind.embedded:
            return _inside(found, node, rest)
        if not rest and not isinstance(node, AnyElem):
            raise _no_property(found, model)
        target = _target(found)
        verify(Query(target).where(evolve(node, path=rest) if rest else node.where))
        return TRUE

    where = without(query.where_)
    if related_order.is_related(query):
        related_order.nested_of(query)
        query = query.order([])
    prepare(link_of(model).source, evolve(query, filter=evolve(query.filter, where=where)))


def _target(found: Relation) -> Any:
    if found.target is None:
        raise CapabilityError(
            f"{found} leads to several models: no condition can be on its properties",
            code="polymorphic-scope",
            feature="related conditions",
            hint=f"ask by its key and type: {', '.join(found.own)}",
        )
    return found.target


def _no_property(found: Relation, model: Any) -> InvalidQueryError:
    return InvalidQueryError(
        f"{found} is a relation: a condition is on a property of it",
        code="relation-path",
        hint=f"{{'{found.name}.id': …}}; on several of one row "
        f"{{'{found.name}': {{'elemMatch': …}}}}",
        model=model.__name__,
    )


class _Walk:
    """One walk through a condition of a model."""

    def __init__(self, expander: Expander, query: Query[Any], known: frozenset[str]) -> None:
        self.expander = expander
        self.model = query.model
        self.known = known
        self.options = passed(query.options)

    async def where(self, node: Where) -> Where:
        """The condition with keys in place of relations."""
        match node:
            case And(parts):
                return all_of(*[await self.where(part) for part in self._together(parts)])
            case Or(parts):
                return any_of(*[await self.where(part) for part in parts])
            case Not(part):
                return Not(await self.where(part))
        if head(getattr(node, "path", "")) not in self.known:
            return node
        return await self._leaf(node)

    def _together(self, parts: Sequence[Where]) -> list[Where]:
        """Conditions on the same row of a relation to one are asked at once."""
        groups: dict[str, list[Any]] = {}
        rest: list[Where] = []
        for part in parts:
            name = head(getattr(part, "path", ""))
            if name in self.known and self._groups(name, part):
                groups.setdefault(name, []).append(part)
            else:
                rest.append(part)
        for name, group in groups.items():
            inner = [evolve(part, path=part.path.partition(".")[2]) for part in group]
            rest.append(group[0] if len(group) == 1 else AnyElem(name, all_of(*inner)))
        return rest

    def _groups(self, name: str, part: Any) -> bool:
        found = relation(self.model, name)
        return (
            not found.kind.many
            and not found.kind.embedded
            and "." in part.path
            and not isinstance(part, IsNull)
            and not (isinstance(part, Cmp) and (part.op == "ne" or part.value is None))
            and not (isinstance(part, In) and None in part.values)
        )

    async def _leaf(self, node: Any) -> Where:
        name, _, rest = node.path.partition(".")
        found = relation(self.model, name)
        if found.kind.embedded:
            return _inside(found, node, rest)
        if not rest:
            if isinstance(node, AnyElem):
                return await self._exists(found, node.where)
            raise _no_property(found, self.model)
        match node:
            case IsNull():
                return Not(await self._exists(found, Not(IsNull(rest))))
            case Cmp(_, "eq", None):
                return Not(await self._exists(found, Not(IsNull(rest))))
            case Cmp(_, "ne", None):
                return await self._exists(found, Not(IsNull(rest)))
            case Cmp(_, "ne", value):
                return Not(await self._exists(found, Cmp(rest, "eq", value)))
            case In(_, values) if None in values:
                others = tuple(value for value in values if value is not None)
                return any_of(
                    await self._exists(found, In(rest, others)),
                    Not(await self._exists(found, Not(IsNull(rest)))),
                )
        return await self._exists(found, evolve(node, path=rest))

    async def _exists(self, found: Relation, where: Where) -> Where:
        """The condition that a related row fulfils ``where``."""
        rows = Query(_target(found), options=self.options).where(where, typed(found))
        keys = await self.expander.keys(found, rows, found.others)
        if found.through is not None:
            joining = found.through
            refers = tuple(name for _, name in joining.other)
            links = Query(joining.model, options=self.options)
            links = links.where(one_of(refers, keys), linking(joining))
            held = tuple(name for _, name in joining.own)
            keys = await self.expander.keys(found, links, held) if keys else []
            return one_of(found.own, keys)
        if found.held:
            parts = found.others if len(found.others) > 1 else ("",)
            return AnyElem(found.held, one_of(parts, keys)) if keys else FALSE
        return one_of([mine for mine, _ in found.pairs], keys)


def _inside(found: Relation, node: Any, rest: str) -> Where:
    """A condition on an embedded instance: on the property that holds it."""
    if not found.kind.many:
        return evolve(node, path=f"{found.held}.{rest}" if rest else found.held)  # type: ignore[no-any-return]
    if not rest:
        return evolve(node, path=found.held)  # type: ignore[no-any-return]
    return AnyElem(found.held, evolve(node, path=rest))
