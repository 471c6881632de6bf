"""An include in any of its forms as a tree of relations and scopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from juggler.errors import CapabilityError, InvalidQueryError
from juggler.model.conditions import include_of
from juggler.model.query import Query
from juggler.model.relations.picking import picker
from juggler.model.relations.resolve import Relation, relation, unknown
from juggler.model.relations.scopes import RelatedQuery, RelationExpr
from juggler.model.relations.scoping import scope_of
from juggler.model.scopes import within
from juggler.query import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEEPEST = 32
_WORDS = frozenset({"relation", "rel", "scope"})
#: Words of a filter, which stand in a scope.
_FILTER = frozenset({"where", "order", "limit", "skip", "offset", "fields", "include"})


@define
class Node:
    """A relation to load.

    Attributes:
        relation: the relation.
        scope: what the caller wants of its rows, as given.
        query: its rows' query without include; None where the target is known by each row only.
        nested: relations of its rows.
        raw: relations of its rows, as given.
    """

    relation: Relation
    scope: Any = None
    query: Query[Any] | None = None
    nested: tuple[Node, ...] = ()
    raw: list[Any] = field(factory=list)

    def rows(self, target: Any) -> Query[Any]:
        """The query of the related rows."""
        return Query(target) if self.query is None else self.query

    def of(self, target: Any, depth: int = 1) -> Node:
        """The node for a target: its query and what is nested."""
        found = self.relation
        if callable(self.scope):
            return evolve(self, scope=_called(found, self.scope, target)).of(target, depth)
        if callable(found.options.get("scope")):
            raise CapabilityError(
                f"the scope of {found} is a function of one instance: it cannot be included",
                code="include-scope",
                feature="include",
                hint=f"call it for each: one.{found.name}()",
            )
        if found.kind.embedded:
            return self._embedded(target, depth)
        query = within(Query.of(target, self.scope), scope_of(found, target))
        nested = _nodes(target, [*query.include_, *self.raw], depth + 1)
        query = evolve(query, filter=evolve(query.filter, include=None))
        plain = Query(target, query.filter, query.options)
        return evolve(self, query=plain, nested=nested)

    def _embedded(self, target: Any, depth: int) -> Node:
        """The node for embedded values; its query is checked here, for no store binds it."""
        base = scope_of(self.relation, target)
        if self.scope is None and base == Filter():
            return evolve(self, nested=_nodes(target, self.raw, depth + 1))
        query = within(Query.of(target, self.scope), base)
        nested = _nodes(target, [*query.include_, *self.raw], depth + 1)
        query = Query(target, evolve(query.filter, include=None))
        picker(target, query)
        return evolve(self, query=query, nested=nested)


def nodes_of(model: Any, include: Any) -> tuple[Node, ...]:
    """The relations of an include; one that comes twice is one.

    Raises:
        InvalidQueryError: ``unknown-relation``, ``bad-include``; mistakes of scopes.
    """
    return _nodes(model, [include], 1)


def _nodes(model: Any, include: list[Any], depth: int) -> tuple[Node, ...]:
    if depth > _DEEPEST:
        raise InvalidQueryError(
            f"relations are nested more than {_DEEPEST} deep",
            code="query-too-deep",
            hint="load them in several steps: User.include(users, …)",
        )
    found: dict[str, Node] = {}
    for name, scope, nested in _parts(model, include):
        made = relation(model, name)
        if made.option("disableInclude"):
            raise InvalidQueryError(
                f"{made} is not to be included (disableInclude)",
                code="include-disabled",
                hint=f"call it: one.{name}()",
            )
        node = found.setdefault(name, Node(made))
        if scope is not None:
            if node.scope is not None:
                raise InvalidQueryError(
                    f"{made} is included twice, with two scopes",
                    code="bad-include",
                    hint="give one scope",
                )
            node.scope = scope
        node.raw += nested
    return tuple(
        node if node.relation.target is None else node.of(node.relation.target, depth)
        for node in found.values()
    )


def _parts(model: Any, given: Any) -> Iterator[tuple[str, Any, list[Any]]]:
    """Name, scope and nested include of each relation that is meant."""
    for one in include_of(given):
        if isinstance(one, str):
            yield one, None, []
        elif isinstance(one, RelationExpr):
            _check_model(model, one.model, one.name)
            yield one.name, None, []
        elif isinstance(one, RelatedQuery):
            _check_model(model, one.relation.model, one.relation.name)
            yield one.relation.name, Query(one.model, one.filter, one.options), []
        elif isinstance(one, Mapping) and one.keys() & {"relation", "rel"}:
            yield _said(one)
        elif isinstance(one, Mapping):
            for name, nested in one.items():
                if isinstance(nested, Mapping) and _FILTER & nested.keys():
                    raise _bad(one)
                yield _name(name), None, list(_nested(nested))
        else:
            raise _bad(one)


def _nested(given: Any) -> Iterator[Any]:
    for one in include_of(given):
        if not isinstance(one, str | Mapping | RelationExpr | RelatedQuery):
            raise _bad(one)
        yield one


def _said(given: Mapping[Any, Any]) -> tuple[str, Any, list[Any]]:
    """``{"relation": "posts", "scope": {…}}``."""
    if not given.keys() <= _WORDS:
        raise _bad(given)
    scope = given.get("scope")
    if not (scope is None or callable(scope) or isinstance(scope, Mapping | Query)):
        raise _bad(given)
    name = given.get("relation", given.get("rel"))
    if isinstance(name, RelationExpr):
        name = name.name
    return _name(name), scope, []


def _called(found: Relation, scope: Callable[[Query[Any]], Any], target: Any) -> Any:
    """The scope that a function of the related rows' query gives."""
    given = scope(Query(target))
    if isinstance(given, Mapping | Query):
        return given
    raise InvalidQueryError(
        f"the scope of {found} is a function that gave {given!r:.60}",
        code="bad-include",
        hint="it gives the query back: lambda rows: rows.order('name').limit(3)",
        model=found.model.__name__,
    )


def _name(given: Any) -> str:
    if not isinstance(given, str):
        raise _bad(given)
    return given


def _check_model(model: Any, of: Any, name: str) -> None:
    if not issubclass(model, of):
        raise unknown(model, f"{of.__name__}.{name}")


def _bad(given: Any) -> InvalidQueryError:
    return InvalidQueryError(
        f"{given!r:.60} is no relation to include",
        code="bad-include",
        hint="'posts', ['posts', 'home'], {'posts': 'comments'}, "
        "{'relation': 'posts', 'scope': {…}} or User.posts.where(…)",
    )
