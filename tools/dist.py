"""Build all six distributions, then install and use them from the wheels alone.

Each sdist is built first and the wheel is made from it, so a file that an sdist lacks shows here.
The clean environments know our packages only as the wheels just built; what those need from
others may come from wherever pip is set up to look.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import PACKAGES, ROOT

DIST = ROOT / "dist"
COUNT = len(PACKAGES) + 1
AWAY = "/"
"""Where commands run: outside the clone, so that nothing is imported from it by accident."""


def main() -> int:
    """Build, check the metadata, install, use; the first failure ends it."""
    try:
        wheels = build()
        with tempfile.TemporaryDirectory(prefix="juggler-dist-") as folder:
            install_bare(Path(folder) / "bare", wheels)
            install_and_use(Path(folder) / "clean", wheels)
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


def build() -> list[Path]:
    """Build sdists and, from them, wheels into dist/; their metadata has to render."""
    shutil.rmtree(DIST, ignore_errors=True)
    for folder in (ROOT, *(ROOT / name for name in PACKAGES)):
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(folder))
    wheels = sorted(DIST.glob("*.whl"))
    sdists = sorted(DIST.glob("*.tar.gz"))
    if len(wheels) != COUNT or len(sdists) != COUNT:
        raise DistError(f"expected {COUNT} of each, built {[p.name for p in (*wheels, *sdists)]}")
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, (*wheels, *sdists)))
    return wheels


def install_bare(venv: Path, wheels: list[Path]) -> None:
    """Install the six with no index at all: our names are found among our wheels."""
    names = [wheel.name.split("-")[0].replace("_", "-") for wheel in wheels]
    pip = make_venv(venv)
    run(*pip, "--no-index", "--no-deps", "--find-links", str(DIST), *names)


def install_and_use(venv: Path, wheels: list[Path]) -> None:
    """Do what a user does: install an extra, list the plugins, add the suite and run it."""
    pip = make_venv(venv)
    constraints = venv / "constraints.txt"
    constraints.write_text("\n".join(map(only_from, wheels)), encoding="utf-8")
    from_wheels = (*pip, "--only-binary", ":all:", "--constraint", str(constraints))
    find = ("--find-links", str(DIST))

    run(*from_wheels, *find, "juggler[cassandra]")
    plugins = output(venv, "juggler", "plugins", "--json")
    expect(plugins, present=("cassandra", "memory", "transient", "keyvalue"), absent=("cloudant",))

    run(*from_wheels, *find, "juggler[all]")
    plugins = output(venv, "juggler", "plugins", "--json")
    expect(plugins, present=("cassandra", "cloudant", "memory"), absent=())
    run(str(venv / "bin" / "juggler-conformance"), "run", "--on", "memory:", "--profile", "smoke")


def make_venv(venv: Path) -> tuple[str, ...]:
    """Make a clean environment; returns the beginning of its install command."""
    run(sys.executable, "-m", "venv", str(venv))
    python = str(venv / "bin" / "python")
    return (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def only_from(wheel: Path) -> str:
    """Give the constraint that lets a name mean this wheel and nothing else."""
    return f"{wheel.name.split('-')[0].replace('_', '-')} @ {wheel.as_uri()}"


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
