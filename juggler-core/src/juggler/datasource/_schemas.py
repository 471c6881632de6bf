"""What is known of the store's schema: read when it was asked for, otherwise as declared."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from juggler.spec import EXTRA, ColumnInfo, IndexInfo, RelationInfo, StoreSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from juggler.connector.port import Port
    from juggler.spec import ModelSpec


class Schemas:
    """The schema cache of one data source.

    Args:
        specs: gives the specs of the attached models.
    """

    def __init__(self, specs: Callable[[], Sequence[ModelSpec]]) -> None:
        self._specs = specs
        self._lock = threading.Lock()
        self._read: StoreSchema | None = None
        self._declared: StoreSchema | None = None

    def of(self, spec: ModelSpec) -> StoreSchema:
        """What is known to exist for a model: as read, else as declared."""
        read = self._read
        if read is not None and spec.storage_name in read.relations:
            return read
        declared = self._declared
        if declared is None or spec.storage_name not in declared.relations:
            declared = self._declare(spec)
        return declared

    def forget(self) -> None:
        """The declarations changed, or the store did."""
        with self._lock:
            self._read = self._declared = None

    async def refresh(self, port: Port, specs: Sequence[ModelSpec] | None) -> StoreSchema:
        """Read the schema of some models, or (None) all there is, and keep it.

        A store that cannot be read has what is declared.
        """
        if not port.has("read_schema"):
            return declared_schema(self._specs() if specs is None else specs)
        found: StoreSchema = await port.call("read_schema", specs)
        with self._lock:
            known = {} if specs is None or self._read is None else dict(self._read.relations)
            for spec in specs or ():
                known.pop(spec.storage_name, None)
            profile = dict(found.profile) or dict(self._read.profile if self._read else {})
            self._read = StoreSchema({**known, **found.relations}, profile)
        return found

    def _declare(self, spec: ModelSpec) -> StoreSchema:
        with self._lock:
            profile = self._read.profile if self._read else {}
            declared = declared_schema([spec, *self._specs()])
            self._declared = StoreSchema(declared.relations, profile, declared=True)
            return self._declared


def declared_schema(specs: Iterable[ModelSpec]) -> StoreSchema:
    """What the declarations would create: a relation with columns, key and indexes per model."""
    relations: dict[str, RelationInfo] = {}
    for spec in specs:
        relations.setdefault(spec.storage_name, _relation(spec))
        for view in spec.views:
            relations.setdefault(view.storage_name, _relation(view))
    return StoreSchema(relations, declared=True)


def _relation(spec: ModelSpec) -> RelationInfo:
    return RelationInfo(
        name=spec.storage_name,
        kind="view" if spec.view else "table",
        columns=tuple(
            ColumnInfo(f.storage_name, str(f.type), f.nullable)
            for f in spec.fields
            if f.name != EXTRA
        ),
        key=spec.key,
        indexes=tuple(
            IndexInfo(i.name, i.keys, str(i.options.get("kind", "")), i.unique, facts=i.options)
            for i in spec.indexes
        ),
        base=spec.view.of if spec.view else None,
    )
