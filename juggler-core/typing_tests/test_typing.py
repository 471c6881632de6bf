"""Runs mypy --strict and pyright over the files here: wrong lines are errors, no others are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
WRONG = HERE / "errors" / "models_wrong.py"
GOOD = ["models.py", "good.py"]

CONFIG = """
[mypy]
strict = true
python_version = 3.11
mypy_path = {here}
explicit_package_bases = true
follow_imports = silent
"""


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)  # noqa: S603


def mypy(folder: Path, *files: Path) -> dict[Path, set[int]]:
    pytest.importorskip("mypy")
    config = folder / "mypy.ini"
    config.write_text(CONFIG.format(here=HERE), encoding="utf-8")
    options = ["--no-error-summary", "--show-absolute-path", "--cache-dir", str(folder / "cache")]
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), *options]
    done = run([*command, *map(str, files)])
    found: dict[Path, set[int]] = {}
    for line in done.stdout.splitlines():
        if match := re.match(r"(.+?\.py):(\d+): error: ", line):
            found.setdefault(Path(match[1]), set()).add(int(match[2]))
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return found


def pyright(folder: Path, *files: Path) -> dict[Path, set[int]]:
    program = shutil.which("pyright", path=str(Path(sys.executable).parent)) or shutil.which(
        "pyright"
    )
    assert program, "pip install pyright[nodejs]"
    config = {
        "include": [os.path.relpath(file, folder) for file in files],  # it takes no others
        "extraPaths": [str(HERE)],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        "reportUnusedCoroutine": False,
        "reportUnnecessaryComparison": False,
        "reportUnknownMemberType": False,
        "reportUnknownVariableType": False,
        "reportUnknownArgumentType": False,
        "reportMissingTypeStubs": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [program, "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = run(command)
    found: dict[Path, set[int]] = {}
    for item in json.loads(done.stdout)["generalDiagnostics"]:
        if item["severity"] == "error":
            place = found.setdefault(Path(item["file"]), set())
            place.add(item["range"]["start"]["line"] + 1)
    return found


def marked(checker: str) -> set[int]:
    ends = ("# E", f"# E {checker}")
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith(ends)}


@pytest.mark.parametrize("check", [mypy, pyright])
@pytest.mark.timeout(300)
def test_what_is_right_is_clean_and_what_is_wrong_an_error(
    check: Callable[..., dict[Path, set[int]]], tmp_path: Path
) -> None:
    found = check(tmp_path, *(HERE / name for name in GOOD), WRONG)
    assert {path.name: lines for path, lines in found.items() if path != WRONG} == {}
    assert found.get(WRONG, set()) == marked(check.__name__)
