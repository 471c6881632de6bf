"""The pytest plugin: how hard suites look, and where their reports go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    suite: Any = getattr(cls, "suite", None)
    is_last = getattr(nextitem, "cls", None) is not cls
    if folder and suite is not None and hasattr(suite, "results") and is_last:
        from juggler_conformance import report  # noqa: PLC0415 - only with the option

        session = suite.session
        report.write(report.as_dict(session, suite.results), Path(folder) / session.inside.name)
    return (yield)
