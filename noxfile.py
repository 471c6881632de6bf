"""Sessions for developers and CI: `./dev run nox -s NAME` uses the environment that is there.

Without `./dev`, each session makes an environment of its own. What a session runs stands in
tools/stages.py, which `./dev test` shares.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nox

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

import environment
import stages

if TYPE_CHECKING:
    from collections.abc import Sequence

nox.needs_version = ">=2024.4"
IN_DEV = os.environ.get("VIRTUAL_ENV") == str(environment.VENV)
nox.options.default_venv_backend = "none" if IN_DEV else "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests", "meta", "conformance"]
nox.options.error_on_external_run = not IN_DEV


def _run(
    session: nox.Session, wanted: list[stages.Stage], *groups: str, more: Sequence[str] = ()
) -> None:
    """Install what is missing, then run every command of the stages that are ready."""
    if not IN_DEV:
        session.install(*environment.install_arguments(groups))
    for stage in wanted:
        if not stage.ready:
            session.log(f"{stage.name}: nothing there: {stage.needs}")
            continue
        codes = [0, stages.NOTHING_COLLECTED] if stage.tests else [0]
        for command in stage.commands:
            session.run(*command, *more, success_codes=codes)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, spelling, architecture and declared dependencies."""
    _run(session, stages.lint(), "lint", "dev")


@nox.session
def types(session: nox.Session) -> None:
    """Both type checkers, mypy and pyright."""
    _run(session, stages.types(), "types", "test", "dev")


@nox.session
@nox.parametrize("package", stages.TESTED, ids=stages.TESTED)
def tests(session: nox.Session, package: str) -> None:
    """Unit tests of one package."""
    _run(session, stages.unit(package), "test", "dev", more=session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run the suite and the corpus on data sources: `nox -s conformance -- cassandra cloudant`.

    `--profile NAME` is for the suite; without names it is memory. A server is started, or the one
    in JUGGLER_CASSANDRA_URL or JUGGLER_CLOUDANT_URL is used.
    """
    profile, names = "ci", list(session.posargs)
    if "--profile" in names:
        at = names.index("--profile")
        profile = names[at + 1]
        del names[at : at + 2]
    for connector in names or ["memory"]:
        if connector not in stages.BACKENDS:
            session.error(f"no data source {connector!r}; there are: {', '.join(stages.BACKENDS)}")
        wanted = [*stages.conformance(connector, profile), *stages.corpus(connector)]
        _run(session, wanted, "test", "servers")


@nox.session
def cluster(session: nox.Session) -> None:
    """Cassandra nodes of their own: three of which one is killed, one with passwords and TLS."""
    _run(session, stages.cluster(), "test", "servers", more=session.posargs)


@nox.session
def meta(session: nox.Session) -> None:
    """Let the suite kill the connectors with seeded bugs."""
    _run(session, stages.meta(), "test", more=session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the pages, run their snippets."""
    _run(session, stages.docs(), "docs", "test", "demo")


@nox.session
def bench(session: nox.Session) -> None:
    """Print the budgets beside what this machine reaches."""
    _run(session, stages.bench(), "test", "bench", "servers", more=session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Unit tests again, with the lines and branches that they miss."""
    if not IN_DEV:
        session.install(*environment.install_arguments(("test", "dev")))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")


@nox.session
def dist(session: nox.Session) -> None:
    """Build everything; install and use it from the wheels alone."""
    _run(session, stages.dist(), "dev")
