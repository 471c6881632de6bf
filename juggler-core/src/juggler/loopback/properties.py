"""Properties of model documents: what Juggler accepts of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from juggler.errors import ConfigurationError, JugglerError
from juggler.loopback.salvage import because, salvage
from juggler.model.ldl.reading import DefinitionWarning, read_properties
from juggler.model.ldl.types import split_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.loopback.report import Report
    from juggler.model.definition import ModelDefinition, PropertyDef

#: Options that are true or false, and texts that may be lists of lines.
_FLAGS: Final = frozenset({"required", "id", "generated", "index", "unique"})
_LINES: Final = frozenset({"description", "doc", "comments"})


def accepted(
    model: str, name: str, form: Any, is_model: Callable[[str], bool], report: Report
) -> dict[str, Any]:
    """A property in a form that is accepted; nothing where its name is refused.

    Args:
        model: the model's name.
        name: the property's name.
        form: the property as it is written.
        is_model: whether a name is that of a model.
        report: gets what is refused.
    """
    place = f"{model}.{name}"

    def accept(some: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DefinitionWarning)  # reported with the model
            found = read_properties(model, {name: some})[name]
        for type_ in _models_in(found):
            if not is_model(type_):
                raise ConfigurationError(
                    f"its type {type_!r:.60} is no type and no model", code="unknown-type"
                )

    form = tidied(form)
    try:
        accept(form)
    except JugglerError as error:
        if error.code == "property-name":
            report.lose(place, because(error), error.hint)
            return {}
    else:
        return {name: form}
    type_, options = split_options(form)
    start = {"type": type_}
    try:
        accept(start)
    except JugglerError as error:
        report.lose(place, f"{because(error)}; it takes anything", error.hint)
        start = {"type": "any"}
    found, refused = salvage(options, accept, start)
    for option, why in refused:
        report.lose(f"{place}.{option}", because(why), why.hint)
    return {name: found}


def _models_in(prop: PropertyDef) -> Iterator[str]:
    """Names of the models that a property's type refers to."""
    if prop.model:
        yield prop.model
    nested: ModelDefinition | None = prop.nested
    for inner in nested.properties.values() if nested is not None else ():
        yield from _models_in(inner)


def tidied(form: Any) -> Any:
    """A property's form with what LoopBack takes loosely as it is meant."""
    if isinstance(form, list):
        return [tidied(part) for part in form]
    if not isinstance(form, Mapping):
        return form
    found: dict[str, Any] = {}
    for word, value in form.items():
        if word in _FLAGS and value == "true":
            found[word] = True
        elif word in _LINES and isinstance(value, list) and all(isinstance(v, str) for v in value):
            found[word] = " ".join(value)
        else:
            found[word] = value if word == "default" else tidied(value)
    return found
