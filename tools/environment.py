"""The development environment: `.venv` inside the clone, all packages editable, plus groups.

Run by any Python >= 3.11 without anything installed, so it imports the standard library alone.
A stamp remembers the declarations the environment was made from and the groups that are in it;
while they are unchanged, asking again costs a few milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "juggler-stamp.json"
PACKAGES = ("juggler-core", "juggler-memory", "juggler-cassandra", "juggler-cloudant", "conformance")
EDITABLES = (*(f"./{name}" for name in PACKAGES), ".")


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


def ensure(groups: tuple[str, ...]) -> None:
    """Make `.venv` hold the six packages and the dependency groups named."""
    digest = _digest()
    have = _stamped(digest)
    missing = [group for group in groups if group not in have]
    if have and not missing:
        return
    wanted = sorted({*have, *groups})
    _say(f"making .venv ({', '.join(wanted)})")
    STAMP.unlink(missing_ok=True)
    _install(_requirements(wanted))
    STAMP.write_text(json.dumps({"digest": digest, "groups": wanted}), encoding="utf-8")


def command_environment() -> dict[str, str]:
    """The variables a command sees: as in an activated `.venv`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    environment["VIRTUAL_ENV"] = str(VENV)
    environment["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return environment


def _digest() -> str:
    """Hash whatever decides what the environment has to hold."""
    digest = hashlib.sha256()
    for path in (Path(__file__), ROOT / "pyproject.toml", *_package_files()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _package_files() -> list[Path]:
    return [ROOT / name / "pyproject.toml" for name in PACKAGES]


def _stamped(digest: str) -> list[str]:
    """Groups in the environment that is there; none when it is missing or out of date."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if stamp.get("digest") != digest or not PYTHON.exists():
        return []
    return list(stamp["groups"])


def _requirements(groups: list[str]) -> list[str]:
    """Flatten the dependency groups: pip before 25.1 has no `--group`."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    table = declared["dependency-groups"]
    return [requirement for group in groups for requirement in table[group]]


def _install(requirements: list[str]) -> None:
    editables = [argument for path in EDITABLES for argument in ("-e", path)]
    uv = shutil.which("uv")
    if uv:
        if not PYTHON.exists():
            _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        _run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), *editables, *requirements)
        return
    if not PYTHON.exists():
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    # One build environment for all six packages, instead of one made for each of them.
    _run(*pip, "hatchling>=1.26", "editables")
    _run(*pip, "--no-build-isolation", *editables, *requirements)


def _run(*command: str) -> None:
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        message = f"making .venv failed: {' '.join(command[:4])} … exited {result.returncode}"
        raise SetupError(message)


def _say(text: str) -> None:
    print(f"dev: {text}", file=sys.stderr, flush=True)
