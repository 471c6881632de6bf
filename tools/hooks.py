"""Write the table of operations and hooks of docs/hooks.md out of the code.

It stands between two comments of the page. `--check` writes nothing and exits with 1 when the page
is out of date.
"""

from __future__ import annotations

import re
import sys

from environment import ROOT

from juggler.model.hooks import HOOKS
from juggler.operations._lifecycle import MATRIX

PAGE = ROOT / "docs" / "hooks.md"
TABLE = re.compile(r"(<!-- matrix: written by tools/hooks\.py -->\n).*?(<!-- end -->)", re.DOTALL)
SHOWN = tuple(hook for hook in HOOKS if not hook.endswith("initialize"))
"""The others belong to `User(...)`, whatever comes after."""


def table() -> str:
    """Give the table: an operation a column, a hook a line, operations with one life together."""
    lives: dict[tuple[str, ...], list[str]] = {}
    for operation, hooks in MATRIX.items():
        lives.setdefault(hooks, []).append(operation)
    heads = ["<br>".join(f"`{name}`" for name in names) for names in lives.values()]
    lines = [["hook", *heads], ["---", *("---" for _ in heads)]]
    for hook in SHOWN:
        marks = [_mark(hook, hooks) for hooks in lives]
        lines.append([f"`{hook}`", *marks])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _mark(hook: str, hooks: tuple[str, ...]) -> str:
    """● always, ◐ one of two: a row was created or changed."""
    for entry in hooks:
        if hook in entry.split(" | "):
            return "◐" if "|" in entry else "●"
    return ""


def page() -> str:
    """Give the page with the table as it has to be."""
    found, times = TABLE.subn(
        lambda match: f"{match[1]}\n{table()}\n{match[2]}", PAGE.read_text(encoding="utf-8")
    )
    if times != 1:
        message = "docs/hooks.md has no place for the table"
        raise ValueError(message)
    return found


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/hooks.md is out of date: python tools/hooks.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
