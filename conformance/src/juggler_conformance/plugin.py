"""The pytest plugin: the fixture ``juggler_db`` for applications, reports for connectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource

_OPTION = "juggler_report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--juggler-report FOLDER`` and ``--juggler-profile NAME``."""
    group = parser.getgroup("juggler")
    group.addoption(
        "--juggler-report",
        metavar="FOLDER",
        dest=_OPTION,
        help="write conformance.json, MATRIX.md and badge.json of each connector into FOLDER",
    )
    group.addoption(
        "--juggler-profile",
        metavar="NAME",
        help="how hard conformance suites look: quick, ci or deep",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let the option choose the profile of suites that name none."""
    chosen = config.getoption("--juggler-profile")
    if chosen:
        import os  # noqa: PLC0415 - only with the option

        from juggler_conformance.build import PROFILE_VARIABLE  # noqa: PLC0415 - loads Hypothesis

        os.environ[PROFILE_VARIABLE] = chosen


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Write a class's report when its last test is over, before its data source closes."""
    folder = item.config.getoption(_OPTION)
    cls = getattr(item, "cls", None)
    suite = getattr(cls, "suite", None)
    if folder and hasattr(suite, "results") and getattr(nextitem, "cls", None) is not cls:
        from juggler_conformance import report  # noqa: PLC0415 - only with the option

        session = suite.session
        report.write(report.as_dict(session, suite.results), Path(folder) / session.inside.name)
    return (yield)


@pytest.fixture
def juggler_db() -> Iterator[Callable[..., DataSource]]:
    """Makes data sources for a test and closes them: ``juggler_db(emulate="cassandra")``.

    Called without anything it is a memory store; ``emulate`` plans, refuses and reports cost as that
    connector would; models given are attached.  Any setting of the memory connector can be given.
    """
    from juggler import connect  # noqa: PLC0415 - pytest starts fast for those who do not use it

    opened: list[DataSource] = []

    def make(*models: Any, emulate: str | None = None, **settings: Any) -> DataSource:
        if emulate is not None:
            settings["emulate"] = emulate
        db = connect("memory", settings)
        opened.append(db)
        db.attach(*models)
        return db

    yield make
    for db in opened:
        db.close()
