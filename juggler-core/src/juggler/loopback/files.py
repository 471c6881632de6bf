"""The files of a project: JSON with comments, variants for an environment, variables."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from juggler.loopback.report import Report

MODEL_CONFIG = "model-config"
DATA_SOURCES = "datasources"
#: A text, or a comment; texts come first, so that `"http://x"` is none.
_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)')
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_INSIDE = re.compile(r"[^\n]")


@frozen
class Folder:
    """A project on disk.

    Attributes:
        root: the project's folder.
        server: the folder of model-config.json, in which paths are relative.
        env: the environment whose variants are taken (LoopBack's ``NODE_ENV``).
    """

    root: Path
    server: Path
    env: str

    @classmethod
    def of(cls, path: str | Path, env: str) -> Folder:
        """The project at a path: its folder, or the one of model-config.json.

        Raises:
            ConfigurationError: ``loopback-project`` when there is none.
        """
        given = Path(path)
        for server in (given / "server", given):
            if (server / f"{MODEL_CONFIG}.json").is_file():
                return cls(given, server, env)
        missing = "is no folder" if not given.is_dir() else "holds no server/model-config.json"
        old = (given / "models.json").is_file() or (given / "server" / "models.json").is_file()
        raise ConfigurationError(
            f"{str(path)!r} is no LoopBack project: it {missing}",
            code="loopback-project",
            hint="LoopBack 1's models.json is not read: split it as LoopBack 2 does"
            if old
            else "give the folder that holds server/, or the one of model-config.json",
        )

    def shown(self, path: Path) -> str:
        """A path as the project's people know it: from its folder on."""
        return Path(os.path.relpath(path.resolve(), self.root.resolve())).as_posix()

    def json(self, path: Path) -> Any:
        """The JSON of a file, comments left out.

        Raises:
            ConfigurationError: ``loopback-json``, with the file and the line.
        """
        try:
            return json.loads(without_comments(path.read_text(encoding="utf-8-sig")))
        except json.JSONDecodeError as error:
            place = f"{self.shown(path)}, line {error.lineno}, column {error.colno}"
            cause: str = error.msg
        except (OSError, ValueError, RecursionError) as error:
            place, cause = self.shown(path), str(error)
        raise ConfigurationError(
            f"{place}: {cause}", code="loopback-json", hint="correct it; comments are fine"
        )

    def mapping(self, path: Path) -> dict[str, Any]:
        """The JSON object of a file.

        Raises:
            ConfigurationError: ``loopback-json``, or ``loopback-config`` for other JSON.
        """
        found = self.json(path)
        if isinstance(found, dict):
            return found
        raise ConfigurationError(
            f"{self.shown(path)} holds no JSON object", code="loopback-config", hint="{…}"
        )

    def config(self, name: str, report: Report) -> dict[str, Any]:
        """A configuration with its variants: ``name.json``, ``name.local``, ``name.ENV``."""
        main = self.server / f"{name}.json"
        found = self.mapping(main) if main.is_file() else {}
        for variant in ("local", self.env):
            script = self.server / f"{name}.{variant}.js"
            other = self.server / f"{name}.{variant}.json"
            if script.is_file():
                report.lose(
                    self.shown(script),
                    "is JavaScript: what it sets is not applied",
                    f"write it as {other.name}",
                )
            elif other.is_file():
                found = merged(found, self.mapping(other))
        return found

    def resolve(self, source: str) -> Path | None:
        """The folder that `_meta` names, also inside node_modules; None when it is not there."""
        near = Path(source) if source.startswith("/") else self.server / source
        if near.is_dir():
            return near.resolve()
        if source.startswith((".", "/")):
            return None
        above = (self.server.resolve(), *self.server.resolve().parents)
        places = (folder / "node_modules" / source for folder in above)
        return next((place for place in places if place.is_dir()), None)


def without_comments(text: str) -> str:
    """JSON without its comments; every other character stays in its line and column."""

    def blank(found: re.Match[str]) -> str:
        token = found[0]
        return token if token.startswith('"') else _INSIDE.sub(" ", token)

    return _COMMENT.sub(blank, text)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two configurations as one; objects are merged, everything else is replaced."""
    found = dict(below)
    for name, value in above.items():
        old = found.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        found[name] = merged(old, value) if both else value  # type: ignore[arg-type]
    return found


def filled(value: Any, variables: Mapping[str, Any], unknown: list[str]) -> Any:
    """A configuration with its ``${NAME}`` replaced.

    Args:
        value: any JSON.
        variables: values by name.
        unknown: gets the names that have no value; what holds one of these is left out.
    """
    if isinstance(value, Mapping):
        found = {key: filled(part, variables, unknown) for key, part in value.items()}
        return {key: part for key, part in found.items() if part is not _MISSING}
    if isinstance(value, list):
        parts = [filled(part, variables, unknown) for part in value]
        return [part for part in parts if part is not _MISSING]
    if not isinstance(value, str):
        return value
    names = _VARIABLE.findall(value)
    missing = [name for name in names if name not in variables]
    unknown += missing
    if missing:
        return _MISSING
    whole = _VARIABLE.fullmatch(value)
    if whole:
        return variables[whole[1]]
    return _VARIABLE.sub(lambda found: str(variables[found[1]]), value)


_MISSING: Any = object()
