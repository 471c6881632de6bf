"""The link from a model to the data source that it is attached to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler.model.codec.codec import Codec
    from juggler.model.query import Query
    from juggler.model.results import BulkResult, Count, Explanation
    from juggler.spec import ModelSpec

M = TypeVar("M")


class Operations(Protocol):
    """The operations of a data source in one colour, as models and queries call them."""

    async def find(self, query: Query[M], /) -> list[M]:
        """All instances of a query."""
        ...

    async def find_one(self, query: Query[M], /) -> M | None:
        """The first instance of a query."""
        ...

    async def find_by_id(
        self, model: type[M], key: Any, fields: Any, include: Any, /, *, unscoped: bool = False
    ) -> M | None:
        """The instance of a key."""
        ...

    async def find_by_ids(
        self, model: type[M], keys: Iterable[Any], query: Query[M] | None, /
    ) -> list[M]:
        """The instances of keys."""
        ...

    async def exists(self, query: Query[Any], /) -> bool:
        """Whether any row fulfils a query."""
        ...

    async def exists_key(self, model: Any, key: Any, /) -> bool:
        """Whether a row with the key is there."""
        ...

    async def count(self, query: Query[Any], /) -> int:
        """How many rows fulfil a query."""
        ...

    async def page(
        self, query: Query[M], size: int, token: str | None, /
    ) -> tuple[list[M], str | None]:
        """One page of a query, and the token of the next."""
        ...

    async def explain(self, query: Query[Any], *, analyze: bool = False) -> Explanation:
        """The plan of a query."""
        ...

    async def holds(self, query: Query[Any], instance: Any, /) -> bool:
        """Whether an instance fulfils a query's condition."""
        ...

    async def create(self, model: Any, data: Any, /) -> Any:
        """Insert a row."""
        ...

    async def create_all(
        self,
        model: Any,
        rows: Iterable[Any],
        batch: int,
        on_error: str,
        progress: Callable[[int], object] | None,
        /,
        *,
        replace: bool = False,
    ) -> BulkResult:
        """Insert many rows."""
        ...

    async def upsert(self, model: type[M], data: Any, /) -> M:
        """Change a row, or insert it."""
        ...

    async def upsert_with_where(self, query: Query[M], data: Any, /) -> M:
        """Patch the one row of a query, or create it."""
        ...

    async def find_or_create(self, query: Query[M], data: Any, /) -> tuple[M, bool]:
        """The first row of a query, or a new one."""
        ...

    async def replace_or_create(self, model: type[M], data: Any, /) -> M:
        """Write a full row whatever is there."""
        ...

    async def replace_by_id(self, model: type[M], key: Any, data: Any, /) -> M:
        """Replace the full row of a key."""
        ...

    async def update_all(
        self,
        query: Query[Any],
        data: Any,
        all: bool = False,  # noqa: FBT001, FBT002 - as operations have it
    ) -> Count:
        """Change every row of a query."""
        ...

    async def delete_all(
        self,
        query: Query[Any],
        all: bool = False,  # noqa: FBT001, FBT002 - as operations have it
    ) -> Count:
        """Delete every row of a query."""
        ...

    async def delete_by_id(self, model: Any, key: Any, /) -> bool | None:
        """Delete the row of a key."""
        ...

    async def save(
        self, instance: M, *, validate: bool = True, if_unchanged: bool | None = None
    ) -> M:
        """Write an instance."""
        ...

    async def patch(
        self,
        instance: M,
        data: Any,
        if_unchanged: bool | None = None,  # noqa: FBT001 - three answers, not a flag
    ) -> M:
        """Change properties of an instance's row."""
        ...

    async def replace(
        self,
        instance: M,
        data: Any,
        if_unchanged: bool | None = None,  # noqa: FBT001 - as patch
    ) -> M:
        """Replace an instance's full row."""
        ...

    async def delete(
        self,
        instance: Any,
        if_unchanged: bool | None = None,  # noqa: FBT001 - as patch
    ) -> bool | None:
        """Delete an instance's row."""
        ...

    async def reload(self, instance: M, /) -> M:
        """Read an instance's row anew."""
        ...

    async def include(self, model: type[M], instances: Iterable[M], relations: Any, /) -> list[M]:
        """Load relations of instances."""
        ...

    async def embedded(self, model: Any, instance: Any, hook: str, /) -> None:
        """Run a hook of an embedded model."""
        ...


class Link(Protocol):
    """What a data source gives a model when it is attached.

    Attributes:
        source: the data source.
        model: the model class.
        spec: the model as the connector sees it.
        codec: its codec for that spec.
        sync: the operations in the blocking colour.
        aio: the operations in the asynchronous colour.
    """

    source: Any
    model: Any
    spec: ModelSpec
    codec: Codec

    @property
    def sync(self) -> Operations:
        """The operations in the blocking colour."""
        ...

    @property
    def aio(self) -> Operations:
        """The operations in the asynchronous colour."""
        ...


class Replaced:
    """The link of a class whose definition was replaced: every use of it says so."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise ConfigurationError(
            f"the model {self.name!r} was defined again, and this is its old class",
            code="model-replaced",
            hint=f"use the new one: db.get_model({self.name!r})",
            model=self.name,
        )


def link_of(model: Any) -> Link:
    """The link of an attached model.

    Raises:
        ConfigurationError: ``not-attached``, with the line that attaches it.
        TypeError: what should be an instance is none: ``User.delete(1)``.
    """
    try:
        link: Link | None = model.__link__
    except AttributeError:
        msg = (
            f"this is a method of instances, and {model.__name__} is no model: "
            "user.delete(), or by key User.delete_by_id(1)"
        )
        raise TypeError(msg) from None
    if link is None:
        name = model.__name__
        raise ConfigurationError(
            f"the model {name} is not attached to a data source",
            code="not-attached",
            hint=f"db = connect('memory:'); db.attach({name})",
            model=name,
        )
    return link
