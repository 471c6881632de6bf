"""Relations in the body of a typed class: ``posts: HasMany[Post] = has_many()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.base import Model
    from juggler.model.handles import Many, ManyExpr, One, OneExpr

M = TypeVar("M", bound="Model")


@frozen
class RelationSpec:
    """What ``has_many(...)`` and its kin were given."""

    kind: str
    options: Mapping[str, Any] = field(factory=dict)


if TYPE_CHECKING:

    class _ToMany(Generic[M]):
        @overload
        def __get__(self, instance: None, owner: type[Any]) -> ManyExpr[M]: ...
        @overload
        def __get__(self, instance: Model, owner: type[Any]) -> Many[M]: ...
        def __get__(self, instance: Any, owner: type[Any]) -> Any: ...

    class _ToOne(Generic[M]):
        @overload
        def __get__(self, instance: None, owner: type[Any]) -> OneExpr[M]: ...
        @overload
        def __get__(self, instance: Model, owner: type[Any]) -> One[M]: ...
        def __get__(self, instance: Any, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Model, value: M | None) -> None: ...

else:

    class _ToMany(Generic[M]):
        pass

    class _ToOne(Generic[M]):
        pass


class HasMany(_ToMany[M], Generic[M]):
    """Rows of another model that refer to this one: ``posts: HasMany[Post] = has_many()``."""


class HasAndBelongsToMany(_ToMany[M], Generic[M]):
    """Rows of another model through a joining model."""


class EmbedsMany(_ToMany[M], Generic[M]):
    """A list of embedded instances that are managed like rows."""


class ReferencesMany(_ToMany[M], Generic[M]):
    """Rows of another model whose keys this one lists."""


class BelongsTo(_ToOne[M], Generic[M]):
    """The row that this one refers to: ``author: BelongsTo[User] = belongs_to()``."""


class HasOne(_ToOne[M], Generic[M]):
    """The one row of another model that refers to this one."""


class EmbedsOne(_ToOne[M], Generic[M]):
    """An embedded instance that is managed like a row."""


#: Annotation → LoopBack's word for the relation.
RELATIONS: dict[Any, str] = {
    HasMany: "hasMany",
    HasAndBelongsToMany: "hasAndBelongsToMany",
    EmbedsMany: "embedsMany",
    ReferencesMany: "referencesMany",
    BelongsTo: "belongsTo",
    HasOne: "hasOne",
    EmbedsOne: "embedsOne",
}


def _relation(kind: str, options: dict[str, Any], *, init: bool) -> Any:
    del init  # for checkers alone: a relation is no argument of the constructor
    return RelationSpec(kind, {k: v for k, v in options.items() if v is not None})


def has_many(
    *, init: Literal[False] = False, key: str | None = None, through: str | type | None = None,
    key_through: str | None = None, polymorphic: str | Mapping[str, Any] | None = None,
    on_delete: str | None = None, **more: Any,
) -> HasMany[Any]:  # fmt: skip
    """Rows of another model that refer to this one.

    Args:
        init: for type checkers: a relation is no argument of the constructor.
        key: the foreign key in the other model; by default this model's name and ``_id``.
        through: the joining model.
        key_through: the joining model's key of the other model.
        polymorphic: name of the polymorphic relation on the other side.
        on_delete: ``restrict``, ``cascade`` or ``nullify``.
        **more: options in LoopBack's words (``scope``, ``properties``).
    """
    options = {
        "key": key, "through": through, "key_through": key_through, "polymorphic": polymorphic,
        "on_delete": on_delete, **more,
    }  # fmt: skip
    return cast("HasMany[Any]", _relation("hasMany", options, init=init))


def has_one(*, init: Literal[False] = False, key: str | None = None, **more: Any) -> HasOne[Any]:
    """The one row of another model that refers to this one; options as :func:`has_many`."""
    return cast("HasOne[Any]", _relation("hasOne", {"key": key, **more}, init=init))


def belongs_to(
    *, init: Literal[False] = False, key: str | None = None,
    polymorphic: bool | Mapping[str, Any] | None = None, **more: Any,
) -> BelongsTo[Any]:  # fmt: skip
    """The row of another model that this one refers to.

    Args:
        init: for type checkers: a relation is no argument of the constructor.
        key: this model's foreign key; by default the relation's name and ``_id``.
        polymorphic: True when the target's model name is stored beside the key.
        **more: options in LoopBack's words.
    """
    return cast(
        "BelongsTo[Any]",
        _relation("belongsTo", {"key": key, "polymorphic": polymorphic, **more}, init=init),
    )


def has_and_belongs_to_many(
    *,
    init: Literal[False] = False,
    key: str | None = None,
    through: str | type | None = None,
    **more: Any,
) -> HasAndBelongsToMany[Any]:
    """Rows of another model through a joining model, which is made when none is named."""
    return cast(
        "HasAndBelongsToMany[Any]",
        _relation("hasAndBelongsToMany", {"key": key, "through": through, **more}, init=init),
    )


def embeds_one(
    *, init: Literal[False] = False, property: str | None = None, **more: Any
) -> EmbedsOne[Any]:
    """An embedded instance, stored in ``property``."""
    return cast("EmbedsOne[Any]", _relation("embedsOne", {"property": property, **more}, init=init))


def embeds_many(
    *, init: Literal[False] = False, property: str | None = None, **more: Any
) -> EmbedsMany[Any]:
    """A list of embedded instances, stored in ``property``."""
    return cast(
        "EmbedsMany[Any]", _relation("embedsMany", {"property": property, **more}, init=init)
    )


def references_many(
    *, init: Literal[False] = False, key: str | None = None, **more: Any
) -> ReferencesMany[Any]:
    """Rows of another model whose keys this one lists in ``key``."""
    return cast("ReferencesMany[Any]", _relation("referencesMany", {"key": key, **more}, init=init))
