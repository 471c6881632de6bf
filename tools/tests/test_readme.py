"""The first program that a newcomer reads runs, and says what it should."""

from __future__ import annotations

import re
import subprocess
import sys

from environment import ROOT

PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 0 < text.index("./dev demo") < text.index("./dev test") < text.index("```python")


def test_the_program_of_the_readme_runs() -> None:
    (program,) = PROGRAM.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=program,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *plan, last = done.stdout.splitlines()
    assert first == "['Ann', 'Cleo'] ['Ann', 'Cleo']"
    assert "age" in "\n".join(plan)
    assert re.fullmatch(r"1 .*matched=1.*", last)
