"""What a model's settings inherit from its base's: LoopBack's merge policies.

``configureModelMerge`` among the settings says it per setting: ``{"replace": True}`` takes the
model's own, ``{"patch": True}`` merges mappings one level deep, ``{"rank": True}`` puts lists
behind each other, the base's first; ``{}`` merges all the way down.  ``__default`` is for the
settings that are not named.  None as a value takes a setting of the base away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.model.definition import ModelDefinition

Policy = Mapping[str, Any]
#: LoopBack's recommended policies.
DEFAULT: Final[Mapping[str, Policy]] = {
    "acls": {"rank": True},
    "methods": {"patch": True},
    "mixins": {"patch": True},
    "scope": {"replace": True},
    "scopes": {"patch": True},
    "validations": {"rank": True},
    "__default": {"replace": True},
}
#: Settings that are a model's own.
OWN: Final = frozenset({"excludeBaseProperties", "http", "plural", "pluralModelName", "unresolved"})
_WAYS: Final = frozenset({"replace", "patch", "rank"})


def merge(model: str, base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a model that extends another.

    Raises:
        ConfigurationError: ``bad-option`` for a policy that is none.
    """
    policies = _policies(model, own.get("configureModelMerge", base.get("configureModelMerge")))
    found = {word: value for word, value in base.items() if word not in OWN}
    for word, value in own.items():
        if value is None and word in found:
            del found[word]
        elif word in found:
            policy = policies.get(word, policies.get("__default", {}))
            found[word] = _merged(found[word], value, policy)
        else:
            found[word] = value
    return found


def _policies(model: str, given: Any) -> Mapping[str, Policy]:
    if given is None or given is True:
        return DEFAULT
    if given is False:
        return {}
    fits = isinstance(given, Mapping) and all(
        policy is None or (isinstance(policy, Mapping) and policy.keys() <= _WAYS)
        for policy in given.values()
    )
    if not fits:
        raise ConfigurationError(
            f"{model}: configureModelMerge={given!r:.60}",
            code="bad-option",
            hint="true, or {'acls': {'rank': true}, '__default': {'replace': true}}",
            model=model,
        )
    return {word: policy or {} for word, policy in given.items()}


def _merged(base: Any, own: Any, policy: Policy) -> Any:
    if policy.get("replace"):
        return own
    if policy.get("rank") and isinstance(base, list) and isinstance(own, list):
        return [*base, *(item for item in own if item not in base)]
    if isinstance(base, Mapping) and isinstance(own, Mapping):
        if policy.get("patch"):
            return {**base, **own}
        return {
            **base,
            **{k: _merged(base[k], v, policy) if k in base else v for k, v in own.items()},
        }
    if not policy and isinstance(base, list) and isinstance(own, list):
        return [*base, *(item for item in own if item not in base)]
    return own


def excluded(
    model: str,
    settings: Mapping[str, Any] | None,
    base: ModelDefinition | None,
    removed: Iterable[str] = (),
) -> set[str]:
    """Names of the base's properties to leave out: ``excludeBaseProperties``, and ``removed``.

    Raises:
        ConfigurationError: ``bad-option``; ``bad-definition`` for names that the base has not.
    """
    given = (settings or {}).get("excludeBaseProperties") or ()
    if not isinstance(given, list | tuple) or not all(isinstance(n, str) for n in given):
        raise ConfigurationError(
            f"{model}: excludeBaseProperties={given!r:.60}",
            code="bad-option",
            hint="excludeBaseProperties takes a list of names",
            model=model,
        )
    names = {*given, *removed}
    unknown = names - base.properties.keys() if base is not None else set()
    if unknown:
        raise ConfigurationError(
            f"{model} removes {min(unknown)!r}, which {base.name if base else ''} does not have",
            code="bad-definition",
            hint=did_you_mean(min(unknown), base.properties if base else ()),
            model=model,
        )
    return names if base is not None else set()
