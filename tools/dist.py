"""Build all six distributions, then install and use them from the wheels alone.

Each sdist is built first and the wheel is made from it, so a file that an sdist lacks shows here.
The clean environment has no index: it finds our packages among the wheels just built, and those of
others among wheels that were collected before from wherever pip is set up to look.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import stages
from environment import PACKAGES, ROOT

DIST = ROOT / "dist"
COUNT = len(PACKAGES) + 1
AWAY = "/"
"""Where commands run: outside the clone, so that nothing is imported from it by accident."""


def main() -> int:
    """Build, check the metadata, install, use; the first failure ends it."""
    try:
        build()
        with tempfile.TemporaryDirectory(prefix="juggler-dist-") as folder:
            install_and_use(Path(folder))
    except subprocess.CalledProcessError as error:
        print(f"dist: failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except DistError as error:
        print(f"dist: {error}", file=sys.stderr)
        return 1
    print(f"dist: {COUNT} wheels and {COUNT} sdists are good")
    return 0


class DistError(Exception):
    """What was built is not what it should be."""


def build() -> None:
    """Build sdists and, from them, wheels into dist/; their metadata has to render."""
    shutil.rmtree(DIST, ignore_errors=True)
    for folder in (ROOT, *(ROOT / name for name in PACKAGES)):
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(folder))
    wheels = sorted(DIST.glob("*.whl"))
    sdists = sorted(DIST.glob("*.tar.gz"))
    if len(wheels) != COUNT or len(sdists) != COUNT:
        raise DistError(f"expected {COUNT} of each, built {[p.name for p in (*wheels, *sdists)]}")
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, (*wheels, *sdists)))


def install_and_use(folder: Path) -> None:
    """Do what a user does: install an extra, list the plugins, add the rest, run the suite."""
    others = folder / "others"
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", str(venv))
    pip = (str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--wheel-dir", str(others), *requirements_of_others())
    install = (
        *pip,
        "install",
        "--no-index",
        "--find-links",
        str(DIST),
        "--find-links",
        str(others),
    )

    run(*install, "juggler[cassandra]")
    plugins = output(venv, "juggler", "plugins", "--json")
    expect(plugins, present=("cassandra", "memory", "transient", "keyvalue"), absent=("cloudant",))

    run(*install, "juggler[all]")
    plugins = output(venv, "juggler", "plugins", "--json")
    expect(plugins, present=("cassandra", "cloudant", "memory"), absent=())
    program, *arguments = stages.conformance("memory", "quick")[0].commands[0]
    run(str(venv / "bin" / program), *arguments)


def requirements_of_others() -> list[str]:
    """List what `juggler[all]` needs besides our own packages, as they declare it."""
    declared = [_project(name) for name in PACKAGES]
    wanted = [line for project in declared for line in project["dependencies"]]
    wanted += _project("juggler-core")["optional-dependencies"]["cli"]
    return sorted({line for line in wanted if not line.startswith("juggler")})


def _project(name: str) -> dict[str, Any]:
    text = (ROOT / name / "pyproject.toml").read_text(encoding="utf-8")
    project: dict[str, Any] = tomllib.loads(text)["project"]
    return project


def expect(plugins: str, *, present: tuple[str, ...], absent: tuple[str, ...]) -> None:
    """Compare what `juggler plugins` lists with what was installed."""
    wrong = [f"{name} is missing" for name in present if f'"{name}"' not in plugins]
    wrong += [f"{name} is there" for name in absent if f'"{name}"' in plugins]
    if wrong:
        raise DistError(f"juggler plugins: {', '.join(wrong)}\n{plugins}")


def run(*command: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, cwd=AWAY, check=True)


def output(venv: Path, program: str, *arguments: str) -> str:
    """Run a console script of an environment and return what it prints."""
    command = (str(venv / "bin" / program), *arguments)
    return subprocess.run(command, cwd=AWAY, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
