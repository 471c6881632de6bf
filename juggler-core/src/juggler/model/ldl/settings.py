"""Settings of an LDL definition, sorted into what a definition has places for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler.errors import ConfigurationError
from juggler.model.ldl import words as ldl_words
from juggler.model.ldl.properties import bad_definition

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition, PropertyDef

#: ``strict`` → whether undeclared properties are kept, and whether they are dropped silently.
STRICT: dict[Any, tuple[bool | None, bool]] = {
    None: (None, False),
    True: (False, False),
    False: (True, False),
    "filter": (False, True),
    "validate": (False, False),
    "throw": (False, False),
}


@define
class Settings:
    """The settings of one model.

    Attributes:
        model: the model's name.
        own: those that a definition has a place for.
        kept: LoopBack's others.
        hints: options of connectors by their names.
        extra: those that nobody knows.
    """

    model: str
    own: dict[str, Any] = field(factory=dict)
    kept: dict[str, Any] = field(factory=dict)
    hints: dict[str, dict[str, Any]] = field(factory=dict)
    extra: dict[str, Any] = field(factory=dict)

    @classmethod
    def read(cls, model: str, given: Any) -> Settings:
        """The settings out of a mapping or None."""
        found = cls(model)
        if given is not None and not isinstance(given, Mapping):
            raise bad_definition(given, "settings are an object")
        for word, value in (given or {}).items():
            if not isinstance(word, str):
                raise bad_definition(word, "settings have texts as names")
            if word in ldl_words.MODEL:
                if value is not None:
                    found.own[word] = value
            elif word in ldl_words.MODEL_KEPT:
                found.kept[word] = value
            elif isinstance(value, Mapping) and ldl_words.is_connector_name(word):
                found.hints[word] = dict(value)
            else:
                found.extra[word] = value
        return found

    def first(self, *words: str) -> Any:
        """The first of these settings that is there."""
        return next((self.own[word] for word in words if word in self.own), None)

    def wrong(self, word: str, value: Any, takes: str) -> ConfigurationError:
        """The error for a setting's value."""
        return ConfigurationError(
            f"{self.model}: {word}={value!r:.60}", code="bad-option", hint=f"{word} takes {takes}"
        )

    # ------------------------------------------------------------ one setting each

    def flag(self, word: str, *, default: bool) -> bool:
        """A setting that is true or false."""
        value = self.own.get(word, default)
        if not isinstance(value, bool):
            raise self.wrong(word, value, "true or false")
        return value

    def text(self, *words: str) -> str | None:
        """A setting that is a text, None when it is missing or empty."""
        value = self.first(*words)
        if isinstance(value, str):
            return value or None
        if value is not None:
            raise self.wrong(words[0], value, "a text")
        return None

    def base(self) -> str | None:
        """Name of the base model."""
        definition = getattr(self.first("base", "super"), "__definition__", None)
        return definition.name if definition is not None else self.text("base", "super")

    def description(self) -> str:
        """A text, or LoopBack's list of lines."""
        value = self.first("description", "doc")
        if isinstance(value, list):
            return " ".join(map(str, value))
        return self.text("description", "doc") or ""

    def strict(self, base: ModelDefinition | None) -> tuple[bool | None, bool]:
        """Whether undeclared properties are kept, and whether they are dropped silently."""
        value = self.own.get("strict")
        if not isinstance(value, bool | str | None) or value not in STRICT:
            raise self.wrong("strict", value, "true, false, 'filter', 'validate' or 'throw'")
        if value is None and base is not None:
            return base.open, base.strict_filter
        return STRICT[value]

    def writes(self, base: ModelDefinition | None) -> str | None:
        """``safe``, ``blind`` or None."""
        value = self.own.get("writes", base.writes if base else None)
        if not isinstance(value, str | None) or value not in {None, "safe", "blind"}:
            raise self.wrong("writes", value, "'safe' or 'blind'")
        return value

    def clustering(self) -> Any:
        """Clustering properties that a connector's options name (``clusteringKeys``)."""
        named = [
            hints["clusteringKeys"] for hints in self.hints.values() if "clusteringKeys" in hints
        ]
        return (named[-1] if named else None) or ()

    def relations(self) -> dict[str, Mapping[str, Any]]:
        """The relations by name."""
        given = self.own.get("relations") or {}
        if not isinstance(given, Mapping):
            raise self.wrong(
                "relations", given, "an object: {'posts': {'type': 'hasMany', 'model': 'Post'}}"
            )
        found: dict[str, Mapping[str, Any]] = {}
        if not given:
            return found
        from juggler.model.relations.kinds import checked  # noqa: PLC0415 - loads with relations

        for name, relation in given.items():
            if not isinstance(relation, Mapping) or not isinstance(relation.get("type"), str):
                raise self.wrong(
                    f"relation {name}", relation, "{'type': 'hasMany', 'model': 'Post'}"
                )
            found[name] = checked(self.model, name, relation)
        return found

    def mark(self, properties: dict[str, PropertyDef]) -> None:
        """Mark what ``hidden`` and ``protected`` name; other names are kept in ``extra``."""
        for flag in ("hidden", "protected"):
            for name in self._names(flag, f"{flag}Properties"):
                if name in properties:
                    properties[name] = properties[name].evolve(**{flag: True})
                else:
                    self.extra.setdefault(flag, []).append(name)

    def _names(self, *words: str) -> list[str]:
        """A list of names, or a mapping of names to true."""
        given = self.first(*words)
        if isinstance(given, Mapping):
            given = [name for name, on in given.items() if on]
        if given is None:
            return []
        if not isinstance(given, list | tuple) or not all(isinstance(n, str) for n in given):
            raise self.wrong(words[0], given, "a list of properties")
        return list(given)
