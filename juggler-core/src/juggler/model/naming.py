"""Names of properties: which are legal, and which Python attribute each gets."""

from __future__ import annotations

import keyword
import unicodedata
from typing import Any

from juggler.errors import ConfigurationError

#: Slots of every instance.  ``_embedded`` is the stored mapping of an embedded one.
STATE = ("_row", "_version", "_extra", "_more", "_rel", "_embedded", "_parent")
#: Words of filters: a property of that name could not be filtered by.
FILTER_WORDS = frozenset({"and", "or", "nor", "not"})
#: Words of the API that later layers add to models and instances.
LATER = frozenset(
    {
        "access", "after_create", "after_delete", "after_save", "after_update", "after_validate",
        "before_create", "before_delete", "before_save", "before_update", "before_validate",
        "belongs_to", "embeds_many", "embeds_one", "errors", "has_and_belongs_to_many",
        "has_many", "has_one", "initialize", "is_valid", "loaded", "observe", "persist",
        "references_many", "scope", "unscoped", "validate", "validates",
    }
)  # fmt: skip

_reserved: set[str] = set()
_LONGEST = 255


def reserve(names: Any) -> None:
    """Take the public names out of ``names`` for the API."""
    _reserved.update(name for name in names if not name.startswith("_"))


def is_reserved(name: str) -> bool:
    """Whether the API needs the name as an attribute of models or instances."""
    return (
        name in _reserved
        or name in LATER
        or name in STATE
        or name.startswith("validates_")
        or (name.startswith("__") and name.endswith("__"))
    )


def check_property(name: Any, model: str) -> str:
    """The name, if a property may have it.

    Raises:
        ConfigurationError: ``property-name`` for what is no text, empty, dotted, a word of filters
            or begins with ``$``.
    """
    problem = problem_of(name)
    if problem:
        raise ConfigurationError(
            f"model {model} cannot have a property named {name!r}: {problem}",
            code="property-name",
            hint="rename it; prop(name=…) or columnName keep the store's own name",
            model=model,
        )
    return str(name)


def problem_of(name: Any) -> str:
    """Why a property cannot have the name; empty when it can."""
    if not isinstance(name, str):
        return "a name is a text"
    if not name or len(name) > _LONGEST:
        return f"a name has 1 to {_LONGEST} characters"
    if "." in name:
        return "a dot separates the parts of a path"
    if name in FILTER_WORDS:
        return "it is a word of filters"
    if name.startswith("$") or name == "*":
        return "it is kept for stores"
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        return "it has control characters"
    return ""


def attribute_of(name: str) -> str:
    """The attribute of a property: its name, with ``_`` behind where Python or the API has it."""
    return f"{name}_" if is_reserved(name) or keyword.iskeyword(name) or name == "mro" else name


def is_plain(attribute: str) -> bool:
    """Whether a slot can have that name; other attributes live in the overflow slot."""
    return (
        attribute.isidentifier()
        and not keyword.iskeyword(attribute)
        and not attribute.startswith("__")
        and unicodedata.normalize("NFKC", attribute) == attribute
    )


def check_model(name: Any) -> str:
    """The name, if a model may have it.

    Raises:
        ConfigurationError: ``model-name``.
    """
    if (
        isinstance(name, str)
        and name.strip()
        and len(name) <= _LONGEST
        and not any(unicodedata.category(c) in {"Cc", "Cs"} for c in name)
    ):
        return name
    raise ConfigurationError(
        f"{name!r} is no name of a model",
        code="model-name",
        hint="a text of 1 to 255 characters: define('User', {…})",
    )


def class_name(name: str) -> str:
    """The Python name of a model's class (``my-model`` → ``my_model``)."""
    text = "".join(c if f"a{c}".isidentifier() else "_" for c in name)
    text = unicodedata.normalize("NFKC", text)
    return text if text.isidentifier() and not keyword.iskeyword(text) else f"Model_{text}"
