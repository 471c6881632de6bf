"""The data sources of a project: LoopBack's settings, or what the caller puts in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.connector import registry
from juggler.connector.settings import Settings
from juggler.datasource import DataSource
from juggler.errors import ConfigurationError, JugglerError, did_you_mean
from juggler.loopback.salvage import because

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector.info import ConnectorInfo
    from juggler.loopback.report import Report

#: The key of `sources` that stands for every data source without one of its own.
REST: Final = "*"
#: Settings that are LoopBack's own, or say what the code around them needs.
_NO_SETTINGS: Final = frozenset({"name", "connector", "adapter", "defaultForType", "lazyConnect"})
#: Milliseconds there, seconds here.
_MILLISECONDS: Final = frozenset({"connectionTimeout", "connectTimeout"})


@frozen
class Sources:
    """The data sources by name.

    Attributes:
        all: those that could be made.
        made: those that this project made and closes.
        lost: names of the others.
        files: the file in which LoopBack's memory connector keeps rows, by data source.
    """

    all: dict[str, DataSource]
    made: tuple[DataSource, ...]
    lost: frozenset[str]
    files: dict[str, str]


def connected(
    config: Mapping[str, Any], given: Mapping[str, Any], named: set[str], report: Report
) -> Sources:
    """The data sources of a project; nothing is sent.

    Args:
        config: datasources.json.
        given: what to use instead, by name; ``"*"`` for all others.
        named: names that model-config.json uses.
        report: gets those that cannot be made.

    Raises:
        ConfigurationError: ``unknown-source`` for a name in ``given`` that the project has not, and
            whatever is wrong with a data source in it.
    """
    known = {*config, *named}
    for name in given:
        if name != REST and name not in known:
            raise ConfigurationError(
                f"the project has no data source {name!r}",
                code="unknown-source",
                hint=did_you_mean(name, {*known, REST}),
            )
    found: dict[str, DataSource] = {}
    made: list[DataSource] = []
    files: dict[str, str] = {}
    for name in [*config, *sorted(named - config.keys())]:
        target = given.get(name, given.get(REST))
        if isinstance(target, DataSource):
            found[name] = target
            continue
        source = (
            DataSource(target)
            if target is not None
            else _configured(name, config.get(name), report)
        )
        if source is not None:
            found[name] = source
            made.append(source)
            file = config[name].get("file") if target is None else None
            if source.name == "memory" and isinstance(file, str) and file:
                files[name] = file
    return Sources(found, tuple(made), frozenset(known - found.keys()), files)


def _configured(name: str, settings: Any, report: Report) -> DataSource | None:
    """A data source as the project describes it; None, and a finding, where that cannot be."""
    instead = f'load(…, sources={{"{name}": "memory:"}}) puts another in its place'
    if not isinstance(settings, dict):
        what = "is not in datasources.json" if settings is None else "is no JSON object"
        report.lose(name, f"the data source {what}; its models are not attached", instead)
        return None
    connector = settings.get("connector", settings.get("adapter"))
    try:
        info = _card(connector)
    except ConfigurationError as error:
        report.lose(
            name,
            f"its connector {connector!r} is not there ({error.code}); its models are not attached",
            instead,
        )
        return None
    try:
        return DataSource(info, _settings(name, info, settings, report))
    except JugglerError as error:
        report.lose(name, f"{because(error)}; its models are not attached", error.hint or instead)
        return None


def _card(connector: Any) -> ConnectorInfo:
    if not isinstance(connector, str) or connector.startswith((".", "/")):
        raise ConfigurationError("it is no name", code="unknown-connector")
    return registry.find(connector)


def _settings(
    name: str, info: ConnectorInfo, given: Mapping[str, Any], report: Report
) -> dict[str, Any]:
    """The settings that the connector knows; the others are reported."""
    cls: type[Settings] = info.settings or Settings
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key in _NO_SETTINGS or value in (None, ""):
            continue
        if info.name == "memory" and key == "file":
            continue  # it is read when the models are there
        if info.name == "memory" and key == "localStorage":
            report.lose(
                name,
                f"the rows of localStorage {value!r} are not read: a browser has them",
                f'load(…, sources={{"{name}": "memory:?file=PATH"}}) keeps rows in a file',
            )
        elif not _knows(cls, key):
            report.lose(name, f"connector {info.name!r} has no setting {key!r}")
        elif key in _MILLISECONDS and isinstance(value, int | float):
            found[key] = value / 1000
        else:
            found[key] = value
    if given.get("lazyConnect") is False:
        report.change(name, "it connects at the first operation, not at once")
    if _knows(cls, "coerce_directions"):
        found["coerce_directions"] = True
    return found


def _knows(cls: type[Settings], name: str) -> bool:
    """Whether settings of a class have a name, in any spelling."""
    try:
        cls.of({name: None})
    except ConfigurationError as error:
        return error.code != "unknown-setting"
    return True
