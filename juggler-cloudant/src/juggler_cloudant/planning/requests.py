"""What a plan asks the server for, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

from attrs import frozen

from juggler.connector import Statement

if TYPE_CHECKING:
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


@frozen(eq=False)
class AllDocs:
    """All documents of a database between two ids, in the order of ids."""

    database: str
    low: str | None = None
    high: str | None = None
    without: frozenset[str] = frozenset()
    descending: bool = False


@frozen(eq=False)
class Keys:
    """Documents by key."""

    database: str
    keys: tuple[Key, ...]


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


Read: TypeAlias = ViewRead | AllDocs | Keys | Union


def statements(read: Read) -> tuple[Statement, ...]:
    """The requests of a read, for explain; the limit of each page is left out."""
    match read:
        case Union(branches=branches):
            return tuple(s for branch in branches for s in statements(branch.read))
        case Keys(database, keys):
            return (Statement(f"POST /{quote(database, safe='')}/_all_docs", (keys,)),)
        case AllDocs():
            return (
                Statement(
                    f"POST /{quote(read.database, safe='')}/_all_docs",
                    {"start_key": read.low, "end_key": read.high, "descending": read.descending},
                ),
            )
        case ViewRead():
            text = f"POST {view_path(read)}" + ("/queries" if len(read.ranges) > 1 else "")
            shown = {
                "index": {"ddoc": read.index.ddoc, "name": read.index.name,
                          "fields": list(read.index.fields)},
            }  # fmt: skip
            return tuple(
                Statement(text, range_body(one, descending=read.descending), shown)
                for one in read.ranges[:_SHOWN]
            )


_SHOWN = 32


def view_path(read: ViewRead) -> str:
    """The path of an index's view."""
    names = (read.database, read.index.ddoc, read.index.name)
    database, ddoc, name = (quote(one, safe="") for one in names)
    return f"/{database}/_design/{ddoc}/_view/{name}"


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
