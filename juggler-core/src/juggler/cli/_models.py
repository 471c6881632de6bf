"""Models out of modules (``package.module[:Model]``) and of LDL documents (files, folders)."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, JugglerError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from juggler.datasource import DataSource

_HINT = "package.module, package.module:Model, or a JSON file or folder of LDL documents"
_WHERE = f"say where they are: --models {_HINT}, or `models` in juggler.toml"


def attach(db: DataSource, place: str) -> None:
    """Attach every model of a place to a data source.

    Args:
        db: the data source.
        place: ``package.module`` (every model that the module names), ``package.module:Model``
            (one of them, or several with commas), ``file.json`` (an LDL document, or a list of
            them), or a folder of such files.

    Raises:
        ConfigurationError: ``models-place`` and ``models-import``, saying what is wrong with it.
    """
    path = Path(place)
    if path.suffix == ".json" or path.is_dir():
        _from_documents(db, path)
    else:
        db.attach(*_from_module(place))


def named(db: DataSource, name: str) -> Any:
    """The attached model of that name; one given as ``package.module:Model`` is attached first.

    Raises:
        ConfigurationError: ``unknown-model``, with what there is.
    """
    if ":" in name:
        attach(db, name)
        name = name.rpartition(":")[2].strip()
    models = db.models
    if name in models:
        return models[name]
    hint = did_you_mean(name, models) if models else _WHERE
    raise ConfigurationError(f"there is no model {name!r}", code="unknown-model", hint=hint)


def chosen(db: DataSource, names: Iterable[str]) -> list[Any] | None:
    """The models of these names; None, which stands for all, when none is named.

    Raises:
        ConfigurationError: ``unknown-model``; ``no-models`` where all would be none: what is said
            of them would be true, and of no use.
    """
    if found := [named(db, name) for name in names]:
        return found
    if not db.models:
        raise ConfigurationError("there are no models", code="no-models", hint=_WHERE)
    return None


def _from_documents(db: DataSource, path: Path) -> None:
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise ConfigurationError(
            f"folder {place_of(path)} holds no *.json", code="models-place", hint=_HINT
        )
    for file in files:
        for document in _documents(file):
            db.from_ldl(document)


def _documents(file: Path) -> list[Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"{place_of(file)} cannot be read: {cause}", code="models-place", hint=_HINT
        ) from error
    return data if isinstance(data, list) else [data]


def _from_module(place: str) -> list[Any]:
    name, _, wanted = place.partition(":")
    module = _imported(name)
    found = _models_in(module)
    if not wanted:
        if found:
            return _attachable(found)
        raise ConfigurationError(f"module {name!r} names no model", code="models-place", hint=_HINT)
    return [_one(found, part.strip(), name) for part in wanted.split(",")]


def _attachable(found: dict[str, Any]) -> list[Any]:
    """All but those that have no key and are part of others: they are no tables."""
    definitions = [model.__definition__ for model in found.values()]
    parts = {prop.model for one in definitions for prop in one.properties.values()}
    return [
        model
        for model in found.values()
        if model.__definition__.key is not None or model.__definition__.name not in parts
    ]


def _one(found: dict[str, Any], wanted: str, module: str) -> Any:
    if wanted in found:
        return found[wanted]
    raise ConfigurationError(
        f"module {module!r} has no model {wanted!r}",
        code="models-place",
        hint=did_you_mean(wanted, found),
    )


def _imported(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does: an application's own modules are here
    try:
        return importlib.import_module(name)
    except JugglerError:
        raise
    except ModuleNotFoundError as error:
        missing = error.name or name
        why = (
            "is not there" if name.startswith(missing) else f"needs {missing!r}, which is not there"
        )
        raise ConfigurationError(
            f"module {name!r} {why}", code="models-import", hint=f"--models takes {_HINT}"
        ) from error
    except Exception as error:
        raise ConfigurationError(
            f"module {name!r} cannot be imported: {type(error).__name__}: {error}",
            code="models-import",
            hint="--debug shows where",
        ) from error


def _models_in(module: ModuleType) -> dict[str, Any]:
    """The concrete models that a module names, its own and imported ones."""
    from juggler.model import Model  # noqa: PLC0415 - loads the model layer

    names = getattr(module, "__all__", None) or vars(module)
    found = {}
    for name in names:
        value = getattr(module, name, None)
        if isinstance(value, type) and issubclass(value, Model) and value is not Model:
            definition = value.__definition__
            if not definition.abstract:
                found[definition.name] = value
    return found


def place_of(path: Path) -> str:
    """The path as people typed it."""
    return repr(str(path))
