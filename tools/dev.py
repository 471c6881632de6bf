"""The commands of `./dev`: demo, test and run, in the environment that `environment` makes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment

USAGE = """\
usage: ./dev demo [ARGS]       run the example program on real data (examples/world)
       ./dev test [--quick]    run all checks and tests; --quick leaves out the servers
       ./dev run CMD [ARGS]    run a command in the development environment
"""
DEMO = ("demo",)
WORK = ("test", "types", "lint", "docs", "dev", "demo")
SERVERS = (*WORK, "servers")


def main(arguments: list[str]) -> int:
    """Run one command; returns (or becomes) its exit code."""
    python = str(environment.PYTHON)
    match arguments:
        case ["demo", *rest]:
            return _exec(
                DEMO, python, str(environment.ROOT / "examples" / "world" / "main.py"), *rest
            )
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
