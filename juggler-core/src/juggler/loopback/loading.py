"""``load``: a project's folder as data sources and attached models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define

from juggler.errors import ConfigurationError
from juggler.loopback import builtin, documents, rows, sources
from juggler.loopback.attaching import Attacher
from juggler.loopback.definitions import Definer, ProjectBuilder
from juggler.loopback.files import DATA_SOURCES, MODEL_CONFIG, Folder, filled
from juggler.loopback.project import Project
from juggler.loopback.relations import Relations, Targets
from juggler.loopback.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from juggler.loopback.documents import Documents

Config = dict[str, Mapping[str, Any]]


def load(
    path: str | Path,
    sources: Mapping[str, Any] | None = None,
    *,
    mixins: Mapping[str, Any] | None = None,
    env: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Project:
    """Load a LoopBack 2 or 3 project as it is; nothing is sent to a store but memory.

    The rows that LoopBack's memory connector keeps in a file are read into memory.

    Data sources, models, relations and settings are read as loopback-boot reads them.  What is
    JavaScript, or asks for what is not here, is in the project's ``report``.

    Args:
        path: the project's folder, or the one of ``model-config.json``.
        sources: what to use instead of a data source, by its name: anything that
            :func:`juggler.connect` takes, or a data source; ``"*"`` stands for all others.
        mixins: by the name of a mixin, a model whose properties and methods are copied, or a
            function that gets the model and the mixin's options.
        env: whose variants are taken (``datasources.production.json``); by default ``NODE_ENV``,
            else ``development``.
        variables: values of ``${NAME}``; by default the environment's, above config.json's.

    Returns:
        The project; close it, or use it in a ``with`` block.

    Raises:
        ConfigurationError: it is no such project, a file is no JSON (with file and line), or
            ``sources`` names what is not there.
    """
    folder = Folder.of(path, env or os.environ.get("NODE_ENV") or "development")
    return _Loading(folder, Report(), dict(sources or {}), dict(mixins or {}), variables).project()


@define
class _Loading:
    folder: Folder
    report: Report
    given: dict[str, Any]
    mixins: dict[str, Any]
    variables: Mapping[str, Any] | None

    def project(self) -> Project:
        report = self.report
        meta, config = self._model_config()
        found = documents.found_in(self.folder, meta, report)
        made = sources.connected(self._data_sources(), self.given, _named(config), report)
        builder = ProjectBuilder(self.mixins)
        relations = Relations(_targets(config, found), report)
        definer = Definer(builder, found, config, relations, report)
        definer.all(self._wanted(config, found))
        Attacher(builder, config, made, report).attach()
        rows.read(self.folder, made, builder.models, report)
        self._builtin(config, found)
        documents.code_around(self.folder, report)
        self._unused(config, found)
        models = {name: builder.models[name] for name in config if name in builder.models}
        return Project(self.folder.root, made.all, models, builder, config, report, made.made)

    def _model_config(self) -> tuple[Any, Config]:
        raw = self.folder.config(MODEL_CONFIG, self.report)
        meta = raw.pop("_meta", None)
        for name, entry in raw.items():
            old = isinstance(entry, Mapping) and ("properties" in entry or "base" in entry)
            if not isinstance(entry, Mapping) or old:
                raise ConfigurationError(
                    f"{MODEL_CONFIG}.json: {name!r} is no entry of LoopBack 2 or 3",
                    code="loopback-config",
                    hint='{"dataSource": "db", "public": true}; properties belong to the document',
                )
        return meta, raw

    def _data_sources(self) -> dict[str, Any]:
        unknown: list[str] = []
        config = self.folder.config(DATA_SOURCES, self.report)
        found: dict[str, Any] = filled(config, self._variables(), unknown)
        for name in dict.fromkeys(unknown):
            self.report.lose(
                f"{DATA_SOURCES}.json",
                f"${{{name}}} has no value: the settings that hold it are left out",
                f'set the variable, or load(…, variables={{"{name}": …}})',
            )
        return found

    def _variables(self) -> Mapping[str, Any]:
        above = os.environ if self.variables is None else self.variables
        return {**self.folder.config("config", Report()), **above}

    def _wanted(self, config: Config, found: Documents) -> list[str]:
        wanted = []
        for name in config:
            if found[name] is not None:
                wanted.append(name)
            elif name not in builtin.PLAIN:
                self.report.lose(name, f"{MODEL_CONFIG}.json names it, and it has no document")
        return wanted

    def _builtin(self, config: Config, found: Documents) -> None:
        """Report what LoopBack's own models do in code."""
        bases = _targets(config, found).bases
        for name, (what, hint) in builtin.BEHAVIOUR.items():
            users = sorted(n for n in config if n == name or name in bases.get(n, ()))
            if users:
                self.report.lose(", ".join(users), what, hint)

    def _unused(self, config: Config, found: Documents) -> None:
        used = {
            *config,
            *(base for bases in _targets(config, found).bases.values() for base in bases),
        }
        for name, document in found.models.items():
            if document.place and name not in used:
                self.report.keep(document.place, f"{name} is not in {MODEL_CONFIG}.json")


def _named(config: Config) -> set[str]:
    """The data sources that models name."""
    return {e["dataSource"] for e in config.values() if isinstance(e.get("dataSource"), str)} - {""}


def _targets(config: Config, found: Documents) -> Targets:
    stored = {name for name, entry in config.items() if entry.get("dataSource")}
    known = {name for name in {*config, *found.models} if found[name] is not None}
    bases = {name: tuple(_bases(name, found)) for name in known}
    return Targets({n for n in stored if n in known}, known, bases)


def _bases(name: str, found: Documents) -> list[str]:
    bases: list[str] = []
    document = found[name]
    while document is not None and document.base and document.base not in bases:
        bases.append(document.base)
        document = found[document.base] if document.base != document.name else None
    return bases
