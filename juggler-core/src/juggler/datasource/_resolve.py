"""From what the user gave to a connector object, its card and its settings.

A connector comes as a name, a URL, a settings file, a settings mapping, a module, a class, an
instance or a function of the settings.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from juggler.connector import registry
from juggler.connector._described import folded
from juggler.connector._plugin import card_of, has_card, implemented
from juggler.connector.files import is_file, read_file
from juggler.connector.info import ConnectorInfo
from juggler.connector.settings import Settings
from juggler.connector.url import expanded, is_url, overlaid, parse_url, rooted
from juggler.errors import ConfigurationError, JugglerError

if TYPE_CHECKING:
    from juggler.connector.info import Colour

#: Keys of a settings mapping that name the connector (LoopBack knows both).
_CONNECTOR = ("connector", "adapter")
#: Settings that say whether scans are allowed.
_SCANS = frozenset({"scan", "allowscan"})


@frozen
class Resolved:
    """A connector ready to be hosted; ``label`` is the data source's own name, if it has one."""

    info: ConnectorInfo
    connector: Any
    settings: Settings
    label: str = ""


def resolve(target: Any, settings: Any = None) -> Resolved:
    """The connector, its card and its settings.

    Args:
        target: see the module.
        settings: a mapping, or a settings object of the connector; it wins over what a URL says.

    Raises:
        ConfigurationError: nothing else, unless the connector's own factory raises a JugglerError;
            no I/O is done but reading a settings file that was named.
    """
    given = _mapping(settings)
    if isinstance(target, Mapping):
        if settings is not None:
            raise ConfigurationError(
                "two settings mappings were given", code="settings-twice", hint="merge them"
            )
        given, target = dict(target), None
    label, target, given = _unpacked(target, given)
    if isinstance(target, str):
        return _named(target, given, settings, label)
    return _object(target, given, settings, label)


def _mapping(settings: Any) -> dict[Any, Any]:
    if settings is None or isinstance(settings, Settings):
        return {}
    if isinstance(settings, Mapping):
        return dict(settings)
    raise ConfigurationError(
        f"settings have to be a mapping, not a {type(settings).__name__}",
        code="settings-class",
        hint='DataSource("cassandra", {"host": "…"})',
    )


def _unpacked(target: Any, given: dict[Any, Any]) -> tuple[str, Any, dict[Any, Any]]:
    """The label, the connector and the settings, with ``connector`` and ``name`` taken out."""
    label = ""
    if isinstance(target, str) and is_file(target):
        given = read_file(target) | given
        label, target = target.partition("#")[2], None
    named = [given.pop(key) for key in _CONNECTOR if given.get(key) is not None]
    if isinstance(given.get("name"), str):
        label = given.pop("name")
    if named:
        if isinstance(target, str):
            label = target
        elif target is not None:
            raise ConfigurationError(
                "the connector is given twice: as argument and as settings['connector']",
                code="setting-twice",
                hint="keep one of them",
            )
        target = named[0]
    if target is None:
        url = given.get("url")
        if not isinstance(url, str):
            raise ConfigurationError(
                "no connector is named",
                code="no-connector",
                hint='connect("memory:"), or settings with "connector" or "url"',
            )
        target = given.pop("url")
    return label, target, given


def _named(target: str, given: dict[Any, Any], settings: Any, label: str) -> Resolved:
    name, parts = parse_url(target) if is_url(target) else (target, {})
    try:
        info = registry.find(name)
    except ConfigurationError as error:
        if name.lower() in {"http", "https"}:
            error.hint = f"put the connector's name before the URL: connector:{name}://…"
        raise
    if is_url(target):
        parts = rooted(info.settings or Settings, target, parts)
    return _carded(info, parts, given, settings, label)


def _carded(
    info: ConnectorInfo, parts: dict[Any, Any], given: dict[Any, Any], settings: Any, label: str
) -> Resolved:
    cls: type[Settings] = info.settings or Settings
    if isinstance(settings, Settings):
        made = settings
        if not isinstance(made, cls):
            raise ConfigurationError(
                f"connector {info.name!r} takes {cls.__name__}, not {type(made).__name__}",
                code="settings-class",
                connector=info.name,
            )
    else:
        data = overlaid(cls, parts, expanded(cls, info.name, given))
        made = cls.of(data, connector=info.name)
    connector = _make(info, info.factory, made)
    # A connector that stands in for another one (emulation) shows the other's card.
    own = getattr(connector, "info", None)
    return Resolved(own if isinstance(own, ConnectorInfo) else info, connector, made, label)


def _object(target: Any, given: dict[Any, Any], settings: Any, label: str) -> Resolved:
    if isinstance(target, ConnectorInfo):
        return _carded(target, {}, given, settings, label)
    for candidate in (target, getattr(target, "plugin", None)):
        if candidate is not None and has_card(candidate):
            card = card_of(candidate, f"connector {_name_of(target)!r}")
            return _carded(card, {}, given, settings, label)
    own = getattr(target, "settings_class", None)
    cls = own if isinstance(own, type) and issubclass(own, Settings) else None
    made = settings if isinstance(settings, Settings) else _open(cls, target, given)
    connector = _instance(target, made)
    return Resolved(_card(connector, cls), connector, made, label)


def _open(cls: type[Settings] | None, target: Any, given: dict[Any, Any]) -> Settings:
    """Settings of a connector without a card: whatever it does not declare is kept for it.

    A class or instance may say ``scan = "allow"``: the guard is off unless a setting says more.
    """
    name = _name_of(target)
    kind = cls or Settings
    data = expanded(kind, name, given)
    if getattr(target, "scan", None) == "allow" and not _SCANS & {folded(str(k)) for k in data}:
        data = {**data, "scan": "allow"}
    return kind.of(data, connector=name, open_ended=cls is None)


def _instance(target: Any, settings: Settings) -> Any:
    if isinstance(target, ModuleType):
        if implemented(target):
            return target
        raise ConfigurationError(
            f"module {target.__name__!r} is no connector",
            code="no-connector",
            hint="it needs `plugin`, or functions that carry @hookimpl",
        )
    if isinstance(target, type):
        return _make(None, target, settings)
    if implemented(target):
        return target
    if callable(target):
        return _make(None, target, settings)
    raise ConfigurationError(
        f"{target!r:.60} is no connector",
        code="no-connector",
        hint="give a name, a URL, a module, a class, an instance or a function of the settings",
    )


def _make(info: ConnectorInfo | None, factory: Any, settings: Settings) -> Any:
    name = info.name if info else _name_of(factory)
    try:
        return factory(settings) if _takes_one(factory) else factory()
    except JugglerError:
        raise
    except ImportError as error:
        raise ConfigurationError(
            f"connector {name!r} cannot import {error.name or 'its driver'}: {error}",
            code="plugin-import",
            hint=(info.install if info else "") or f"pip install {error.name or name}",
            connector=name,
        ) from error
    except Exception as error:
        raise ConfigurationError(
            f"connector {name!r} cannot be made: {type(error).__name__}: {error}",
            code="connector-factory",
            connector=name,
        ) from error


def _takes_one(factory: Any) -> bool:
    """Whether it takes the settings; a class without a constructor of its own does not."""
    try:
        inspect.signature(factory).bind(None)
    except (TypeError, ValueError):
        return False
    return True


def _card(connector: Any, cls: type[Settings] | None) -> ConnectorInfo:
    """The card of a connector that brings none: its attributes, where it has them."""
    own = getattr(connector, "info", None)
    if isinstance(own, ConnectorInfo):
        return own
    facts = {
        name: getattr(connector, name)
        for name in ("data_access", "relational", "default_id_type", "aliases", "types", "contract")
        if hasattr(connector, name)
    }
    return ConnectorInfo(
        name=_name_of(connector),
        factory=type(connector),
        settings=cls,
        version=str(getattr(connector, "version", "")),
        io=cast("Colour", getattr(connector, "io", "blocking")),
        **facts,
    )


def _name_of(target: Any) -> str:
    own = getattr(target, "name", None)
    if isinstance(own, str) and own:
        return own
    plain = getattr(target, "__name__", None) or type(target).__name__
    last = str(plain).rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", last).lower().removesuffix("-connector") or last
