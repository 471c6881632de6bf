"""A loaded project: its data sources, its models, its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from attrs import frozen

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from juggler.datasource import DataSource
    from juggler.loopback.report import Report
    from juggler.model.builder import ModelBuilder
    from juggler.model.dynamic import DynamicModel


@frozen(repr=False, eq=False)
class Project:
    """A LoopBack project.

    ``project["Order"]`` is a model.  Closing the project closes the data sources that it made.

    Attributes:
        path: its folder.
        sources: its data sources by name; those that could not be made are in the report.
        models: the models of model-config.json by name, attached where it says.
        builder: all models by name, those that are only a base of others included.
        config: model-config.json's entries by name (``public``, ``dataSource``).
        report: what is not as under LoopBack.
    """

    path: Path
    sources: Mapping[str, DataSource]
    models: Mapping[str, type[DynamicModel]]
    builder: ModelBuilder
    config: Mapping[str, Mapping[str, Any]]
    report: Report
    made: tuple[DataSource, ...] = ()

    def __getitem__(self, name: str) -> type[DynamicModel]:
        found = self.models.get(name)
        if found is None:
            raise ConfigurationError(
                f"the project has no model {name!r:.60}",
                code="unknown-model",
                hint=did_you_mean(str(name)[:60], self.models),
            )
        return found

    def close(self) -> None:
        """Close the data sources that the project made."""
        for source in self.made:
            source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for source in self.made:
            await source.aio.close()

    def __repr__(self) -> str:
        return (
            f"<Project {self.path.resolve().name}: {len(self.models)} models, "
            f"{len(self.sources)} data sources, {len(self.report.lost)} findings lost>"
        )
