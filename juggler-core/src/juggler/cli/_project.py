"""What ``--on`` and ``--models`` name, and what ``juggler.toml`` says without them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from juggler.cli import _models
from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from juggler.datasource import DataSource

PROJECT = "juggler.toml"
_EXAMPLE = f'or a file {PROJECT} with [datasources.default] connector = "memory"'


def connect(on: str | None) -> DataSource:
    """The data source that ``--on`` names; without it the project's default one.

    A name that `juggler.toml` holds comes before a connector's name.

    Page tokens are good for the next command: where no secret is set, the command line has one,
    since it reads the store in the name of whoever types the token.

    Raises:
        ConfigurationError: ``no-data-source`` when nothing names one.
    """
    from juggler.datasource import connect as connect_to  # noqa: PLC0415 - loads the whole core
    from juggler.query.tokens import TokenCodec  # noqa: PLC0415 - with the rest of the core

    project = Path(PROJECT)
    known = _project_sources(project) if project.is_file() else ()
    try:
        db = connect_to(f"{PROJECT}#{on}" if on in known else on or _default(project))
    except ConfigurationError as error:
        if error.code == "unknown-connector" and on is not None and known:
            error.hint = f"data sources of {PROJECT}: {did_you_mean(on, known)}\n{error.hint}"
        raise
    if not db.tokens.lasting:
        db.tokens = TokenCodec(["juggler command line"])
    return db


def _default(project: Path) -> str:
    """What to connect to when nothing is named: the project's default data source."""
    if not project.is_file():
        raise ConfigurationError(
            f"no data source named: there is no {PROJECT} in this folder",
            code="no-data-source",
            hint=f"say --on memory: (a URL, or FILE#NAME), {_EXAMPLE}",
        )
    return PROJECT


def attach(db: DataSource, where: tuple[str, ...]) -> None:
    """Attach the models that ``--models`` names, or those of the project."""
    project = Path(PROJECT)
    places = where or (_project_models(project) if project.is_file() else ())
    for place in places:
        _models.attach(db, place)


def _project_sources(project: Path) -> tuple[str, ...]:
    sources = _read(project).get("datasources")
    return tuple(sources) if isinstance(sources, dict) else ()


def _project_models(project: Path) -> tuple[str, ...]:
    """`models = "package.module"` or a list, at the top of the file."""
    given = _read(project).get("models", ())
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list) and all(isinstance(place, str) for place in given):
        return tuple(given)
    raise ConfigurationError(
        f"`models` in {project} is no list of places",
        code="settings-file",
        hint='models = ["package.module", "models/"], above the first [table]',
    )


def _read(project: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(project.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{project} cannot be read: {error}",
            code="settings-file",
            hint='it is TOML: [datasources.NAME], and below it lines such as connector = "memory"',
        ) from error
