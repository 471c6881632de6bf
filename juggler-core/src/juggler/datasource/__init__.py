"""Data sources: a connector, its settings, and the models that are attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.datasource.source import DataSource, connect

if TYPE_CHECKING:
    from juggler.datasource._discovered import Discovered
    from juggler.datasource.schema import SchemaPlan
    from juggler.operations.copying import CopyProblem, CopyResult

__all__ = ["CopyProblem", "CopyResult", "DataSource", "Discovered", "SchemaPlan", "connect"]


def __getattr__(name: str) -> object:
    if name == "SchemaPlan":
        from juggler.datasource.schema import SchemaPlan  # noqa: PLC0415 - loads on first use

        return SchemaPlan
    if name == "Discovered":
        from juggler.datasource._discovered import Discovered  # noqa: PLC0415 - as above

        return Discovered
    if name in {"CopyProblem", "CopyResult"}:
        from juggler.operations import copying  # noqa: PLC0415 - as above

        found: object = getattr(copying, name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
