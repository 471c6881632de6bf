"""Includes in scopes of documents: one that leads nowhere would fail every read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.errors import JugglerError
from juggler.loopback.salvage import because
from juggler.model.conditions import include_of
from juggler.model.relations.nodes import nodes_of
from juggler.model.relations.resolve import relation

if TYPE_CHECKING:
    from juggler.loopback.report import Report


def settle_relations(model: Any, report: Report) -> bool:
    """Leave out what the scopes of a model's relations cannot include.

    Args:
        model: an attached model.
        report: gets what is left out.

    Returns:
        Whether the model was changed.
    """
    definition = model.__definition__
    changed = {}
    for name, said in definition.relations.items():
        target = relation(model, name).target
        kept = _kept(said.get("scope"), target, f"{definition.name}.{name}.scope", report)
        if kept is not None:
            changed[name] = {**said, "scope": kept}
    if changed:
        model.__adopt__(definition.evolve(relations={**definition.relations, **changed}))
    return bool(changed)


def settle_default(model: Any, report: Report) -> bool:
    """Leave out what the default scope of a model cannot include; as above."""
    definition = model.__definition__
    kept = _kept(definition.settings.get("scope"), model, f"{definition.name}.scope", report)
    if kept is not None:
        model.__adopt__(definition.evolve(settings={**definition.settings, "scope": kept}))
    return kept is not None


def _kept(scope: Any, model: Any, place: str, report: Report) -> dict[str, Any] | None:
    """A scope without the includes that are not there; None where it is fine as it is."""
    if not isinstance(scope, Mapping) or not scope.get("include") or model is None:
        return None
    kept = []
    for one in include_of(scope["include"]):
        try:
            nodes_of(model, one)
        except JugglerError as error:
            report.lose(f"{place}.include", because(error), error.hint)
        else:
            kept.append(one)
    if len(kept) == len(include_of(scope["include"])):
        return None
    rest = {word: value for word, value in scope.items() if word != "include"}
    return {**rest, "include": kept} if kept else rest
