"""The indexes that a plan may use: those that were read, else those that are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from juggler_cloudant.home import MangoIndex, is_of_another, own_indexes, stands_for

if TYPE_CHECKING:
    from juggler.spec import ModelSpec, RelationInfo, StoreSchema
    from juggler_cloudant.home import Home


#: Why a declared index is not used.
NOT_MADE = "it is declared, and not there: db.autoupdate() makes it"


def known_indexes(
    model: ModelSpec, home: Home, schema: StoreSchema
) -> tuple[tuple[MangoIndex, ...], list[tuple[str, str]]]:
    """The indexes of a model, and those that cannot be used with the reason."""
    relation = schema.relation(model.storage_name)
    if schema.declared or relation is None or relation.facts.get("database") != home.database:
        return own_indexes(model, home), []
    place = (model.fingerprint, home)
    known = _KNOWN.get(place)
    if known is None or known[0] is not relation:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        known = _KNOWN[place] = (relation, *_read(model, home, relation))
    return known[1], list(known[2])


#: What was found in a relation that was read, for the plans after the first.
_KNOWN: dict[
    tuple[str, Home], tuple[RelationInfo, tuple[MangoIndex, ...], list[tuple[str, str]]]
] = {}
_MOST: Final = 1000


def _read(
    model: ModelSpec, home: Home, relation: RelationInfo
) -> tuple[tuple[MangoIndex, ...], list[tuple[str, str]]]:
    own = own_indexes(model, home)
    usable: list[MangoIndex] = []
    there = {str(info.facts["ddoc"]) for info in relation.indexes}
    labels = {index.ddoc: index.label for index in own}
    for index in own:
        for info in relation.indexes:
            ddoc = str(info.facts["ddoc"])
            if index.ddoc not in there and stands_for(home, ddoc, info.facts["fields"], index):
                labels[ddoc] = index.label
                there.add(index.ddoc)
    rejected = [(f"index {one.label}", NOT_MADE) for one in own if one.ddoc not in there]
    for info in relation.indexes:
        facts = info.facts
        if is_of_another(home, str(facts["ddoc"]), info.name):
            continue
        if facts.get("partial"):
            rejected.append((f"index {info.name}", "it has only some documents (partial)"))
        else:
            ddoc, fields = str(facts["ddoc"]), tuple(facts["fields"])
            label = labels.get(ddoc, info.name)
            usable.append(
                MangoIndex(ddoc, info.name, fields, label, bool(facts.get("partitioned")))
            )
    return tuple(usable), rejected
