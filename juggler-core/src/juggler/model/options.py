"""Keywords of operations, and how a call runs with them in either colour."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

from juggler.connector.port import drive, options

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from juggler.query import Condition, Ordering
    from juggler.query.expressions import Expr

T = TypeVar("T")

#: ``"age DESC, name"``, ``User.age.desc()``, or a list of such terms.
OrderBy: TypeAlias = "str | Ordering | Expr[Any] | Sequence[str | Ordering | Expr[Any]]"
#: ``["name", "age"]``, ``{"age": False}``, ``User.name``, or a list of expressions.
Fields: TypeAlias = "str | Expr[Any] | Sequence[str | Expr[Any]] | Mapping[str, bool]"


class WhereOptions(TypedDict, total=False):
    """How a condition is evaluated.

    Attributes:
        index: name of the index to use; one that cannot serve is an error.
        view: name of the view to use.
        allow_scan: whether a scan because of a condition or an order is allowed.
        consistency: ``eventual``, ``default``, ``session``, ``strong`` or a store's own level.
        timeout: seconds for the whole operation.
        page_size: rows per request.
        max_scanned: rows that unindexed work may read.
        max_sort: rows that may be sorted in memory.
        unscoped: leave out the default scope.
    """

    index: str | None
    view: str | None
    allow_scan: bool | None
    consistency: str | None
    timeout: float | None
    page_size: int | None
    max_scanned: int | None
    max_sort: int | None
    unscoped: bool | None


class FindOptions(WhereOptions, total=False):
    """What a find takes besides its condition.

    Attributes:
        where: a condition, as in a filter; it narrows what is given beside it.
        order: terms of the order.
        limit: rows at most; 0 is none.
        skip: rows left out at the beginning.
        fields: properties to load.
        include: relations to load.
    """

    where: Condition | Mapping[str, Any] | None
    order: OrderBy | None
    limit: int | None
    skip: int | None
    fields: Fields | None
    include: Any


class ReadOptions(TypedDict, total=False):
    """How rows are read by key.

    Attributes:
        consistency: ``eventual``, ``default``, ``session``, ``strong`` or a store's own level.
        timeout: seconds for the whole operation.
    """

    consistency: str | None
    timeout: float | None


class WriteOptions(ReadOptions, total=False):
    """How rows are written.

    Attributes:
        ttl: seconds to live.
        timestamp: write time in microseconds, where the store takes one.
    """

    ttl: float | None
    timestamp: int | None


#: Options of a query besides its parts.
OPTION_NAMES = frozenset(WhereOptions.__annotations__)


def run(call: Coroutine[Any, Any, T], given: Mapping[str, Any]) -> T:
    """The result of an operation in the blocking colour, under the options of its call."""
    set_ = {k: v for k, v in given.items() if v is not None} if given else None
    if not set_:
        return drive(call)
    with closing(call), options(**set_):
        return drive(call)


async def arun(call: Coroutine[Any, Any, T], given: Mapping[str, Any]) -> T:
    """The same in the asynchronous colour."""
    set_ = {k: v for k, v in given.items() if v is not None} if given else None
    if not set_:
        return await call
    with closing(call), options(**set_):
        return await call
