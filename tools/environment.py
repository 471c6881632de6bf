"""The development environment: `.venv` inside the clone, all packages editable, plus groups.

Run by any Python >= 3.11 without anything installed, so it imports the standard library alone.
A stamp remembers the declarations the environment was made from and the groups that are in it;
while they are unchanged, asking again costs a few milliseconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "juggler-stamp.json"

PACKAGES = (
    "juggler-core",
    "juggler-memory",
    "juggler-cassandra",
    "juggler-cloudant",
    "conformance",
)
"""Folders of the packages with code; the root is the sixth distribution."""


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


def ensure(groups: tuple[str, ...]) -> None:
    """Make `.venv` hold the packages and the dependency groups named."""
    if not _missing(groups):
        return
    with _one_at_a_time():
        missing = _missing(groups)
        if missing:
            wanted = sorted({*_stamped(_digest()), *groups})
            _say(f"making .venv ({', '.join(wanted)})")
            STAMP.unlink(missing_ok=True)
            _install(wanted)
            STAMP.write_text(json.dumps({"digest": _digest(), "groups": wanted}), encoding="utf-8")


def install_arguments(groups: tuple[str, ...] | list[str]) -> list[str]:
    """Give what an installer has to install: the packages, editable, and the groups' contents.

    The groups are flattened here because pip before 25.1 has no `--group`.
    """
    editables = [argument for folder in _distributions() for argument in ("-e", str(folder))]
    table = _read(ROOT / "pyproject.toml")["dependency-groups"]
    return [*editables, *(requirement for group in groups for requirement in table[group])]


def command_environment() -> dict[str, str]:
    """Give the variables a command sees: as in an activated `.venv`."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    variables["VIRTUAL_ENV"] = str(VENV)
    variables["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return variables


def _distributions() -> list[Path]:
    """List the folders to install: packages, the example connectors, the metapackage last."""
    examples = sorted(path.parent for path in ROOT.glob("examples/connectors/*/pyproject.toml"))
    return [*(ROOT / name for name in PACKAGES), *examples, ROOT]


def _digest() -> str:
    """Hash whatever decides what the environment has to hold; tools' settings do not."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in _distributions():
        declared = _read(folder / "pyproject.toml")
        tools = declared.pop("tool", {})
        digest.update(json.dumps([folder.name, declared, tools.get("hatch")]).encode())
    return digest.hexdigest()


def _missing(groups: tuple[str, ...]) -> set[str]:
    return set(groups) - set(_stamped(_digest()))


def _stamped(digest: str) -> list[str]:
    """List the groups that `.venv` holds; none when it is absent or out of date."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if stamp.get("digest") != digest or not PYTHON.exists():
        return []
    return list(stamp["groups"])


def _install(groups: list[str]) -> None:
    wanted = install_arguments(groups)
    uv = shutil.which("uv")
    if uv:
        if not PYTHON.exists():
            _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        _run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), *wanted)
        return
    if not (BIN / "pip").exists():
        # Debian keeps venv's other half in a package of its own.
        advice = "If ensurepip is missing: install the system's python3-venv package, or uv."
        _run(sys.executable, "-m", "venv", "--clear", str(VENV), advice=advice)
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    # One build environment for all packages, instead of one made for each of them.
    _run(*pip, "hatchling>=1.26", "editables")
    _run(*pip, "--no-build-isolation", *wanted)


def _run(*command: str, advice: str = "") -> None:
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        message = f"making .venv failed: {' '.join(command[:4])} … exited {result.returncode}"
        raise SetupError(f"{message}. {advice}".rstrip(". "))


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the clone's folder: two terminals may start at once."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _say(text: str) -> None:
    print(f"dev: {text}", file=sys.stderr, flush=True)
