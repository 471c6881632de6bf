"""Relations of model documents: what Juggler accepts of them, and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from juggler.errors import JugglerError
from juggler.loopback.salvage import Refused, because, salvage
from juggler.model.relations.kinds import KINDS, checked
from juggler.model.relations.words import plural, singular

if TYPE_CHECKING:
    from juggler.loopback.documents import Document
    from juggler.loopback.report import Report

#: What a relation is nothing without.
_CORE: Final = ("type", "model", "through", "polymorphic")


@define
class Targets:
    """The models that relations may lead to.

    Attributes:
        stored: names of the models that model-config.json gives a data source.
        known: names of all models of the project.
        bases: name of a model → names of its bases, nearest first.
    """

    stored: set[str]
    known: set[str]
    bases: dict[str, tuple[str, ...]]

    def find(self, name: str, *, stored: bool) -> str | None:
        """The model that a relation's word means, by plural and singular in any case, too."""
        names = self.stored if stored else self.known
        if name in names:
            return name
        wanted = {name.lower(), singular(name).lower(), plural(name).lower()}
        near = sorted(n for n in names if {n.lower(), plural(n).lower()} & wanted)
        return near[0] if near else None

    def heirs(self, name: str) -> list[str]:
        """The stored models that extend a model."""
        return sorted(n for n in self.stored if name in self.bases.get(n, ()))


@define
class Relations:
    """Reads the relations of documents."""

    targets: Targets
    report: Report

    def of(self, document: Document, given: Mapping[str, Any]) -> dict[str, Any]:
        """The relations of a document that can be had."""
        found: dict[str, Any] = {}
        for name, said in given.items():
            place = f"{document.name}.{name}"
            if not isinstance(said, Mapping) or not said:
                self.report.lose(place, f"{said!r:.40} is no relation")
                continue
            called, relation = self._one(document, name, said, place)
            if relation is not None:
                found[called] = relation
        return found

    def _one(
        self, document: Document, name: str, said: Mapping[str, Any], place: str
    ) -> tuple[str, dict[str, Any] | None]:
        model = document.name
        if said.get("foreignKey") == name:
            better = _without_id(name)
            self.report.change(
                place, f"the relation is called {better} here: {name} is its foreign key"
            )
            return self._one(document, better, said, f"{model}.{better}")
        core = {word: said[word] for word in _CORE if said.get(word) not in (None, "")}
        try:
            checked(model, name, core)
        except JugglerError as error:
            if error.code == "reserved-name" and not name.endswith("_"):
                self.report.change(place, f"the relation is called {name}_ here")
                return self._one(document, f"{name}_", said, place)
            self.report.lose(place, because(error), error.hint)
            return name, None
        if not self._leads(document, core, place):
            return name, None
        rest = {word: value for word, value in said.items() if word not in core}
        return name, self._options(model, name, core, rest, place)

    def _options(
        self, model: str, name: str, core: dict[str, Any], rest: dict[str, Any], place: str
    ) -> dict[str, Any]:
        """The relation with its other words, as far as they are understood."""
        refused: Refused = []
        options = rest.pop("options", None)
        found, others = salvage(rest, lambda some: checked(model, name, some), core)
        if isinstance(options, Mapping):
            base = dict(found)
            options, refused = salvage(
                options, lambda some: checked(model, name, {**base, "options": some})
            )
            if options:
                found["options"] = options
        elif options is not None:
            self.report.lose(f"{place}.options", f"{options!r:.40} are no options")
        for word, error in (*refused, *others):
            self.report.lose(f"{place}.{word}", because(error), error.hint)
        if found.get("property") == name:  # LoopBack does the same, with a warning
            found["property"] = f"_{name}"
            self.report.change(place, f"the values are stored in _{name}: {name} is the relation")
        return found

    def _leads(self, document: Document, core: dict[str, Any], place: str) -> bool:
        """See that the models of a relation are there; names are corrected in place."""
        kind = KINDS[core["type"]]
        for word in ("model", "through"):
            name = core.get(word)
            if not isinstance(name, str):
                continue
            found = self.targets.find(name, stored=not kind.embedded)
            if found is None and not document.place:
                heirs = self.targets.heirs(name)
                found = heirs[0] if len(heirs) == 1 else None
            if found is None:
                self._nowhere(place, name)
                return False
            core[word] = found
        return True

    def _nowhere(self, place: str, name: str) -> None:
        known = self.targets.find(name, stored=False)
        why = "which has no data source" if known else "which the project does not have"
        heirs = self.targets.heirs(known or name)
        hint = f"name the model that has one: {', '.join(heirs)}" if heirs else ""
        self.report.lose(place, f"leads to {name}, {why} in model-config.json", hint)


def _without_id(name: str) -> str:
    """``userId`` → ``user``, for a relation that is called like its key."""
    for end in ("_id", "Id", "ID", "_ID"):
        if name.endswith(end) and name != end:
            return name.removesuffix(end)
    return f"{name}_"
