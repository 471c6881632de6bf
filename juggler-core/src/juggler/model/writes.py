"""Writing with a model and its instances, blocking; ``aio.py`` has the asynchronous twins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar, Unpack, overload

from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.model.link import link_of
from juggler.model.options import run
from juggler.model.query import Query
from juggler.values.missing import MISSING, Missing

if TYPE_CHECKING:
    from juggler.model.options import ReadOptions, WhereOptions, WriteOptions
    from juggler.model.results import BulkResult, Count
    from juggler.query import Condition

P = ParamSpec("P")
R = TypeVar("R")
#: Values of a row: a mapping by property name, or an instance.
Values = Mapping[str, Any]


class ClassWrites:
    """Class methods that write.

    Values are a mapping by property name or an instance; every one of them raises InvalidValueError
    or ValidationError for values that do not fit, before anything is sent.
    """

    __slots__ = ()

    @overload
    @classmethod
    def create(cls: Callable[P, R], data: Mapping[str, Any], /) -> R: ...
    @overload
    @classmethod
    def create(cls: Callable[P, R], *args: P.args, **values: P.kwargs) -> R: ...
    @classmethod
    def create(cls: Any, *args: Any, **values: Any) -> Any:
        """Insert a row: ``User.create(name="Ann")`` or ``User.create({"name": "Ann"})``.

        Raises:
            DuplicateKeyError: a row with that key or unique value is there; nothing is overwritten.
        """
        return run(link_of(cls).sync.create(cls, new_of(args, values)), {})

    @classmethod
    def create_all(
        cls,
        rows: Iterable[Values | Self],
        *,
        batch: int = 1000,
        on_error: str = "raise",
        progress: Callable[[int], object] | None = None,
        replace: bool = False,
        **options: Unpack[WriteOptions],
    ) -> BulkResult:
        """Insert many rows.

        Args:
            rows: mappings or instances.
            batch: rows per request.
            on_error: ``raise`` checks every row first and sends nothing if one is bad; ``collect``
                writes the good ones and reports the others.
            progress: called with the number of rows done so far.
            replace: write whole rows whatever is there, as ``replace_or_create`` does; of several
                rows of one key the last one stays.
            **options: consistency, timeout, ttl, timestamp.

        Raises:
            BulkError: with ``.result``, when rows failed and ``on_error`` is ``raise``.
        """
        write = link_of(cls).sync.create_all
        call = write(cls, rows, batch, on_error, progress, replace=replace)
        return run(call, options)

    @classmethod
    def upsert(cls, data: Values | Self, /, **options: Unpack[WriteOptions]) -> Self:
        """Change the given properties of the row with that key, or insert it with the defaults."""
        return run(link_of(cls).sync.upsert(cls, data), options)

    @classmethod
    def upsert_with_where(
        cls, where: Condition | Mapping[str, Any], data: Values, /, **options: Unpack[WriteOptions]
    ) -> Self:
        """Patch the one row that fulfils a condition, or create it; several are refused."""
        query = Query.of(cls, where, where_only=True)
        found: Self = run(link_of(cls).sync.upsert_with_where(query, data), options)
        return found

    @classmethod
    def find_or_create(
        cls,
        given: Query[Self] | Condition | Mapping[str, Any] | None,
        data: Values | Self | None = None,
        /,
        **options: Unpack[WriteOptions],
    ) -> tuple[Self, bool]:
        """The first row that a filter matches, or a new one: ``(instance, created)``."""
        values = {} if data is None else data
        return run(link_of(cls).sync.find_or_create(Query.of(cls, given), values), options)

    @classmethod
    def replace_or_create(cls, data: Values | Self, /, **options: Unpack[WriteOptions]) -> Self:
        """Write the full row whatever is there; what is not given gets its default or null."""
        return run(link_of(cls).sync.replace_or_create(cls, data), options)

    @classmethod
    def replace_by_id(
        cls, key: Any, data: Values | Self, /, **options: Unpack[WriteOptions]
    ) -> Self:
        """Replace the full row of a key.

        Raises:
            NotFoundError: it is not there.
        """
        return run(link_of(cls).sync.replace_by_id(cls, key, data), options)

    @classmethod
    def update_all(
        cls,
        where: Query[Self] | Condition | Mapping[str, Any] | None,
        values: Values | Missing = MISSING,
        /,
        *,
        all: bool = False,
        **options: Unpack[WhereOptions],
    ) -> Count:
        """Change properties of every row that fulfils a condition: ``update_all(where, values)``.

        Args:
            where: the condition.
            values: the properties to change; left out, ``where`` is taken as the values.
            all: has to be True where there is no condition.
            **options: how the condition is evaluated.

        Raises:
            InvalidQueryError: without a condition, unless ``all=True``.
        """
        query, data = update_of(cls, where, values, options)
        return query.update_all(data, all=all)

    @classmethod
    def delete_all(
        cls,
        where: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        all: bool = False,
        **options: Unpack[WhereOptions],
    ) -> Count:
        """Delete every row that fulfils a condition.

        Raises:
            InvalidQueryError: without a condition, unless ``all=True``.
        """
        return Query.of(cls, where, *conditions, where_only=True, **options).delete_all(all=all)

    @classmethod
    def delete_by_id(cls, key: Any, /, **options: Unpack[WriteOptions]) -> bool | None:
        """Delete the row of a key: True if it was there, None when the store does not say."""
        return run(link_of(cls).sync.delete_by_id(cls, key), options)


class InstanceWrites:
    """What an instance does to its row.

    ``if_unchanged``: None checks the version where the store keeps versions, True demands it, False
    does not check; a row that others changed meanwhile is a ConflictError.
    """

    __slots__ = ()

    def save(
        self,
        *,
        validate: bool = True,
        if_unchanged: bool | None = None,
        **options: Unpack[WriteOptions],
    ) -> Self:
        """Insert a new instance; of a stored one, write the changed properties.

        Raises:
            DuplicateKeyError: of a new one, its key is taken.
            NotFoundError: the row is gone.
        """
        return run(
            link_of(type(self)).sync.save(self, validate=validate, if_unchanged=if_unchanged),
            options,
        )

    def patch(
        self, data: Values, /, *, if_unchanged: bool | None = None, **options: Unpack[WriteOptions]
    ) -> Self:
        """Change the given properties in the store and here; others stay as they are.

        Raises:
            NotFoundError: the row is gone.
        """
        return run(link_of(type(self)).sync.patch(self, data, if_unchanged=if_unchanged), options)

    def replace(
        self,
        data: Values | Self,
        /,
        *,
        if_unchanged: bool | None = None,
        **options: Unpack[WriteOptions],
    ) -> Self:
        """Replace the full row; what is not given gets its default or null.

        Raises:
            NotFoundError: the row is gone.
        """
        return run(link_of(type(self)).sync.replace(self, data, if_unchanged=if_unchanged), options)

    def delete(
        self, *, if_unchanged: bool | None = None, **options: Unpack[WriteOptions]
    ) -> bool | None:
        """Delete the row: True if it was there, None when the store does not say."""
        return run(link_of(type(self)).sync.delete(self, if_unchanged=if_unchanged), options)

    def reload(self, **options: Unpack[ReadOptions]) -> Self:
        """Read the row anew, into this instance.

        Raises:
            NotFoundError: the row is gone.
        """
        return run(link_of(type(self)).sync.reload(self), options)


def new_of(args: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
    """What ``create`` was given: values, a mapping or an instance."""
    if not args:
        return values
    data, *more = args
    if more or (values and not isinstance(data, Mapping)):
        raise InvalidValueError(
            f"create() takes one row, and was given {args!r:.60}",
            code="not-values",
            hint="create({…}), create(name=…); several rows: create_all([{…}, {…}])",
        )
    return {**data, **values} if values else data


def update_of(
    model: Any, where: Any, values: Any, options: Mapping[str, Any]
) -> tuple[Query[Any], Any]:
    """Query and values of ``update_all(where, values)`` or ``update_all(values, all=True)``."""
    if values is MISSING:
        if not isinstance(where, Mapping):
            raise InvalidQueryError(
                "update_all without values",
                code="no-values",
                hint=f"{model.__name__}.update_all(where, {{'name': …}})",
                model=model.__name__,
            )
        where, values = None, where
    return Query.of(model, where, where_only=True, **options), values
