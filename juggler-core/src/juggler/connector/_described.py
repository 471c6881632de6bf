"""What a settings class declares: names, aliases, annotations, secrets; read once per class."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from attrs import fields, frozen

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The field that takes undeclared settings; it is none itself.
EXTRA_FIELD = "extra"


@frozen
class Described:
    """A settings class, described.

    Attributes:
        names: setting by folded spelling.
        hints: resolved annotation by setting.
        secret: settings whose values are never shown.
        spellings: every name and alias, for suggestions.
        docs: one line by setting.
    """

    names: Mapping[str, str]
    hints: Mapping[str, Any]
    secret: frozenset[str]
    spellings: tuple[str, ...]
    docs: Mapping[str, str]


def describe(cls: type[Any]) -> Described:
    """The description of a settings class.

    Raises:
        ConfigurationError: ``settings-class`` when it is no attrs class or cannot be read.
    """
    any_class: Any = cls
    return _describe(any_class)


@cache
def _describe(cls: Any) -> Described:
    if "__attrs_attrs__" not in vars(cls):
        raise ConfigurationError(
            f"settings class {cls.__qualname__} is no attrs class",
            code="settings-class",
            hint="decorate it: `@attrs.frozen(kw_only=True)`",
        )
    declared = {a.name: a.metadata for a in fields(cls) if a.name != EXTRA_FIELD}
    names: dict[str, str] = {}
    spellings: list[str] = []
    for name, metadata in declared.items():
        for spelling in (name, *metadata.get("aliases", ())):
            names.setdefault(folded(spelling), name)
            spellings.append(spelling)
    return Described(
        names=names,
        hints=_hints(cls),
        secret=frozenset(name for name, metadata in declared.items() if metadata.get("secret")),
        spellings=tuple(spellings),
        docs={name: metadata.get("doc", "") for name, metadata in declared.items()},
    )


def folded(name: str) -> str:
    """The spelling without case, ``_`` and ``-``: snake_case and camelCase are one."""
    return name.replace("_", "").replace("-", "").lower()


def snake(name: str) -> str:
    """The name in snake_case, for suggestions."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name[:80]).lower()


def _hints(cls: Any) -> dict[str, Any]:
    try:
        return get_type_hints(cls)
    except (NameError, AttributeError, TypeError) as error:
        raise ConfigurationError(
            f"annotations of settings class {cls.__qualname__} cannot be read: {error}",
            code="settings-class",
            hint="import the types at run time, not under TYPE_CHECKING",
        ) from error
