"""Build the pages: docs/ is put into build/docs, where Zensical and MkDocs both accept the layout.

Zensical wants pages and site below the settings file, MkDocs wants neither in its folder; only a
settings file in the clone's root would please both.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import hooks
import names
from environment import ROOT

SOURCE = ROOT / "docs"
BUILD = ROOT / "build" / "docs"


def stage() -> None:
    """Copy the settings file and, below it, the pages."""
    shutil.rmtree(BUILD, ignore_errors=True)
    pages = BUILD / "pages"
    pages.mkdir(parents=True)
    shutil.copy(SOURCE / "mkdocs.yml", BUILD)
    for page in SOURCE.glob("*.md"):
        shutil.copy(page, pages)


def main() -> int:
    """Build the site into build/docs/site; a warning is an error."""
    stale = names.main(["--check"]) or hooks.main(["--check"])
    stage()
    build = ("build", "--strict", "--clean", "--config-file", "mkdocs.yml")
    command = [sys.executable, "-m", "zensical", *build]
    return stale or subprocess.run(command, cwd=BUILD, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
