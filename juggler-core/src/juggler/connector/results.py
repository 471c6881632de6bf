"""What I/O hooks return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from juggler.spec import ColumnInfo, ModelSpec, RelationInfo

#: A complete key: values in the order of ``KeySpec.names``.
Key: TypeAlias = tuple[Any, ...]
#: A row of neutral values in the order of the fields asked for.
Row: TypeAlias = tuple[Any, ...]
#: An opaque version text.
Version: TypeAlias = str


@frozen
class Page:
    """One page of a fetch.

    Attributes:
        rows: tuples in the order of ``plan.fields``.
        cursor: where the next page starts, None when this was the last one.  Bytes, best a keyset.
        versions: the rows' versions where the store has them.
        scanned: rows that the store read for this page.
        warnings: the store's warnings.
        cursor_after: gives the cursor that goes on after the row of that position; with it the core
            can end a page anywhere, without it asks for no more rows than it needs.
    """

    rows: Sequence[Row]
    cursor: bytes | None = None
    versions: Sequence[Version] | None = None
    scanned: int = 0
    warnings: tuple[str, ...] = ()
    cursor_after: Callable[[int], bytes] | None = None


@define  # not frozen: a read by key makes one, and freezing takes longer than all the rest
class Rows:
    """Rows read by key, in the order of the keys; None for a key that is not there."""

    rows: Sequence[Row | None]
    versions: Sequence[Version | None] | None = None


@frozen
class ServerInfo:
    """What a store says of itself."""

    product: str
    version: str = ""
    features: frozenset[str] = frozenset()
    limits: Mapping[str, Any] = field(factory=dict)


@frozen
class NativeResult:
    """Rows (mappings or tuples) and metadata of a native statement; iterate it for the rows."""

    rows: Sequence[Any] = ()
    meta: Mapping[str, Any] = field(factory=dict)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@frozen
class DiscoverRequest:
    """What to discover: an owner (keyspace, schema), names, views too, paging."""

    names: tuple[str, ...] | None = None
    owner: str | None = None
    views: bool = False
    all_owners: bool = False
    limit: int | None = None
    offset: int = 0


@frozen
class ForeignKey:
    """A foreign key column as the store reports it (field names as LoopBack's discovery)."""

    name: str
    table: str
    column: str
    ref_table: str
    ref_column: str
    seq: int = 1
    owner: str | None = None
    ref_owner: str | None = None


@frozen
class DiscoveredModel:
    """A table or view: its neutral definition and the raw facts."""

    spec: ModelSpec
    relation: RelationInfo
    kind: Literal["table", "view"] = "table"
    owner: str | None = None
    base: str | None = None
    columns: tuple[ColumnInfo, ...] = ()


@frozen
class Discovery:
    """Answer to a :class:`DiscoverRequest`; ``notes`` say what it rests on (sample sizes)."""

    models: Sequence[DiscoveredModel] = ()
    foreign_keys: Sequence[ForeignKey] = ()
    notes: tuple[str, ...] = ()


@frozen
class ChangeEvent:
    """One change of a change stream."""

    key: Key
    kind: Literal["put", "delete"]
    version: Version | None = None
    row: Row | None = None
    token: str = ""


@frozen
class ChangePage:
    """Changes and where to go on."""

    changes: Sequence[ChangeEvent]
    cursor: str | None = None
