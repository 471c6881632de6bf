"""House rules that no other linter knows: small modules, and nothing of one machine in the tree."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINES = 400
# Spelt so that this file does not break its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:root|work|tmp|home/\w+|Users/\w+)/[\w.-]")
REGISTRY_HOST = re.compile(
    r"\b(?:py(?:pi\.org|thonhosted\.org)|registry\.(?:npm|yarn)\w*\.\w+|repo1?\.maven\.\w+"
    r"|static\.crates\.io|proxy\.golang\.org)",
    re.IGNORECASE,
)
LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock"}


def tracked_files() -> list[Path]:
    """List the files that git has, as they stand in the work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def long_modules(files: list[Path]) -> Iterator[str]:
    """Name the modules over 400 lines; tests may be as long as they like."""
    for path in files:
        if path.suffix != ".py" or "tests" in path.relative_to(ROOT).parts:
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_LINES:
            yield f"{path.relative_to(ROOT)}: {lines} lines, {MAX_LINES} at most: split it"


def machine_traces(files: list[Path]) -> Iterator[str]:
    """Name the lines that hold a path of one machine or a package registry's host."""
    for path in files:
        where = path.relative_to(ROOT)
        if path.name in LOCK_FILES:
            yield f"{where}: lock files hold addresses: declare ranges instead"
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # compressed data
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in (("machine path", MACHINE_PATH), ("registry host", REGISTRY_HOST)):
                if pattern.search(line):
                    yield f"{where}:{number}: {what}"


def main() -> int:
    """Print every offence; exit 1 when there is one."""
    files = tracked_files()
    offences = [*long_modules(files), *machine_traces(files)]
    print("\n".join(offences))
    return int(bool(offences))


if __name__ == "__main__":
    sys.exit(main())
