"""The commands of `./dev`: demo, test and run, in the environment that `environment` makes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment

USAGE = """\
usage: ./dev demo [ARGS]       run the example program on real data (examples/world)
       ./dev demo --on URL     the same on another data source; for cassandra: and cloudant:
                               without a host, on a server that is started for it
       ./dev test [--quick]    run all checks and tests; --quick leaves out the servers
       ./dev run CMD [ARGS]    run a command in the development environment
"""
DEMO = ("demo",)
WORK = ("test", "types", "lint", "docs", "dev", "demo")
SERVERS = (*WORK, "servers")
#: Servers that the demo starts by itself, by the connector; what its URL has after the server's.
STARTED = {
    "cassandra": ("cassandra", "/world?create_keyspace=true"),
    "cloudant": ("couchdb", "/world"),
}


def main(arguments: list[str]) -> int:
    """Run one command; returns (or becomes) its exit code."""
    python = str(environment.PYTHON)
    match arguments:
        case ["demo", *rest]:
            groups, command = demo(rest)
            if groups is SERVERS:
                os.chdir(environment.ROOT)  # where the package `servers` is found
                print(f"dev: the URL names no host: python -m servers {command[2]}", flush=True)
            return _exec(groups, python, *command)
        case ["test", *rest]:
            groups = WORK if "--quick" in rest else SERVERS
            return _exec(groups, python, str(environment.ROOT / "tools" / "check.py"), *rest)
        case ["run", command, *rest]:
            return _exec(WORK, command, *rest)
        case ["-h" | "--help" | "help"]:
            print(USAGE, end="")
            return 0
        case _:
            print(USAGE, end="", file=sys.stderr)
            return 2


def demo(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Give the groups that the demo needs, and its command after the interpreter.

    Where `--on` names a connector of a server and nothing else, a server is started around it,
    which ends with the demo.
    """
    program = str(environment.ROOT / "examples" / "world" / "main.py")
    options = [part for word in words for part in _split(word)]
    at = options.index("--on") + 1 if "--on" in options else len(options)
    name = options[at].rstrip(":") if at < len(options) else ""
    if name not in STARTED:
        return DEMO, [program, *words]
    server, path = STARTED[name]
    options[at] = f"{{url}}{path}"
    python = str(environment.PYTHON)
    return SERVERS, ["-m", "servers", server, "--", python, program, *options]


def _split(word: str) -> list[str]:
    return ["--on", word.removeprefix("--on=")] if word.startswith("--on=") else [word]


def _exec(groups: tuple[str, ...], command: str, *arguments: str) -> int:
    try:
        environment.ensure(groups)
    except environment.SetupError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    variables = environment.command_environment()
    try:
        os.execvpe(command, [command, *arguments], variables)
    except FileNotFoundError:
        print(f"dev: command not found: {command}", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
