"""Data sources out of files: ``juggler.toml#shop``, ``datasources.json#shop``.

A TOML file holds ``[datasources.shop]`` or ``[shop]`` (in ``pyproject.toml``:
``[tool.juggler.datasources.shop]``), a JSON file LoopBack's ``{"shop": {...}}``.  ``${NAME}`` and
``${NAME:-default}`` in its texts are taken from the environment.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from juggler.errors import ConfigurationError, did_you_mean

_FILE = re.compile(r"(?P<path>.+\.(?:toml|json))(?:#(?P<name>.*))?", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_DEPTH = 16


def is_file(text: str) -> bool:
    """Whether the text names a settings file."""
    return _FILE.fullmatch(text) is not None


def read_file(text: str) -> dict[str, Any]:
    """The settings under a name in a file.

    Args:
        text: ``path#name``; without a name the file has to hold one data source, or ``default``.

    Raises:
        ConfigurationError: the file cannot be read, the name is not in it, a variable is not set.
    """
    match = _FILE.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"{text[:80]!r} is no settings file", code="settings-file")
    sources = _sources(_load(Path(match["path"])))
    name = _chosen(sources, match["name"], match["path"])
    filled = with_environment(sources[name], f"{match['path']}#{name}")
    return dict(filled)


def with_environment(value: Any, where: str, depth: int = 0) -> Any:
    """The value with ``${NAME}`` in its texts replaced, at any depth.

    Raises:
        ConfigurationError: ``unset-variable`` when one is not set and has no default.
    """
    if depth > _DEPTH:
        raise ConfigurationError(f"{where} is nested too deeply", code="settings-file")
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable(match, where), value)
    if isinstance(value, dict):
        return {key: with_environment(item, where, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [with_environment(item, where, depth + 1) for item in value]
    return value


def _variable(match: re.Match[str], where: str) -> str:
    default: str | None = match[2]
    value = os.environ.get(match[1], default)
    if value is None:
        raise ConfigurationError(
            f"{where} needs the environment variable {match[1]}, which is not set",
            code="unset-variable",
            hint=f"export {match[1]}=…, or write ${{{match[1]}:-default}}",
        )
    return value


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"settings file {str(path)!r} cannot be read: {cause}",
            code="settings-file",
            hint="connect('juggler.toml#name') reads [datasources.name] of that file",
        ) from error
    if not isinstance(data, dict):
        raise ConfigurationError(
            f"settings file {str(path)!r} holds no table of data sources", code="settings-file"
        )
    return data


def _sources(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    tool = data.get("tool")
    ours = tool.get("juggler") if isinstance(tool, dict) else None
    for table in (ours, data):
        found = table.get("datasources") if isinstance(table, dict) else None
        if isinstance(found, dict):
            return {name: value for name, value in found.items() if isinstance(value, dict)}
    return {name: value for name, value in data.items() if isinstance(value, dict)}


def _chosen(sources: dict[str, dict[str, Any]], name: str | None, path: str) -> str:
    if name in sources:
        return str(name)
    if not name and "default" in sources:
        return "default"
    if not name and len(sources) == 1:
        return next(iter(sources))
    if not sources:
        missing, hint = "no data source", "add [datasources.name] to it"
    elif name:
        missing, hint = f"no data source {name!r}", did_you_mean(name, sources)
    else:
        missing = "several data sources and no default"
        known = ", ".join(f"{path}#{one}" for one in sources)
        hint = f"name one ({known}), or call one of them [datasources.default]"
    raise ConfigurationError(
        f"settings file {path!r} has {missing}", code="settings-file", hint=hint
    )
