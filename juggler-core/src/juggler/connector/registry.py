"""Finding connectors: entry points by name on demand, and what the process registered.

Group ``juggler.connectors``: the entry point's name is the URL scheme, its object answers the hook
``juggler_connector_info``.  Group ``juggler.plugins``: plugins that wrap hooks of any connector.
``JUGGLER_PLUGINS=a,b`` limits both groups to these names.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from juggler.connector._plugin import card_of, has_card
from juggler.errors import ConfigurationError, JugglerError, did_you_mean

if TYPE_CHECKING:
    from juggler.connector.info import ConnectorInfo

CONNECTORS = "juggler.connectors"
PLUGINS = "juggler.plugins"
LIMIT = "JUGGLER_PLUGINS"
#: Connectors that `pip install 'juggler[name]'` brings.
EXTRAS = frozenset({"cassandra", "cloudant"})
PREFIXES = ("juggler-", "loopback-connector-")


@frozen
class Installed:
    """An entry point, for lists of plugins; a broken one has an ``error`` and no ``info``."""

    name: str
    group: str
    distribution: str
    version: str
    info: ConnectorInfo | None = None
    error: JugglerError | None = None


@frozen
class _State:
    """What this process registered and loaded."""

    lock: threading.RLock
    connectors: dict[str, Any]
    plugins: dict[str, Any]
    loaded: dict[tuple[str, str | None], ConnectorInfo] = field(factory=dict)
    installed: dict[Any, list[tuple[str, Any]]] = field(factory=dict)


_state = _State(threading.RLock(), {}, {})


def register(plugin: Any, name: str | None = None) -> Any:
    """Register a plugin for this process, without an entry point.

    Args:
        plugin: an object with the hook ``juggler_connector_info`` (a connector), or with wrappers
            of a connector's pure hooks (a plugin for every data source made from now on).
        name: its name; a connector's own by default.

    Returns:
        The plugin.

    Raises:
        ConfigurationError: the name is taken, or the plugin is not what the contract says.
    """
    connector = has_card(plugin)
    label = name or (card_of(plugin, "the registered plugin").name if connector else _label(plugin))
    table = _state.connectors if connector else _state.plugins
    with _state.lock:
        if table.get(label, plugin) is not plugin:
            raise ConfigurationError(
                f"a plugin named {label!r} is registered already",
                code="duplicate-connector",
                hint=f"unregister({label!r}) first, or give another name=",
            )
        table[label] = plugin
    return plugin


def unregister(name: str) -> None:
    """Forget a plugin that this process registered; a name that is not there is no error."""
    with _state.lock:
        _state.connectors.pop(name, None)
        _state.plugins.pop(name, None)


def find(name: str) -> ConnectorInfo:
    """The card of the connector with this name, alias or package name.

    Raises:
        ConfigurationError: ``unknown-connector`` (with what is installed), ``duplicate-connector``,
            ``plugin-import``, ``contract-version``, ``plugin-hook``.
    """
    short = short_name(name)
    with _state.lock:
        for label, plugin in _state.connectors.items():
            if label in {name, short}:
                return card_of(plugin, f"the registered plugin {label!r}")
        cached = _state.loaded.get((short, os.environ.get(LIMIT)))
        if cached is not None:
            return cached
        info = _find(name, short)
        _state.loaded[short, os.environ.get(LIMIT)] = info
        return info


def plugins() -> list[tuple[str, Any]]:
    """(name, object) of every cross-cutting plugin, registered or installed.

    Raises:
        ConfigurationError: ``plugin-import`` when one cannot be imported.
    """
    place = (os.environ.get(LIMIT), tuple(sys.path))
    with _state.lock:
        found = _state.installed.get(place)
        if found is None:
            found = [(entry.name, _load(entry)) for entry in _entries(PLUGINS)]
            _state.installed[place] = found
    return found + list(_state.plugins.items())


def installed() -> list[Installed]:
    """Every entry point of both groups, with its card or its error; nothing is raised."""
    return [_listed(entry) for group in (CONNECTORS, PLUGINS) for entry in _entries(group)]


def short_name(name: str) -> str:
    """``x`` for ``juggler-x``, ``loopback-connector-x`` and ``X``."""
    folded = name.strip().lower().replace("_", "-")
    for prefix in PREFIXES:
        folded = folded.removeprefix(prefix)
    return folded


def _find(name: str, short: str) -> ConnectorInfo:
    entries = _entries(CONNECTORS)
    named = _distinct([entry for entry in entries if entry.name == short])
    if len(named) > 1:
        raise _duplicate(short, named)
    if named:
        return _card(named[0])
    for plugin in _state.connectors.values():
        info = card_of(plugin, "a registered plugin")
        if _answers(info, name, short):
            return info
    for entry in entries:
        listed = _listed(entry)
        if listed.info is not None and _answers(listed.info, name, short):
            return listed.info
    raise _unknown(name, short, entries)


def _answers(info: ConnectorInfo, name: str, short: str) -> bool:
    return short in {info.name, *map(short_name, info.aliases)} or name in info.aliases


def _entries(group: str) -> list[EntryPoint]:
    limit = os.environ.get(LIMIT)
    found = list(entry_points(group=group))
    if limit is None:
        return found
    allowed = {short_name(part) for part in limit.split(",")}
    return [entry for entry in found if entry.name in allowed]


def _distinct(entries: list[EntryPoint]) -> list[EntryPoint]:
    """One entry per distribution: a path that is searched twice is no duplicate."""
    return list({(_distribution(entry), entry.value): entry for entry in entries}.values())


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "?"


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except JugglerError:
        raise
    except (Exception, SystemExit) as error:  # some packages exit when their driver is missing
        distribution = _distribution(entry)
        raise ConfigurationError(
            f"plugin {entry.name!r} of {distribution} cannot be imported: "
            f"{type(error).__name__}: {error}",
            code="plugin-import",
            hint=_install(entry.name, distribution),
            connector=entry.name,
        ) from error


def _card(entry: EntryPoint) -> ConnectorInfo:
    distribution = _distribution(entry)
    info = card_of(_load(entry), f"plugin {entry.name!r} of {distribution}")
    if not _answers(info, entry.name, entry.name):
        raise ConfigurationError(
            f"the entry point {entry.name!r} of {distribution} gives a connector that calls itself "
            f"{info.name!r}",
            code="plugin-name",
            hint="the entry point's name has to be the connector's name or one of its aliases",
        )
    if info.version or entry.dist is None:
        return info
    return evolve(info, version=entry.dist.version)


def _listed(entry: EntryPoint) -> Installed:
    version = entry.dist.version if entry.dist is not None else ""
    card = Installed(entry.name, entry.group, _distribution(entry), version)
    try:
        if entry.group == CONNECTORS:
            return evolve(card, info=_card(entry))
        _load(entry)
    except JugglerError as error:
        return evolve(card, error=error)
    return card


def _install(name: str, distribution: str) -> str:
    if name in EXTRAS:
        return f"pip install 'juggler[{name}]'"
    return f"pip install --force-reinstall {distribution}"


def _label(plugin: Any) -> str:
    return str(getattr(plugin, "__name__", None) or type(plugin).__name__)


def _duplicate(name: str, entries: list[EntryPoint]) -> ConfigurationError:
    owners = sorted(f"{_distribution(entry)} ({entry.value})" for entry in entries)
    return ConfigurationError(
        f"connector {name!r} is claimed by {len(owners)} distributions: {' and '.join(owners)}",
        code="duplicate-connector",
        hint=f"pip uninstall one of them: {', '.join(map(_distribution, entries))}",
        connector=name,
    )


def _unknown(name: str, short: str, entries: list[EntryPoint]) -> ConfigurationError:
    names = sorted({entry.name for entry in entries} | set(_state.connectors))
    shown = ", ".join(names) or "none"
    ways = [did_you_mean(short, names)] if names else []
    limit = os.environ.get(LIMIT)
    if limit is not None and any(e.name == short for e in entry_points(group=CONNECTORS)):
        ways = [f"it is installed, but {LIMIT}={limit} leaves it out"]
    elif short in EXTRAS:
        ways = [f"pip install 'juggler[{short}]'"]
    elif not any("did you mean" in way for way in ways):
        ways = [
            f"pip install the package that brings it, or one of juggler[{','.join(sorted(EXTRAS))}]"
        ]
    return ConfigurationError(
        f"there is no connector {name[:80]!r} (installed: {shown})",
        code="unknown-connector",
        hint="; ".join(ways),
    )
