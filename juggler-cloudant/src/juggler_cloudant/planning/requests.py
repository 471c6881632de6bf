"""What a plan asks the server for, as data."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

from attrs import frozen

from juggler.connector import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector import Key
    from juggler.query import Where
    from juggler_cloudant.home import MangoIndex

#: Sorts after every value that a document's field may have.
HIGH: Final[dict[str, Any]] = {"\uffff": {}}


@frozen(eq=False)
class Range:
    """A stretch of an index.

    Attributes:
        start: first key, a list of values.
        end: last key.
        low_id: first document id where the keys are ``start``.
        high_id: last document id where the keys are ``end``.
        open_end: whether documents whose key is ``end`` itself are left out.
        without: document ids that are left out: exclusive bounds of ids.
    """

    start: tuple[Any, ...]
    end: tuple[Any, ...]
    low_id: str | None = None
    high_id: str | None = None
    open_end: bool = False
    without: frozenset[str] = frozenset()


@frozen(eq=False)
class ViewRead:
    """A Mango index read as a view, range by range, each in the index's order."""

    database: str
    index: MangoIndex
    ranges: tuple[Range, ...]
    descending: bool = False
    #: Whether all that the index gives belongs to the model.
    pure: bool = True
    #: The partition that is read, None for the whole database.
    partition: str | None = None


@frozen(eq=False)
class AllDocs:
    """All documents of a database between two ids, in the order of ids."""

    database: str
    low: str | None = None
    high: str | None = None
    without: frozenset[str] = frozenset()
    descending: bool = False
    #: The partition that is read, None for the whole database.
    partition: str | None = None


@frozen(eq=False)
class Keys:
    """Documents by key.

    Attributes:
        database: the database.
        keys: the keys.
        ids: ids of those that a document can have.
    """

    database: str
    keys: tuple[Key, ...]
    ids: tuple[str, ...]


@frozen(eq=False)
class Branch:
    """One branch of a union: what it reads, and the whole condition of its rows."""

    read: ViewRead | AllDocs | Keys
    where: Where


@frozen(eq=False)
class Union:
    """Rows of each branch that no branch before it has."""

    database: str
    branches: tuple[Branch, ...]


@frozen(eq=False)
class Find:
    """The first page by ``_find`` on a pinned index; where there are more, they are a view's.

    ``_find`` cannot go on at a key: after a page whose last document moved, it would lose a row.

    Attributes:
        view: the index's stretch.
        selector: in Mango: of the index's fields, and what the index does not answer.
        where: what the selector adds to the view: to be tested on rows of the view.
    """

    view: ViewRead
    selector: Mapping[str, Any]
    where: Where


Read: TypeAlias = ViewRead | AllDocs | Keys | Union | Find


def statements(read: Read) -> tuple[Statement, ...]:
    """The requests of a read, for explain; the limit of each page is left out."""
    match read:
        case Union(branches=branches):
            return tuple(s for branch in branches for s in statements(branch.read))
        case Keys(database, ids=(one,)):
            return (Statement(f"GET /{quote(database, safe='')}/{quote(one, safe='')}"),)
        case Keys(database, ids=ids):
            body = {"keys": list(ids)}
            return (Statement(f"POST /{quote(database, safe='')}/_all_docs", body),)
        case AllDocs():
            return (
                Statement(
                    f"GET {all_docs_path(read)}",
                    {"start_key": read.low, "end_key": read.high, "descending": read.descending},
                ),
            )
        case Find(view=view):
            text = f"POST {find_path(view)}"
            return (Statement(text, find_body(read), _index(view)),)
        case ViewRead():
            text = f"POST {view_path(read)}" + ("/queries" if len(read.ranges) > 1 else "")
            return tuple(
                Statement(text, range_body(one, descending=read.descending), _index(read))
                for one in read.ranges[:_SHOWN]
            )


_SHOWN = 32


def _index(read: ViewRead) -> dict[str, Any]:
    return {"index": read.index.label or read.index.name}


def find_body(read: Find) -> dict[str, Any]:
    """The body of ``_find``: an index that cannot serve is an error, never another one."""
    index, way = read.view.index, "desc" if read.view.descending else "asc"
    return {
        "selector": dict(read.selector),
        "use_index": [f"_design/{index.ddoc}", index.name],
        "allow_fallback": False,
        "sort": [{field: way} for field in index.fields],
    }


def view_path(read: ViewRead) -> str:
    """The path of an index's view."""
    return _path(
        read.database, read.partition, "_design", read.index.ddoc, "_view", read.index.name
    )


def find_path(read: ViewRead) -> str:
    """The path of ``_find``."""
    return _path(read.database, read.partition, "_find")


def all_docs_path(read: AllDocs) -> str:
    """The path of the documents in the order of their ids."""
    return _path(read.database, read.partition, "_all_docs")


@lru_cache(maxsize=1000)
def _path(database: str, partition: str | None, *names: str) -> str:
    within = () if partition is None else ("_partition", partition)
    return "".join(f"/{quote(name, safe='')}" for name in (database, *within, *names))


def range_body(one: Range, *, descending: bool = False) -> dict[str, Any]:
    """The parameters of a range; descending ones begin at its end."""
    body: dict[str, Any] = {
        "start_key": list(one.end if descending else one.start),
        "end_key": list(one.start if descending else one.end),
    }
    if descending:
        body["descending"] = True
    low, high = (one.high_id, one.low_id) if descending else (one.low_id, one.high_id)
    if low is not None:
        body["start_key_doc_id"] = low
    elif descending and one.open_end:
        body["start_key_doc_id"] = ""  # before the first id of that key
    if high is not None:
        body["end_key_doc_id"] = high
    elif one.open_end and not descending:
        body["inclusive_end"] = False
    return body
