"""Write operations and their results, one per row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector.results import Key, Row, Version
    from juggler.errors import JugglerError

WriteKind = Literal["insert", "put", "replace", "patch", "delete"]
Status = Literal[
    "created",
    "replaced",
    "patched",
    "deleted",
    "unchanged",
    "applied",
    "missing",
    "conflict",
    "failed",
    "unknown",
]
WriteMode = Literal["safe", "blind"]
Atomic = Literal["none", "row", "partition", "all"]


@define
class WriteOp:
    """One row to write.

    Attributes:
        kind: ``insert`` fails when the key exists; ``put`` is the full record whatever is there;
            ``replace`` the full record of a row that must exist; ``patch`` changes only the given
            properties of a row that must exist, unless ``create``; ``delete``.
        key: the complete key; None only for ``insert`` on a store that makes keys.
        values: for insert, put, replace: the row tuple in the order of ``model.fields``; for patch:
            a mapping from property name (or dotted path where the connector patches nested values)
            to the new value or a delta (:class:`Add`, :class:`Remove`, :class:`Append`,
            :class:`Inc`); for delete: None.  ``MISSING`` in a row tuple means: do not touch.
        if_version: write only if the row has this version.
        create: patch only: insert the row if it is not there (``patch`` capability with
            ``create=True``; the core does it in rounds otherwise).
        defaults: row tuple to insert when a patch with ``create`` finds nothing.
        ttl: seconds to live.
        timestamp: write time in microseconds, where the store takes one.
    """

    kind: WriteKind
    key: Key | None
    values: Row | Mapping[str, Any] | None = None
    if_version: Version | None = None
    create: bool = False
    defaults: Row | None = None
    ttl: float | None = None
    timestamp: int | None = None


@frozen
class WriteOptions:
    """How to write: mode of the model, atomicity asked for, consistency, whether order matters.

    ``records`` asks for the stored row in each result (``WriteResult.record``).
    """

    mode: WriteMode = "safe"
    atomic: Atomic = "none"
    ordered: bool = False
    consistency: str = "default"
    records: bool = False


@define
class WriteResult:
    """What happened to one row; ``existed`` None means that the store does not say."""

    index: int
    key: Key | None
    status: Status
    existed: bool | None = None
    version: Version | None = None
    record: Row | None = None
    error: JugglerError | None = None


@frozen
class WhereResult:
    """Result of a write by condition; a count that is not known is None, never 0."""

    matched: int | None
    changed: int | None
    conflicts: int = 0


@frozen
class Change:
    """What ``write_where`` does to every matching row: a patch (values) or a delete."""

    kind: Literal["patch", "delete"]
    values: Mapping[str, Any] | None = None


# ---------------------------------------------------------------- deltas for patches


@frozen
class Add:
    """Add elements to a set, or entries to a map."""

    values: Any


@frozen
class Remove:
    """Remove elements from a set or array, or keys from a map."""

    values: Any


@frozen
class Append:
    """Append elements to an array; ``front`` puts them before the others."""

    values: Any
    front: bool = False


@frozen
class Inc:
    """Add ``by`` to a counter, or to a number where the connector can do it atomically."""

    by: int = 1
