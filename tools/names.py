"""Write docs/names.md: LoopBack's names beside Juggler's, out of two tables.

`tools/names_table.py` holds what a person has to say, `juggler.model.names` the other spellings
that work. `--check` writes nothing and exits with 1 when the page is out of date.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from environment import ROOT
from names_table import FILTER_WORDS, SECTIONS

from juggler.model.names import CLASS_ALIASES, INSTANCE_ALIASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = ROOT / "docs" / "names.md"
HEAD = """\
<!-- Written by tools/names.py. -->

# Names of LoopBack

What is called `findById` there is called `find_by_id` here. Where LoopBack has several names for
one thing, one of them is the name here; the others work, too, but editors do not offer them.
Everything that waits for a store exists again under `.aio`.
"""
OURS = {"to_dict"}
"""Other spellings that LoopBack never had."""


def page() -> str:
    """Give the whole page."""
    parts = [HEAD]
    aliases = {"Models": ("User", CLASS_ALIASES), "Instances": ("user", INSTANCE_ALIASES)}
    for title, names in SECTIONS:
        rows = [f"| {_code(n.loopback)} | `{n.juggler}` | {n.note} |" for n in names]
        if title in aliases:
            named = {part for n in names for part in re.findall(r"\w+", n.loopback)}
            rows += others(*aliases[title], named)
        parts.append(f"## {title}\n\n| LoopBack | Juggler | |\n|---|---|---|\n" + "\n".join(rows))
    parts.append(f"## Filters\n\n{FILTER_WORDS}\n")
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def others(owner: str, aliases: Mapping[str, str], named: set[str]) -> Iterator[str]:
    """Give a line for each other spelling that the table does not name."""
    for alias, name in sorted(aliases.items()):
        if camel(alias) not in named and alias not in OURS:
            yield f"| `{camel(alias)}` | `{owner}.{name}` | `{owner}.{alias}` |"


def camel(name: str) -> str:
    """Spell a name as LoopBack would."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _code(text: str) -> str:
    return text if text == "-" else f"`{text}`"


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/names.md is out of date: python tools/names.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
