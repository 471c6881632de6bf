"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from juggler.values.geo import GeoPoint
from juggler.values.jsonable import to_jsonable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Columns of a table that nobody looks at in a terminal: wide enough not to fold most rows.
_PIPED_WIDTH = 160
_LONGEST_CELL = 200


def console(*, err: bool = False) -> Console:
    """A console on the streams as they are now; without a terminal it is plain and wide."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def print_json(data: Any) -> None:
    """One JSON document on standard output."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False, default=to_jsonable)
    sys.stdout.write("\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", caption: str = ""
) -> None:
    """A table; texts stand in it as they are, control characters escaped."""
    table = Table(
        title=title or None, caption=caption or None, title_justify="left", caption_justify="left"
    )
    listed = [[cell(value) for value in row] for row in rows]
    for i, name in enumerate(columns):
        numbers = [row[i].justify == "right" for row in listed if row[i].plain]
        right = bool(numbers) and all(numbers)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in listed:
        table.add_row(*row)
    console().print(table)


def print_pairs(pairs: Mapping[str, Any]) -> None:
    """Names and values below each other."""
    grid = Table.grid(padding=(0, 2))
    for name, value in pairs.items():
        grid.add_row(Text(name, style="bold"), Text(_plain(value)))
    console().print(grid)


def cell(value: Any) -> Text:
    """A value as text: numbers to the right, nothing for None, JSON for objects and lists."""
    if value is None:
        return Text("")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int | float):
        return Text(str(value), justify="right")
    return Text(shortened(_plain(value)))


def _plain(value: Any) -> str:
    plain = str(value) if isinstance(value, GeoPoint) else to_jsonable(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return printable(text)


def printable(text: str) -> str:
    """The text without characters that would steer a terminal; line ends stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def shortened(text: str) -> str:
    """The text, cut with ``…`` where it is longer than a cell should be."""
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
