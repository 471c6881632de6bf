"""Sessions for developers and CI: `./dev run nox -s NAME` uses the environment that is there.

Without `./dev`, each session makes an environment of its own. What a session runs stands in
tools/stages.py, which `./dev test` shares.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

import environment
import stages

nox.needs_version = ">=2024.4"
IN_DEV = os.environ.get("VIRTUAL_ENV") == str(environment.VENV)
nox.options.default_venv_backend = "none" if IN_DEV else "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests", "meta", "conformance(memory)"]
nox.options.error_on_external_run = not IN_DEV


def _run(session: nox.Session, wanted: list[stages.Stage], *groups: str) -> None:
    """Install what is missing, then run every command of the stages that are ready."""
    if not IN_DEV:
        session.install(*environment.install_arguments(groups))
    for stage in wanted:
        if not stage.ready:
            session.log(f"{stage.name}: nothing there: {stage.needs}")
            continue
        codes = [0, stages.NOTHING_COLLECTED] if stage.tests else [0]
        for command in stage.commands:
            session.run(*command, *session.posargs, success_codes=codes)


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
    _run(session, stages.unit(package), "test", "dev")


@nox.session
@nox.parametrize("connector", list(stages.BACKENDS), ids=list(stages.BACKENDS))
def conformance(session: nox.Session, connector: str) -> None:
    """Run the suite on one data source; servers are named by JUGGLER_<CONNECTOR>_URL."""
    url = stages.backend_url(connector)
    if url is None:
        session.error(f"no server: set {stages.BACKENDS[connector]} to its URL")
    _run(session, stages.conformance(connector, url), "test", "servers")


@nox.session
def meta(session: nox.Session) -> None:
    """Let the suite kill the connectors with seeded bugs."""
    _run(session, stages.meta(), "test")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the pages, run their snippets."""
    _run(session, stages.docs(), "docs", "test", "demo")


@nox.session
def bench(session: nox.Session) -> None:
    """Print the budgets beside what this machine reaches."""
    _run(session, stages.bench(), "test")


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
