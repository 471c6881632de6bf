"""The files of a new connector: a distribution that passes the suite before its store is in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from juggler import __version__
from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write(name: str, into: Path) -> list[Path]:
    """Write the files.

    Args:
        name: of the connector, as in ``connector=`` and in URLs.
        into: the folder in which a folder ``juggler-NAME`` is made.

    Returns:
        The files, the folder's own first.

    Raises:
        ConfigurationError: ``connector-name`` for a name that is none; ``file-exists`` where there
            is such a folder already; nothing was written.
    """
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"{name!r:.60} is no name for a connector",
            code="connector-name",
            hint="small letters and digits, words separated by '-': juggler new-connector redis",
        )
    folder = into / f"juggler-{name}"
    if folder.exists():
        raise ConfigurationError(
            f"{folder} exists", code="file-exists", hint="give another name, or --into FOLDER"
        )
    module = f"juggler_{name.replace('-', '_')}"
    words = {
        "NAME": name,
        "MODULE": module,
        "CLASS": "".join(map(str.capitalize, name.split("-"))),
        "RELEASE": ".".join(__version__.split(".")[:2]),
    }
    written = []
    for path, template in _FILES.items():
        file = folder / path.replace("MODULE", module)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_filled(template, words), encoding="utf-8")
        written.append(file)
    return written


def _filled(template: str, words: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: words[found[1]], template)


_FILES: Final = {
    "README.md": """\
# juggler-{{NAME}}

A connector of Juggler for {{NAME}}.

```console
$ pip install -e . juggler-conformance pytest
$ juggler plugins          # lists it
$ juggler-conformance run --on {{NAME}}: --stop    # the suite, until something fails
$ pytest                   # the whole suite as tests
```
""",
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "juggler-{{NAME}}"
version = "0.1.0"
description = "A connector of Juggler for {{NAME}}"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["attrs>=24.2", "juggler-core>={{RELEASE}}"]

[project.entry-points."juggler.connectors"]
{{NAME}} = "{{MODULE}}:plugin"
""",
    "src/MODULE/__init__.py": '''\
"""Juggler's connector for {{NAME}}."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from juggler.connector import OPEN_GUARD, ConnectorInfo, Settings, hookimpl

__all__ = ["{{CLASS}}Settings", "plugin"]


@frozen(kw_only=True)
class {{CLASS}}Settings(Settings):
    """The common settings; the connector's own go here: `prefix: str = setting("", doc="…")`."""

    def guard(self) -> dict[str, Any]:
        """Reading everything is allowed; take this out where it costs too much."""
        return dict(OPEN_GUARD)


class Plugin:
    """The entry point's object."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """The connector's card; the driver is imported by the factory, not before."""
        return ConnectorInfo(
            name="{{NAME}}",
            factory=_make,
            settings={{CLASS}}Settings,
            version="0.1.0",
            io="blocking",  # instant, blocking, future or async: how the driver works
            summary="a store of records",
        )


def _make(settings: {{CLASS}}Settings) -> Any:
    from {{MODULE}}.connector import {{CLASS}}Connector

    return {{CLASS}}Connector(settings)


plugin = Plugin()
''',
    "src/MODULE/connector.py": '''\
"""Five functions over the store; here it is a dictionary, which the real one replaces."""

from __future__ import annotations

from typing import Any

from juggler.connector import SimpleConnector


class {{CLASS}}Connector(SimpleConnector):
    """Every record under its model and key.

    A record is a dictionary by property name, a key is a tuple. `juggler.values.tagged` writes
    records as JSON and reads them back exactly. What the store cannot hold, or can do beyond the
    base, goes into `claims`. Writes come one after the other; reads may run in other threads
    meanwhile, and have to find whole records.
    """

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.records: dict[str, dict[Any, dict[str, Any]]] = {}

    def all(self, model: Any) -> list[dict[str, Any]]:
        """Every record of the model."""
        return list(self.records.get(model.storage_name, {}).values())

    def find(self, model: Any, key: Any) -> dict[str, Any] | None:
        """The record of a key, None when it is not there."""
        return self.records.get(model.storage_name, {}).get(key)

    def create(self, model: Any, key: Any, record: dict[str, Any]) -> None:
        """Store a new record."""
        self.records.setdefault(model.storage_name, {})[key] = record

    def save(self, model: Any, key: Any, record: dict[str, Any]) -> None:
        """Store the whole record of a key that is there."""
        self.create(model, key, record)

    def destroy(self, model: Any, key: Any) -> None:
        """Remove the record of a key that is there."""
        del self.records[model.storage_name][key]
''',
    "src/MODULE/py.typed": "",
    "tests/test_conformance.py": '''\
"""The whole contract: what the connector claims holds, and everything else is refused."""

from __future__ import annotations

from juggler_conformance import conformance

Test{{CLASS}} = conformance("{{NAME}}", settings={}, profile="quick")
''',
}
