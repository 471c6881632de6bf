"""Reading with a model, blocking; ``aio.py`` has the asynchronous twins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

from juggler.model.link import link_of
from juggler.model.options import run
from juggler.model.query import Query
from juggler.query import Condition
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from juggler.model.options import Fields, FindOptions, ReadOptions, WhereOptions
    from juggler.model.results import Explanation
    from juggler.model.stream import Stream


class Reads:
    """Class methods that read.

    ``given`` is a filter as a mapping (``{"where": …, "order": …}``) or a condition; more
    conditions may follow it, and the filter's other parts may come by keyword.  All of them raise
    InvalidQueryError for what is not understood and CapabilityError or CostGuardError for what the
    store cannot do or should not do, before anything is sent.
    """

    __slots__ = ()

    @classmethod
    def where(cls, *conditions: Condition | Mapping[str, Any]) -> Query[Self]:
        """A lazy query: ``User.where(User.age > 30)``."""
        return Query(cls).where(*conditions)

    @classmethod
    def find(
        cls,
        given: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        **options: Unpack[FindOptions],
    ) -> list[Self]:
        """All instances that a filter matches."""
        return Query.of(cls, given, *conditions, **options).all()

    @classmethod
    def find_one(
        cls,
        given: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        **options: Unpack[FindOptions],
    ) -> Self | None:
        """The first instance that a filter matches, None when there is none."""
        return Query.of(cls, given, *conditions, **options).first()

    @classmethod
    def find_by_id(
        cls,
        key: Any = MISSING,
        /,
        *,
        fields: Fields | None = None,
        include: Any = None,
        unscoped: bool = False,
        consistency: str | None = None,
        timeout: float | None = None,
        **parts: Any,
    ) -> Self | None:
        """The instance of a key, None when there is none.

        Args:
            key: its value; of a key of several properties a tuple in key order or a mapping.
            fields: properties to load.
            include: relations to load.
            unscoped: whether the default scope is left out.
            consistency: how current the answer has to be.
            timeout: seconds.
            **parts: the parts of the key by name, instead of ``key``.
        """
        wanted = parts if key is MISSING else key
        call = link_of(cls).sync.find_by_id(cls, wanted, fields, include, unscoped=unscoped)
        if consistency is None and timeout is None:
            return run(call, {})
        return run(call, {"consistency": consistency, "timeout": timeout})

    @classmethod
    def find_by_ids(
        cls,
        keys: Iterable[Any],
        given: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        **options: Unpack[FindOptions],
    ) -> list[Self]:
        """The instances of keys in their order; unknown ones are left out, repeated come once."""
        query = Query.of(cls, given, **options)
        return run(link_of(cls).sync.find_by_ids(cls, keys, query), query._call)

    @classmethod
    def count(
        cls,
        where: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        **options: Unpack[WhereOptions],
    ) -> int:
        """How many rows fulfil a condition."""
        return Query.of(cls, where, *conditions, where_only=True, **options).count()

    @classmethod
    def exists(
        cls, where: Any = None, /, *conditions: Condition, **options: Unpack[WhereOptions]
    ) -> bool:
        """Whether a row with this key, or any row that fulfils the condition, is there."""
        if is_key(where):
            read: ReadOptions = {"timeout": options.get("timeout")}
            return run(link_of(cls).sync.exists_key(cls, where), read)
        return Query.of(cls, where, *conditions, where_only=True, **options).exists()

    @classmethod
    def stream(
        cls,
        given: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        resume: str | None = None,
        **options: Unpack[FindOptions],
    ) -> Stream[Self]:
        """Instances one by one in bounded memory.

        Args:
            given: a filter or condition.
            conditions: more conditions.
            resume: the ``token`` of a stream that was broken off.
            **options: the filter's other parts; ``page_size`` is the rows per request.
        """
        query = Query.of(cls, given, *conditions, **options)
        return query.stream(options.get("page_size") or 1000, resume=resume)

    @classmethod
    def explain(
        cls,
        given: Query[Self] | Condition | Mapping[str, Any] | None = None,
        /,
        *conditions: Condition,
        analyze: bool = False,
        **options: Unpack[FindOptions],
    ) -> Explanation:
        """What a find would do and cost; with ``analyze`` it runs, too."""
        return Query.of(cls, given, *conditions, **options).explain(analyze=analyze)


def is_key(given: Any) -> bool:
    """Whether what ``exists`` was given is a key and no condition."""
    return given is not None and not isinstance(given, Condition | Mapping | Query)
