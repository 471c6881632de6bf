"""The kinds of relations: one table, and the check of what a definition says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from juggler.errors import CapabilityError, ConfigurationError, did_you_mean
from juggler.model import naming

ON_DELETE: Final = ("restrict", "cascade", "nullify", "nothing")
_COMMON: Final = frozenset({"type", "model", "methods"})
_KEYS: Final = frozenset({"foreignKey", "primaryKey"})
_ROWS: Final = frozenset({"scope", "properties"})
_EMBEDS: Final = frozenset({"property", "properties"})
_THROUGH: Final = frozenset({"through", "keyThrough", "polymorphic", "invert"})


@frozen
class Kind:
    """One kind of relation.

    Attributes:
        word: LoopBack's word, as it stands in definitions.
        function: the function and class method that declares it.
        options: the words that a definition of it may have.
        many: whether it leads to several.
    """

    word: str
    function: str
    options: frozenset[str]
    many: bool = False

    @property
    def embedded(self) -> bool:
        """Whether the related values are a part of this row."""
        return self.word.startswith("embeds")


KINDS: Final[Mapping[str, Kind]] = {
    kind.word: kind
    for kind in (
        Kind(
            "hasMany",
            "has_many",
            _COMMON | _KEYS | _ROWS | _THROUGH | {"onDelete"},
            many=True,
        ),
        Kind("hasOne", "has_one", _COMMON | _KEYS | _ROWS | {"polymorphic", "onDelete"}),
        Kind("belongsTo", "belongs_to", _COMMON | _KEYS | _ROWS | {"polymorphic"}),
        Kind(
            "hasAndBelongsToMany",
            "has_and_belongs_to_many",
            _COMMON | _KEYS | _ROWS | _THROUGH | {"throughTable", "onDelete"},
            many=True,
        ),
        Kind("referencesMany", "references_many", _COMMON | _KEYS | _ROWS, many=True),
        Kind("embedsOne", "embeds_one", _COMMON | _EMBEDS | {"default"}),
        Kind("embedsMany", "embeds_many", _COMMON | _EMBEDS | {"belongsTo", "scope"}, many=True),
    )
}
#: Other spellings of the words.
SPELLINGS: Final[Mapping[str, str]] = {
    "key": "foreignKey", "foreign_key": "foreignKey", "primary_key": "primaryKey",
    "key_through": "keyThrough", "through_key": "keyThrough", "through_table": "throughTable",
    "on_delete": "onDelete", "as_": "as", "scopeMethods": "methods", "scope_methods": "methods",
    "invert_properties": "invertProperties", "disable_include": "disableInclude",
    "belongs_to": "belongsTo", "force_id": "forceId",
}  # fmt: skip
#: Words of LoopBack's ``options`` of a relation, and the values that change nothing here.
OPTIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "disableInclude": (True, False),
    "nestRemoting": (True, False),
    "invertProperties": (True, False),
    "persistent": (True, False),
    "validate": (True,),
    "forceId": (True, False),
    "prepend": (True, False),
    "omitDefaultEmbeddedItem": (True, False),
}
#: Those of them that some kinds have only, and what to do instead.
_ONLY: Final[Mapping[str, tuple[str, str]]] = {
    "prepend": ("embedsMany", "order the rows when they are read"),
    "forceId": ("embedsMany", "forceId is a setting of the other model"),
    "persistent": ("embedsOne embedsMany", "rows of this relation are stored anyway"),
}
#: Words that LoopBack has and that are refused, with the way that is there.
REFUSED: Final[Mapping[str, str]] = {
    "embedsProperties": "properties with invertProperties copies into properties of this model",
}


def checked(model: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A relation's definition in canonical words, empty ones left out.

    Raises:
        ConfigurationError: ``unknown-relation-kind``, ``unknown-option``, ``bad-option``,
            ``reserved-name``.
        CapabilityError: ``relation-option`` for what LoopBack has and Juggler has not.
    """
    where = f"{model}.{name}"
    naming.check_property(name, model)
    if naming.is_reserved(name):
        raise ConfigurationError(
            f"the relation {where} has a name that the API needs",
            code="reserved-name",
            hint="rename the relation",
            model=model,
        )
    word = given.get("type")
    kind = KINDS.get(str(word)) or _by_function(word)
    if kind is None:
        raise ConfigurationError(
            f"{where}: {word!r:.60} is no kind of relation",
            code="unknown-relation-kind",
            hint=did_you_mean(str(word)[:60], KINDS),
            model=model,
        )
    found: dict[str, Any] = {"type": kind.word}
    switches: dict[str, Any] = {}
    for said, value in _flat(where, given).items():
        option = SPELLINGS.get(said, said)
        if option in REFUSED and value not in (None, False):
            raise CapabilityError(
                f"{where}: relations have no {said}",
                code="relation-option",
                feature=said,
                hint=REFUSED[option],
                model=model,
            )
        if option == "type" or value is None or value == "" or option in REFUSED:
            continue
        if option in OPTIONS:
            switches[option] = _switch(where, option, value)
        elif option in kind.options:
            found[option] = _value(where, option, value)
        else:
            raise ConfigurationError(
                f"{where}: {kind.word} has no option {said!r}",
                code="unknown-option",
                hint=did_you_mean(said, (*kind.options, *OPTIONS)),
                model=model,
            )
    return _together(where, {**found, "options": switches} if switches else found)


def _flat(where: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a definition and those of LoopBack's ``options`` in it."""
    options = given.get("options") or {}
    if not isinstance(options, Mapping):
        raise ConfigurationError(
            f"{where}: options={options!r:.60}", code="bad-option", hint="options is a mapping"
        )
    for word in options:
        if word not in (*OPTIONS, *REFUSED, "belongsTo"):
            raise ConfigurationError(
                f"{where}: there is no option {word!r} of a relation",
                code="unknown-option",
                hint=did_you_mean(str(word), OPTIONS),
            )
    return {**{word: value for word, value in given.items() if word != "options"}, **options}


def _switch(where: str, word: str, value: Any) -> Any:
    if value in OPTIONS[word]:
        return value
    raise CapabilityError(
        f"{where}: relations cannot do {word}={value!r}",
        code="relation-option",
        feature=word,
        hint=f"{word}={OPTIONS[word][0]!r} is how it is here",
    )


def _by_function(word: Any) -> Kind | None:
    return next((kind for kind in KINDS.values() if kind.function == word), None)


def _value(where: str, option: str, value: Any) -> Any:
    """A checked value; model classes as their names."""
    match option:
        case "model" | "through":
            named = getattr(getattr(value, "__definition__", None), "name", value)
            fits = isinstance(named, str)
            value, wanted = named, "a model or its name"
        case "foreignKey" | "primaryKey" | "keyThrough":
            fits = isinstance(value, str) or (
                isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)
            )
            value = list(value) if isinstance(value, tuple) else value
            wanted = "a property, or a list of them in the order of the key"
        case "onDelete":
            fits, wanted = value in ON_DELETE, " | ".join(ON_DELETE)
        case "scope":
            fits = isinstance(value, Mapping) or callable(value)
            wanted = "a filter, or a function of the instance that gives one"
        case "properties":
            fits = isinstance(value, Mapping | list | tuple) or callable(value)
            wanted = "a mapping from this model's properties to the other's, or a list of them"
        case "default":
            fits = isinstance(value, Mapping | bool) or callable(value)
            wanted = "True, values, or a function that gives them"
        case "methods":
            fits = isinstance(value, Mapping) and all(map(callable, value.values()))
            wanted = "functions by name; each takes the handle first"
        case "polymorphic":
            fits = isinstance(value, str | bool | Mapping)
            wanted = "the name of the belongsTo on the other side, or its selector, keys and types"
        case _:
            fits, wanted = isinstance(value, str | bool | list | Mapping), "a text"
    if fits:
        return value
    raise ConfigurationError(
        f"{where}: {option}={value!r:.60}", code="bad-option", hint=f"{option} is {wanted}"
    )


def _together(where: str, found: dict[str, Any]) -> dict[str, Any]:
    """Options that exclude or need each other."""
    kind = found["type"]
    if "model" not in found and not (kind == "belongsTo" and found.get("polymorphic")):
        raise ConfigurationError(
            f"{where} names no model", code="bad-option", hint=f"{{'type': '{kind}', 'model': …}}"
        )
    if kind == "hasMany" and "keyThrough" in found and "through" not in found:
        raise ConfigurationError(
            f"{where}: keyThrough without through", code="bad-option", hint="through=Enrolment"
        )
    if found.get("invert") and not ("through" in found and found.get("polymorphic")):
        raise ConfigurationError(
            f"{where}: only a polymorphic relation through a joining model is inverted",
            code="bad-option",
            hint="through=PictureLink, polymorphic='imageable', invert=True",
        )
    if kind == "hasAndBelongsToMany" and found.get("polymorphic") and "through" not in found:
        raise ConfigurationError(
            f"{where}: a polymorphic relation needs the joining model",
            code="bad-option",
            hint="through=PictureLink",
        )
    switches = found.get("options", {})
    for word, (kinds, instead) in _ONLY.items():
        if switches.get(word) and kind not in kinds.split():
            raise CapabilityError(
                f"{where}: {kind} has no {word}",
                code="relation-option",
                feature=word,
                hint=instead,
            )
    if switches.get("invertProperties") and not found.get("properties"):
        raise ConfigurationError(
            f"{where}: invertProperties without properties",
            code="bad-option",
            hint="properties={'name': 'authorName'}: from the other model to this one",
        )
    if found.get("onDelete") == "nullify" and ("through" in found or kind == "hasAndBelongsToMany"):
        raise ConfigurationError(
            f"{where}: a joining row cannot be nullified",
            code="bad-option",
            hint="onDelete is 'cascade' there: joining rows go, the other side stays",
        )
    return found
