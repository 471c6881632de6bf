"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from juggler.values.geo import GeoPoint
from juggler.values.jsonable import to_jsonable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Columns of a table that nobody looks at in a terminal: wide enough not to fold most rows.
PIPED_WIDTH = 160
_LONGEST_CELL = 200
#: Characters of a column below which its texts are hard to read, and what its borders take.
_READABLE, _BORDERS = 8, 3


class _Console(Console):
    """A console that leaves a broken pipe to the command."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def tolerate_any_text() -> None:
    """Let streams escape what their encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not _is_unicode(stream):
            stream.reconfigure(errors="backslashreplace")


def arrow() -> str:
    """What stands before a hint, as far as standard error has it."""
    return "→" if _is_unicode(sys.stderr) else "->"


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().startswith("utf")


def console(*, err: bool = False) -> Console:
    """A console on the streams as they are now; without a terminal it is plain and wide."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return _Console(file=stream, width=width, highlight=False, soft_wrap=False)


def print_json(data: Any) -> None:
    """One JSON document on standard output."""
    ascii_only = not _is_unicode(sys.stdout)
    json.dump(data, sys.stdout, indent=2, ensure_ascii=ascii_only, default=to_jsonable)
    sys.stdout.write("\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", caption: str = ""
) -> None:
    """A table; texts stand in it as they are, control characters escaped.

    Where its columns would be too narrow to read, the rows stand below each other instead.
    """
    listed = [[cell(value) for value in row] for row in rows]
    screen = console()
    if not _fits(columns, listed, screen.width):
        _print_records(columns, listed, screen)
        screen.print(Text(caption))
        return
    table = Table(
        title=title or None, caption=caption or None, title_justify="left", caption_justify="left"
    )
    for i, name in enumerate(columns):
        numbers = [row[i].justify == "right" for row in listed if row[i].plain]
        right = bool(numbers) and all(numbers)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in listed:
        table.add_row(*row)
    screen.print(table)


def _fits(columns: Sequence[str], rows: Sequence[Sequence[Text]], width: int) -> bool:
    """Whether each column gets what its texts need, or enough to read them folded."""
    widest = [
        max(cell_len(name), *(cell_len(row[i].plain) for row in rows)) if rows else cell_len(name)
        for i, name in enumerate(columns)
    ]
    return sum(min(one, _READABLE) + _BORDERS for one in widest) < width


def _print_records(columns: Sequence[str], rows: Sequence[Sequence[Text]], screen: Console) -> None:
    for row in rows:
        grid = Table.grid(padding=(0, 2))
        for name, value in zip(columns, row, strict=True):
            value.justify = "left"
            grid.add_row(Text(name, style="bold"), value)
        screen.print(grid, "")


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
