"""Relations at class level: ``User.posts``, ``User.posts.where(...).limit(3)`` for ``include``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from juggler.errors import CapabilityError
from juggler.model.query import Query
from juggler.model.relations.resolve import relation
from juggler.query import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.relations.resolve import Relation
    from juggler.query import Condition

M = TypeVar("M")


@frozen(eq=False, repr=False)
class RelatedQuery(Query[M]):
    """A query of related rows.

    Attributes:
        relation: the relation.
        owner: the instance whose rows they are; None for a scope of ``include``.
    """

    relation: Any = None
    owner: Any = None

    def __repr__(self) -> str:
        return f"<query {self.relation} {self.to_dict()}>"


class RelationExpr:
    """A relation at class level: what ``include`` takes."""

    __slots__ = ("model", "name")

    def __init__(self, model: Any, name: str) -> None:
        self.model = model
        self.name = name

    @property
    def relation(self) -> Relation:
        """The relation, its models and keys known."""
        return relation(self.model, self.name)

    @property
    def related(self) -> Any:
        """The related model."""
        return self.relation.target

    @property
    def scope(self) -> RelatedQuery[Any]:
        """All related rows, as a scope to refine."""
        found = self.relation
        if found.target is None:
            raise CapabilityError(
                f"{self!r} leads to several models: it takes no scope here",
                code="polymorphic-scope",
                feature="include",
                hint=f"include=[{self.name!r}]",
            )
        return RelatedQuery(found.target, Filter(), {}, found)

    def where(self, *conditions: Condition | Mapping[str, Any]) -> RelatedQuery[Any]:
        """A scope: only related rows that fulfil these conditions."""
        return self.scope.where(*conditions)  # type: ignore[return-value]

    def order(self, *terms: Any) -> RelatedQuery[Any]:
        """A scope: related rows in this order."""
        return self.scope.order(*terms)  # type: ignore[return-value]

    def limit(self, rows: int | None) -> RelatedQuery[Any]:
        """A scope: at most this many related rows of each instance."""
        return self.scope.limit(rows)  # type: ignore[return-value]

    def skip(self, rows: int) -> RelatedQuery[Any]:
        """A scope: without the first related rows of each instance."""
        return self.scope.skip(rows)  # type: ignore[return-value]

    def fields(self, *names: Any) -> RelatedQuery[Any]:
        """A scope: with these properties of the related rows only."""
        return self.scope.fields(*names)  # type: ignore[return-value]

    def include(self, *relations: Any) -> RelatedQuery[Any]:
        """A scope: with relations of the related rows."""
        return self.scope.include(*relations)  # type: ignore[return-value]

    def __repr__(self) -> str:
        return f"{self.model.__name__}.{self.name}"
