"""Set the version of all distributions at once: `python tools/bump.py 0.2.0`.

While the version begins with 0, a minor version is a contract version: the packages then need
each other in the same minor. Without an argument, the versions that are there are printed.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from environment import PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
DECLARED = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
SIBLING = re.compile(r"(juggler-[a-z]+(?:\[[a-z,]+\])?)>=[\d.]+,<[\d.]+")


def files() -> list[Path]:
    """List the six declarations, the metapackage's first."""
    return [ROOT / "pyproject.toml", *(ROOT / name / "pyproject.toml" for name in PACKAGES)]


def versions() -> Iterator[tuple[str, str]]:
    """Yield each file's name with each version that it declares, towncrier's among them."""
    for path in files():
        for version in DECLARED.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), version


def sibling_ranges() -> Iterator[tuple[str, str]]:
    """Yield each file's name with each range in which it needs another of the packages."""
    for path in files():
        for found in SIBLING.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), found.group().removeprefix(found.group(1))


def compatible(version: str) -> str:
    """Give the range that accepts a version and its later patches.

    >>> compatible("0.2.1")
    '>=0.2,<0.3'
    >>> compatible("1.4.0")
    '>=1.4,<2'
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    return f">={major}.{minor},<{f'0.{minor + 1}' if major == 0 else major + 1}"


def bump(version: str) -> None:
    """Write the version, and the ranges it brings, into all six declarations."""
    for path in files():
        text = path.read_text(encoding="utf-8")
        text = DECLARED.sub(f'version = "{version}"', text)
        text = SIBLING.sub(lambda found: found.group(1) + compatible(version), text)
        path.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Print or set the versions."""
    match arguments:
        case []:
            for name, version in versions():
                print(f"{version}  {name}")
            return 0
        case [version] if VERSION.fullmatch(version):
            bump(version)
            print(f"now {version}; next: towncrier build --version {version}")
            return 0
        case _:
            print("usage: python tools/bump.py [MAJOR.MINOR.PATCH]", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
