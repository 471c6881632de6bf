"""The process-level hook of a plugin: asking for its card and checking it."""

from __future__ import annotations

from typing import Any

import pluggy

from juggler.connector.hookspecs import CONTRACT, PROJECT, PluginSpec
from juggler.connector.info import ConnectorInfo
from juggler.errors import ConfigurationError, JugglerError, did_you_mean

HOOK = "juggler_connector_info"
_MARK = f"{PROJECT}_impl"


def implemented(plugin: Any) -> dict[str, dict[str, Any]]:
    """Hook implementations of an object: options by attribute name."""
    probe = pluggy.PluginManager(PROJECT)
    found: dict[str, dict[str, Any]] = {}
    for name in dir(plugin):
        options = probe.parse_hookimpl_opts(plugin, name)
        if options is not None:
            found[name] = dict(options)
    return found


def has_card(plugin: Any) -> bool:
    """Whether the object is a connector's plugin."""
    function = getattr(plugin, HOOK, None)
    return function is not None and hasattr(getattr(function, "__func__", function), _MARK)


def card_of(plugin: Any, where: str) -> ConnectorInfo:
    """The plugin's card, checked.

    Args:
        plugin: a module, class or instance with the hook ``juggler_connector_info``.
        where: what it is, for errors.

    Raises:
        ConfigurationError: ``plugin-hook`` when the hook is missing, misspelt or answers something
            else, ``contract-version`` when it was written for another contract.
    """
    if not has_card(plugin):
        raise _no_hook(plugin, where)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(PluginSpec)
    subject = plugin() if isinstance(plugin, type) and _needs_instance(plugin) else plugin
    try:
        manager.register(subject)
        info = manager.hook.juggler_connector_info()
    except pluggy.PluginValidationError as error:
        raise ConfigurationError(
            f"{where} is not what the contract says: {error}",
            code="plugin-hook",
            hint=f"define `@hookimpl def {HOOK}(): return ConnectorInfo(...)` without arguments",
        ) from error
    except JugglerError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"{where}: {HOOK}() raised {type(error).__name__}: {error}",
            code="plugin-hook",
            hint="import the driver in the factory, not where the card is made",
        ) from error
    if not isinstance(info, ConnectorInfo):
        raise ConfigurationError(
            f"{where}: {HOOK}() gave a {type(info).__name__}, not a ConnectorInfo",
            code="plugin-hook",
            hint=f"return juggler.connector.ConnectorInfo(name=…, factory=…) from {HOOK}()",
        )
    check_contract(info.contract, where)
    return info


def check_contract(contract: Any, where: str) -> None:
    """Refuse a connector that was written for another contract.

    Raises:
        ConfigurationError: ``contract-version``.
    """
    parts: tuple[Any, ...] = tuple(contract) if isinstance(contract, tuple | list) else ()
    if len(parts) == len(CONTRACT) and all(isinstance(part, int) for part in parts):
        if parts[0] == CONTRACT[0] and parts <= CONTRACT:
            return
        written = ".".join(map(str, parts))
        newer = parts > CONTRACT
    else:
        written, newer = repr(contract), False
    ours = ".".join(map(str, CONTRACT))
    raise ConfigurationError(
        f"{where} was written for contract {written}; this juggler-core has {ours}",
        code="contract-version",
        hint="pip install --upgrade juggler-core" if newer else "upgrade the connector's package",
    )


def _needs_instance(plugin: type) -> bool:
    """Whether the hook is a plain method, which needs an instance for its ``self``."""
    static = next((vars(c)[HOOK] for c in plugin.__mro__ if HOOK in vars(c)), None)
    return not isinstance(static, staticmethod | classmethod)


def _no_hook(plugin: Any, where: str) -> ConfigurationError:
    names = [name for name in implemented(plugin) if name.startswith(PROJECT)]
    hint = f"define `@hookimpl def {HOOK}(): return ConnectorInfo(...)` in it"
    if names:
        hint = f"it implements {', '.join(names)}: {did_you_mean(names[0], [HOOK])}"
    return ConfigurationError(f"{where} has no hook {HOOK}", code="plugin-hook", hint=hint)
