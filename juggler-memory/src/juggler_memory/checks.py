"""What a model must not ask of the memory connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector import checks
from juggler.errors import UnsupportedModelError
from juggler_memory.definition import definition_of
from juggler_memory.indexes import unindexable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector import Capabilities
    from juggler.spec import ModelSpec


def check_model(model: ModelSpec, claims: Capabilities) -> None:
    """Refuse what the capabilities exclude, and unique indexes over what is not indexed.

    Raises:
        UnsupportedModelError: with all the problems.
    """
    problems = [*checks.model_problems("memory", model, claims), *_indexes(model)]
    if problems:
        raise UnsupportedModelError(
            f"memory cannot hold model {model.name!r}: {'; '.join(problems)}",
            problems=problems,
            hint="change the model, or attach it to a data source that can",
            connector="memory",
            model=model.name,
        )


def _indexes(model: ModelSpec) -> Iterator[str]:
    if not model.key.names or any(name not in model.field for name in model.key.names):
        return  # said already
    definition = definition_of(model)
    for index in definition.indexes:
        for path in index.paths:
            column = definition.columns.get(path.partition(".")[0])
            why = "there is no such property" if column is None else unindexable(path, column)
            if why and index.unique:
                yield f"index {index.name} cannot keep {path} unique: {why}"
