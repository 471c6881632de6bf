"""Attaching a project's models, and settling the relations between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define

from juggler.errors import JugglerError
from juggler.loopback import builtin
from juggler.loopback.includes import settle_default, settle_relations
from juggler.loopback.salvage import because
from juggler.model.keys import id_type
from juggler.model.relations.resolve import names, relation
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from juggler.datasource import DataSource
    from juggler.loopback.definitions import ProjectBuilder
    from juggler.loopback.report import Report
    from juggler.loopback.sources import Sources

#: The kind of a store's own keys → kinds of keys that it makes.
_MADE: Final = {
    TypeKind.STRING: frozenset({TypeKind.STRING}),
    TypeKind.INTEGER: frozenset({TypeKind.STRING, TypeKind.NUMBER, TypeKind.INTEGER}),
}


@define
class Attacher:
    """Attaches models.

    Attributes:
        builder: the models.
        config: model-config.json's entries by name.
        sources: the data sources.
        report: gets what is refused.
    """

    builder: ProjectBuilder
    config: Mapping[str, Mapping[str, Any]]
    sources: Sources
    report: Report

    def attach(self) -> None:
        """Attach every model where model-config.json says."""
        placed = {}
        for name, entry in self.config.items():
            model = self.builder.models.get(name)
            if model is None:
                continue
            source = self._source(name, entry.get("dataSource", ...))
            if source is None:
                continue
            keyed(model, source)
            if self._attached(source, model):
                placed[name] = (model, source)
        for model, source in placed.values():
            self._settle(model, source)
        for name, model in list(self.builder.models.items()):
            if name in self.config and name not in placed:
                self._settle(model, None)
        for model, source in placed.values():
            if any(prop.model for prop in model.__definition__.properties.values()):
                self._attached(source, model)  # what it holds may have got foreign keys
            self._rules(model, source)
        self._includes(placed.values())
        self.builder.current = None

    def _includes(self, placed: Iterable[Any]) -> None:
        """Leave out what scopes cannot include: a default scope may lead through the others."""
        for settle in (settle_relations, settle_default):
            for model, source in placed:
                if settle(model, self.report):
                    self._attached(source, model)

    def _source(self, name: str, said: Any) -> DataSource | None:
        if said in (None, False):
            return None
        if said is ... or not isinstance(said, str):
            self.report.lose(name, "model-config.json gives it no dataSource: it is not attached")
            return None
        return self.sources.all.get(said)  # a lost one is in the report

    def _attached(self, source: DataSource, model: Any) -> bool:
        """Attach a model; mistakes of relations show when they are settled."""
        self.builder.current = source
        try:
            source.attach(model)
        except JugglerError as error:
            if getattr(model.__link__, "source", None) is source:
                return True
            name = model.__definition__.name
            self.report.lose(name, f"is not attached: {because(error)}", error.hint)
            return False
        return True

    def _settle(self, model: Any, source: DataSource | None) -> None:
        """Find the keys of a model's relations; one that is wrong is taken off the model."""
        self.builder.current = source
        for name in names(model):
            if source is None and not self._alone(model, name):
                continue
            try:
                relation(model, name)
            except JugglerError as error:
                if self._waits(model, name):
                    continue
                place = f"{model.__definition__.name}.{name}"
                self.report.lose(place, because(error), error.hint)
                forget(model, name)

    def _alone(self, model: Any, name: str) -> bool:
        """Whether a model without a data source may have a relation: others hold its values."""
        return model.__definition__.relations[name]["type"] in {
            "belongsTo", "embedsOne", "embedsMany", "referencesMany"
        }  # fmt: skip

    def _waits(self, model: Any, name: str) -> bool:
        """Whether the other model is of a data source that could not be made."""
        other = self.config.get(model.__definition__.relations[name].get("model", ""), {})
        return other.get("dataSource") in self.sources.lost

    def _rules(self, model: Any, source: DataSource) -> None:
        """The rules of LoopBack's own models, and indexes that are changed."""
        definition = model.__definition__
        lineage = {
            cls.__definition__.name for cls in model.__mro__ if "__definition__" in vars(cls)
        }
        for base, rules in builtin.UNIQUE.items():
            for name, message in rules.items() if base in lineage else ():
                if name not in definition.properties:
                    continue
                if source.policy.scan == "allow":
                    model.validates_uniqueness_of(name, message=message)
                else:
                    self.report.lose(
                        f"{definition.name}.{name}",
                        "is not checked to be unique, which would scan the store",
                        f'{model.__name__}.validates_uniqueness_of("{name}") with an index',
                    )
        for index in definition.indexes:
            if len({way for _, way in index.keys}) > 1 and "coerce_directions" in source.settings:
                self.report.change(
                    f"{definition.name}.indexes.{index.name}", "all its keys go the first one's way"
                )


def keyed(model: Any, source: DataSource) -> None:
    """Let the store make a key that nobody gives, as LoopBack's connectors do.

    Numbers are made by stores whose own keys are numbers, texts by these, too.
    """
    definition = model.__definition__
    if len(definition.ids) != 1:
        return
    (name,) = definition.ids
    prop = definition.properties[name]
    kinds = _MADE.get(id_type(source.default_id_type).kind, frozenset())
    if prop.generated or prop.default_kind != "none" or prop.type.kind not in kinds:
        return
    properties = {**definition.properties, name: prop.evolve(generated=True)}
    model.__adopt__(definition.evolve(properties=properties))


def forget(model: Any, name: str) -> None:
    """Take a relation off a class and off those that have it from there."""
    definition = model.__definition__
    if name in definition.relations:
        left = {key: value for key, value in definition.relations.items() if key != name}
        model.__definition__ = definition.evolve(relations=left)
    for owner in (type(model), model):  # the expression hides the attribute
        if name in vars(owner):
            delattr(owner, name)
    for heir in model.__subclasses__():
        forget(heir, name)
