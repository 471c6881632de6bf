"""Write docs/parity.md: what the original can do, and the tests that show it here.

`docs/parity.toml` is the table: each row names its tests, or says on purpose what is different.
`--check` writes nothing and exits with 1 when a row has neither, when a test that is named is not
there, or when the page is out of date.
"""

from __future__ import annotations

import ast
import dataclasses
import sys
import tomllib
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TABLE = ROOT / "docs" / "parity.toml"
PAGE = ROOT / "docs" / "parity.md"
ROWS = 258
HEAD = """\
<!-- Written by tools/parity.py from parity.toml. -->

# Parity with LoopBack's DataSource Juggler

Every feature of loopback-datasource-juggler 7, and what its first documents had before, is a row
here: with the tests that show it in Juggler, or with what is different on purpose, and why. Tests
are named by their file in the repository. {count} rows; {shown} have tests, {differs} say what is
different.
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """A feature, the tests that show it (``file::test``), and what is different on purpose."""

    number: int
    area: str
    feature: str
    tests: tuple[str, ...] = ()
    different: str = ""


def rows() -> list[Row]:
    """Give the table's rows; tests by their whole name."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [_row(table["files"], given) for given in table["row"]]


def _row(files: Mapping[str, str], given: Mapping[str, Any]) -> Row:
    tests = []
    for test in given.get("tests", ()):
        file, _, name = test.partition("::")
        tests.append(f"{files.get(file, file)}::{name}")
    return Row(**{**given, "tests": tuple(tests)})


def mistakes(table: list[Row]) -> Iterator[str]:
    """Name the rows that prove nothing, the tests that are not there, and missing rows."""
    numbers = [row.number for row in table]
    if numbers != list(range(1, ROWS + 1)):
        yield f"the rows are not 1 to {ROWS} in their order"
    for row in table:
        if not row.tests and not row.different:
            yield f"row {row.number} ({row.feature}) has neither a test nor a reason"
        for test in row.tests:
            file, _, name = test.partition("::")
            if name not in tests_in(file):
                yield f"row {row.number}: there is no test {test}"


@cache
def tests_in(file: str) -> frozenset[str]:
    """The tests of a file: functions, methods of classes, and test cases by assignment."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in names if name.startswith(("test_", "Test")))


def page(table: list[Row]) -> str:
    """Give the whole page."""
    counts = {
        "count": len(table),
        "shown": sum(bool(row.tests) for row in table),
        "differs": sum(bool(row.different) for row in table),
    }
    parts = [HEAD.format(**counts)]
    for area, group in groupby(table, key=lambda row: row.area):
        lines = [_line(row) for row in group]
        parts.append(f"## {area.capitalize()}\n")
        parts.append("| | Feature | Shown by | Different on purpose |\n|---|---|---|---|")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(row: Row) -> str:
    shown = "<br>".join(f"`{_short(test)}`" for test in row.tests)
    return f"| {row.number} | {row.feature} | {shown} | {row.different} |"


def _short(test: str) -> str:
    file, _, name = test.partition("::")
    return f"{file.replace('/tests/', ' ')} {name.removeprefix('test_')}"


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    table = rows()
    found = list(mistakes(table))
    text = page(table)
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        found.append("docs/parity.md is out of date: python tools/parity.py")
    for mistake in found:
        print(mistake, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
