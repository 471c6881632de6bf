"""Runs type checkers over the files here: wrong lines are errors, no others are.

mypy --strict and pyright find all of them; what ty and pyrefly do not see stands at its line.
"""

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
GOOD = ["models.py", "good.py", "defined.py"]

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


def program(name: str) -> str:
    here = str(Path(sys.executable).parent)
    found = shutil.which(name, path=here) or shutil.which(name)
    assert found, "the checkers are in the group `types`"
    return found


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
    command = [
        program("pyright"),
        "--outputjson",
        "--pythonpath",
        sys.executable,
        "-p",
        str(folder),
    ]
    done = run(command)
    found: dict[Path, set[int]] = {}
    for item in json.loads(done.stdout)["generalDiagnostics"]:
        if item["severity"] == "error":
            place = found.setdefault(Path(item["file"]), set())
            place.add(item["range"]["start"]["line"] + 1)
    return found


def ty(folder: Path, *files: Path) -> dict[Path, set[int]]:
    config = folder / "ty.toml"
    config.write_text('[environment]\npython-version = "3.11"\n', encoding="utf-8")
    options = ["--config-file", str(config), "--python", sys.prefix, "--extra-search-path"]
    command = [program("ty"), "check", "--output-format", "concise", *options, str(HERE)]
    return concise(run([*command, *map(str, files)]).stdout, r"(.+?\.py):(\d+):\d+: error\[")


def pyrefly(folder: Path, *files: Path) -> dict[Path, set[int]]:
    config = folder / "pyrefly.toml"
    config.write_text(f'python-version = "3.11"\nsearch-path = ["{HERE}"]\n', encoding="utf-8")
    options = ["--config", str(config), "--python-interpreter-path", sys.executable]
    command = [program("pyrefly"), "check", "--output-format", "min-text", *options]
    pattern = r"ERROR (.+?\.py):(\d+):\d+-[\d:]+: "
    return concise(run([*command, *map(str, files)]).stdout, pattern)


def concise(text: str, pattern: str) -> dict[Path, set[int]]:
    found: dict[Path, set[int]] = {}
    for line in text.splitlines():
        if match := re.match(pattern, line):
            found.setdefault((HERE / match[1]).resolve(), set()).add(int(match[2]))
    return found


def marked(checker: str, path: Path) -> set[int]:
    numbers = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.search(r"  # E\b(.*)", line):
            names = match[1].split()
            only = [name for name in names if not name.startswith("-")]
            if f"-{checker}" not in names and (not only or checker in only):
                numbers.add(number)
    return numbers


@pytest.mark.parametrize("check", [mypy, pyright, ty, pyrefly])
@pytest.mark.timeout(300)
def test_what_is_right_is_clean_and_what_is_wrong_an_error(
    check: Callable[..., dict[Path, set[int]]], tmp_path: Path
) -> None:
    files = [*(HERE / name for name in GOOD), WRONG]
    found = check(tmp_path, *files)
    assert set(found) <= set(files)
    for path in files:
        assert found.get(path, set()) == marked(check.__name__, path), path.name
