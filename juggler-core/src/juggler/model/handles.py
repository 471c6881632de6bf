"""What relations are on a class and on an instance, as type checkers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.query import Query
    from juggler.model.results import Count
    from juggler.query import Condition

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)


class ManyExpr(Protocol[M_co]):
    """A relation to many at class level, for ``include=User.posts.where(...).limit(3)``."""

    def where(self, *conditions: Condition | Mapping[str, Any]) -> Query[M_co]:
        """A scope: only related rows that fulfil these conditions."""
        ...

    def order(self, *terms: Any) -> Query[M_co]:
        """A scope: related rows in this order."""
        ...

    def limit(self, rows: int | None) -> Query[M_co]:
        """A scope: at most this many related rows of each."""
        ...


class OneExpr(Protocol[M_co]):
    """A relation to one at class level, for ``include=Post.author``."""

    @property
    def related(self) -> type[M_co]:
        """The related model."""
        ...


class ManyAio(Protocol[M]):
    """The asynchronous twins of a relation to many."""

    async def __call__(self, given: Any = None, /) -> list[M]:
        """The related instances that a filter matches."""
        ...

    async def create(self, data: Mapping[str, Any] | None = None, /, **values: Any) -> M:
        """A new related instance, stored."""
        ...

    async def add(self, other: M | Any, /) -> Any:
        """Connect an instance that is there."""
        ...

    async def remove(self, other: M | Any, /) -> Any:
        """Disconnect an instance."""
        ...

    async def find_by_id(self, key: Any, /) -> M | None:
        """The related instance of a key."""
        ...

    async def exists(self, where: Any = None, /) -> bool:
        """Whether such a related row is there."""
        ...

    async def count(self, where: Any = None, /) -> int:
        """How many related rows there are."""
        ...

    async def update_all(self, where: Any, values: Mapping[str, Any], /) -> Count:
        """Change related rows."""
        ...

    async def delete_all(self, where: Any = None, /) -> Count:
        """Delete related rows, and no others."""
        ...


class Many(Protocol[M]):
    """The handle of a relation to many: a scope that always asks the store."""

    @property
    def loaded(self) -> list[M] | None:
        """What an include loaded, None without one."""
        ...

    @property
    def aio(self) -> ManyAio[M]:
        """The asynchronous twins."""
        ...

    def __call__(self, given: Any = None, /) -> list[M]:
        """The related instances that a filter matches."""
        ...

    def where(self, *conditions: Condition | Mapping[str, Any]) -> Query[M]:
        """A query of the related rows."""
        ...

    def build(self, data: Mapping[str, Any] | None = None, /, **values: Any) -> M:
        """A new related instance, not stored yet."""
        ...

    def create(self, data: Mapping[str, Any] | None = None, /, **values: Any) -> M:
        """A new related instance, stored."""
        ...

    def add(self, other: M | Any, /) -> Any:
        """Connect an instance that is there, or one by its key."""
        ...

    def remove(self, other: M | Any, /) -> Any:
        """Disconnect an instance."""
        ...

    def find_by_id(self, key: Any, /) -> M | None:
        """The related instance of a key."""
        ...

    def reload(self) -> list[M]:
        """Read the related instances and keep them in ``loaded``."""
        ...

    def find_one(self, given: Any = None, /) -> M | None:
        """The first related instance that a filter matches."""
        ...

    def update_by_id(self, key: Any, values: Mapping[str, Any], /) -> M:
        """Change the related row of a key."""
        ...

    def delete_by_id(self, key: Any, /) -> bool:
        """Delete the related row of a key."""
        ...

    def exists(self, where: Any = None, /) -> bool:
        """Whether such a related row is there."""
        ...

    def count(self, where: Any = None, /) -> int:
        """How many related rows there are."""
        ...

    def update_all(self, where: Any, values: Mapping[str, Any], /) -> Count:
        """Change related rows."""
        ...

    def delete_all(self, where: Any = None, /) -> Count:
        """Delete related rows, and no others."""
        ...


class OneAio(Protocol[M_co]):
    """The asynchronous twins of a relation to one."""

    async def __call__(self, *, reload: bool = False) -> M_co | None:
        """The related instance, None when there is none."""
        ...


class One(Protocol[M]):
    """The handle of a relation to one: it fetches once, and again when the key changed."""

    @property
    def id(self) -> Any:
        """The related row's key, without asking the store."""
        ...

    @property
    def loaded(self) -> M | None:
        """What was fetched, None before."""
        ...

    @property
    def aio(self) -> OneAio[M]:
        """The asynchronous twins."""
        ...

    def __call__(self, *, reload: bool = False) -> M | None:
        """The related instance, None when there is none."""
        ...

    def reload(self) -> M | None:
        """Ask the store again."""
        ...

    def exists(self) -> bool:
        """Whether there is a related row."""
        ...

    def update(self, values: Mapping[str, Any], /) -> M | None:
        """Change the related row."""
        ...

    def remove(self) -> None:
        """Take the reference away; the row stays."""
        ...

    def set(self, other: M | None, /) -> None:
        """Set the key to the other's."""
        ...

    def create(self, data: Mapping[str, Any] | None = None, /, **values: Any) -> M:
        """A new related instance, stored."""
        ...
