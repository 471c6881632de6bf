"""What is known to exist in a store: the actual side of planning and of schema comparison."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.spec._model import Direction, KeySpec


@frozen
class ColumnInfo:
    """A column as the store reports it; ``native_type`` is the store's own spelling."""

    name: str
    native_type: str
    nullable: bool = True
    facts: Mapping[str, Any] = field(factory=dict, eq=False, hash=False)


@frozen
class IndexInfo:
    """An index as the store reports it; ``kind`` is the store's own word (``hash``, ``sai``, …)."""

    name: str
    keys: tuple[tuple[str, Direction], ...]
    kind: str = ""
    unique: bool = False
    ours: bool = True
    facts: Mapping[str, Any] = field(factory=dict, eq=False, hash=False)


@frozen
class RelationInfo:
    """A table, view, database or collection as the store reports it."""

    name: str
    kind: Literal["table", "view"] = "table"
    columns: tuple[ColumnInfo, ...] = ()
    key: KeySpec | None = None
    indexes: tuple[IndexInfo, ...] = ()
    base: str | None = None
    facts: Mapping[str, Any] = field(factory=dict, eq=False, hash=False)

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name, or None."""
        return next((i for i in self.indexes if i.name == name), None)


@define(frozen=True, slots=False)
class StoreSchema:
    """Everything known to exist, by storage name.

    ``declared`` is True when nothing was read and the schema is what the declarations would create.
    ``profile`` holds what the connector learnt of the server (product, version, switches).
    """

    relations: Mapping[str, RelationInfo] = field(factory=dict)
    profile: Mapping[str, Any] = field(factory=dict)
    declared: bool = False

    def relation(self, storage_name: str) -> RelationInfo | None:
        """The table or view of that storage name, or None when it is not there."""
        return self.relations.get(storage_name)

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest; an apply refuses when it moved since its plan."""
        text = repr(
            sorted(
                (name, repr(info), repr(sorted(info.facts.items(), key=str)))
                for name, info in self.relations.items()
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]
