"""What is checked, and how: the one table that `./dev test` and the noxfile share.

A stage is a name and the commands that make it. `needs` names the file or folder (or the beginning
of its name) without which there is nothing to check. Commands run in the development environment,
in the clone's root.
"""

from __future__ import annotations

import dataclasses

from environment import PACKAGES, ROOT

Command = tuple[str, ...]
NOTHING_COLLECTED = 5
"""pytest's exit code when it found no test."""

TESTED = [
    *PACKAGES,
    *(str(path.parent.relative_to(ROOT)) for path in sorted(ROOT.glob("examples/**/tests"))),
    "servers",
    "tools",
]
"""Folders with tests of their own."""

META = "conformance/tests/meta"
"""The seeded bugs, a stage of their own."""

BACKENDS = ("memory", "transient", "keyvalue", "cassandra", "cloudant")
"""Data sources the suite runs on."""

SERVERS = {
    "cassandra": ("cassandra", "{url}/conformance?create_keyspace=true"),
    "cloudant": ("couchdb", "{url}/conformance"),
}
"""The server of a data source, and the URL the suite gets once it runs."""

SERVER_TESTS = {
    "cassandra": ("juggler-cassandra/tests", "examples/tutorial_cassandra"),
    "cloudant": ("juggler-cloudant/tests",),
}
"""Tests that need a server, by data source."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """One line of the report: it passes when all of its commands do."""

    name: str
    commands: tuple[Command, ...]
    needs: str = "pyproject.toml"
    tests: bool = False
    """Whether the commands count what they ran; a stage that does not counts as one."""

    @property
    def ready(self) -> bool:
        """Whether there is something to check."""
        return any(ROOT.glob(f"{self.needs}*"))


def lint() -> list[Stage]:
    """Style, spelling, architecture and declared dependencies."""
    return [
        _check("ruff check", ("ruff", "check", "--quiet", "--output-format=concise", ".")),
        _check("ruff format", ("ruff", "format", "--check", "--output-format=concise", ".")),
        _check("import-linter", ("lint-imports", "--no-cache")),
        _check("deptry", *map(_deptry, PACKAGES)),
        _check("codespell", ("codespell",)),
        _check("house rules", ("python", "tools/house.py")),
    ]


def types() -> list[Stage]:
    """The two type checkers that gate, and the first of them on what a user would write."""
    examples = ("examples/world", "examples/shop", "examples/connectors/juggler-sqlite/src")
    return [
        _check("mypy", ("mypy",)),
        _check("pyright", ("pyright",)),
        Stage("mypy examples", (("mypy", *examples),), needs="examples/world/main.py"),
        _pytest("typing tests", "juggler-core/typing_tests"),
    ]


def unit(package: str = "") -> list[Stage]:
    """Tests of the package in one folder, or of all."""
    names = [package] if package else TESTED
    apart = ("-m", "not server and not cluster", f"--ignore={META}")
    return [_pytest(f"tests {name}", f"{name}/tests", *apart) for name in names]


def meta() -> list[Stage]:
    """The conformance suite has to kill every seeded bug."""
    return [_pytest("meta", META)]


def conformance(connector: str, profile: str = "ci") -> list[Stage]:
    """Run the suite against one data source, on its server where it has one."""
    suite = ("juggler-conformance", "run", "--profile", profile, "--on")
    if connector in SERVERS:
        command = _served(connector, *suite, SERVERS[connector][1])
    else:
        command = (*suite, f"{connector}:")
    return [Stage(f"conformance {connector}", (command,), tests=True)]


def corpus(connector: str) -> list[Stage]:
    """Ask a data source all the queries of the corpus."""
    ask = ("juggler-conformance", "corpus", "--on")
    if connector in SERVERS:
        command = _served(connector, *ask, SERVERS[connector][1])
    else:
        command = (*ask, f"{connector}:")
    return [Stage(f"corpus {connector}", (command,), tests=True)]


def servers() -> list[Stage]:
    """On a real server each: the tests that need it, and the suite."""
    return [
        stage
        for connector in SERVERS
        for stage in (*server_tests(connector), *conformance(connector))
    ]


def server_tests(connector: str) -> list[Stage]:
    """Tests of a connector that talk to its server."""
    tests = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "server")
    command = _served(connector, *tests, *SERVER_TESTS[connector])
    return [Stage(f"server tests {connector}", (command,), tests=True)]


def cluster() -> list[Stage]:
    """Tests that start nodes of their own, three of which one is killed; minutes, so apart."""
    tests = ("juggler-cassandra/tests/server", "servers/tests/test_cassandra_cluster.py")
    command = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "cluster", *tests)
    return [Stage("cluster", (command,), tests=True)]


def _served(connector: str, *command: str) -> Command:
    """A command with the connector's server started around it, or with the one that is named."""
    return ("python", "-m", "servers", SERVERS[connector][0], "--", *command)


def docs() -> list[Stage]:
    """Build the pages and run every snippet in them."""
    return [
        Stage("docs build", (("python", "tools/docs.py"),), needs="docs/mkdocs.yml"),
        _pytest("docs snippets", "docs"),
    ]


def bench() -> list[Stage]:
    """Measure; judged by a person, so no part of `./dev test`."""
    return [Stage("bench", (("python", "benchmarks/run.py"),), needs="benchmarks/run.py")]


def dist() -> list[Stage]:
    """Build all distributions, then install and use them from the wheels alone."""
    return [_check("dist", ("python", "tools/dist.py"))]


def quick() -> list[Stage]:
    """Everything that needs no server: the longest first, so that two at a time finish early."""
    return [*meta(), *conformance("memory"), *unit(), *types(), *lint()]


def full() -> list[Stage]:
    """Everything."""
    return [*servers(), *quick(), *dist(), *docs()]


def _check(name: str, *commands: Command) -> Stage:
    return Stage(name, commands)


def _deptry(package: str) -> Command:
    """What a package declares is what it imports."""
    settings = f"{package}/pyproject.toml"
    return ("deptry", "--no-ansi", f"{package}/src", "--config", settings)


def _pytest(name: str, folder: str, *arguments: str) -> Stage:
    command = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", folder, *arguments)
    return Stage(name, (command,), needs=folder, tests=True)
