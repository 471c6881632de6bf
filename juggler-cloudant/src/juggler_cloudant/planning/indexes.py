"""The indexes that a plan may use: those that were read, else those that are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler_cloudant.home import MangoIndex, own_indexes

if TYPE_CHECKING:
    from juggler.spec import ModelSpec, RelationInfo, StoreSchema
    from juggler_cloudant.home import Home


def known_indexes(
    model: ModelSpec, home: Home, schema: StoreSchema
) -> tuple[tuple[MangoIndex, ...], list[tuple[str, str]]]:
    """The indexes of a model, and those that cannot be used with the reason."""
    relation = schema.relation(model.storage_name)
    if schema.declared or relation is None or relation.facts.get("database") != home.database:
        return own_indexes(model, home), []
    return _read(model, home, relation)


def _read(
    model: ModelSpec, home: Home, relation: RelationInfo
) -> tuple[tuple[MangoIndex, ...], list[tuple[str, str]]]:
    labels = {index.ddoc: index.label for index in own_indexes(model, home)}
    usable: list[MangoIndex] = []
    rejected: list[tuple[str, str]] = []
    for info in relation.indexes:
        facts = info.facts
        if facts.get("partial"):
            rejected.append((f"index {info.name}", "it has only some documents (partial)"))
        elif facts.get("partitioned"):
            rejected.append((f"index {info.name}", "it serves one partition at a time"))
        else:
            ddoc = str(facts["ddoc"])
            usable.append(
                MangoIndex(ddoc, info.name, tuple(facts["fields"]), labels.get(ddoc, info.name))
            )
    return tuple(usable), rejected
