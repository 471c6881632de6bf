"""The class methods of models that declare relations; what they do loads on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from juggler.model.link import link_of
from juggler.model.options import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _declare(model: Any, word: str, given: Any, options: Any, more: Mapping[str, Any]) -> None:
    from juggler.model.relations.declaring import declare  # noqa: PLC0415 - loads on first use

    declare(model, word, given, options, more)


class Related:
    """Class methods that declare relations, and what they are loaded with."""

    __slots__ = ()

    @classmethod
    def has_many(cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Rows of another model that refer to this one: ``User.has_many(Post, as_="posts")``.

        Args:
            given: the other model, or the relation's name.
            options: in LoopBack's words: ``as model foreignKey primaryKey through keyThrough scope
                properties polymorphic onDelete methods``.
            **more: the same by keyword, in snake case, too.

        Raises:
            ConfigurationError: a mistake in it, with its fix.
        """
        _declare(cls, "hasMany", given, options, more)

    @classmethod
    def has_one(cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """The one row of another model that refers to this one; see :meth:`has_many`."""
        _declare(cls, "hasOne", given, options, more)

    @classmethod
    def belongs_to(
        cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """The row of another model that this one refers to: ``Post.belongs_to(User)``."""
        _declare(cls, "belongsTo", given, options, more)

    @classmethod
    def has_and_belongs_to_many(
        cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """Rows of another model through a joining model, which is made when none is there."""
        _declare(cls, "hasAndBelongsToMany", given, options, more)

    @classmethod
    def references_many(
        cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """Rows of another model whose keys this one lists."""
        _declare(cls, "referencesMany", given, options, more)

    @classmethod
    def embeds_one(
        cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """An embedded instance that is managed like a row."""
        _declare(cls, "embedsOne", given, options, more)

    @classmethod
    def embeds_many(
        cls, given: Any, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> None:
        """Embedded instances that are managed like rows."""
        _declare(cls, "embedsMany", given, options, more)

    @classmethod
    def include(cls, instances: Iterable[Self], relations: Any, /) -> list[Self]:
        """Load relations of instances that are there: ``User.include(users, ["posts"])``.

        Args:
            instances: instances of this model.
            relations: as in a query: names, lists, nested mappings,
                ``{"relation": …, "scope": …}``, ``User.posts.where(…)``.

        Returns:
            The instances, in a list; the same number of requests as a query's ``include``.

        Raises:
            InvalidQueryError: ``unknown-relation``, before anything is sent.
        """
        found: list[Self] = run(link_of(cls).sync.include(cls, instances, relations), {})
        return found
