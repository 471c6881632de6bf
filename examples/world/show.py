"""What a person sees: headings, plans, tables and times, printed with rich."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
MOST_ROWS = 12


class Show:
    """Prints the steps of the program and remembers how long each took."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.times: list[tuple[str, float]] = []
        self.question = ""

    def heading(self, text: str) -> None:
        """Begin a question."""
        self.question = text
        self.console.print()
        self.console.print(Text(text, style="bold cyan"))

    def ask(self, query: Any, *columns: str) -> list[Any]:
        """Explain a query, run it, and print these properties of its rows."""
        self.explain(query)
        rows = self.do("find", query.all)
        self.table(rows, *columns)
        return list(rows)

    def explain(self, query: Any) -> None:
        """Print the plan of a query: what the store does, what Python does, what it costs."""
        lines = Table.grid(padding=(0, 2))
        lines.add_column(justify="right", style="dim")
        for label, text in query.explain().lines():
            lines.add_row(label, Text(text))
        self.console.print(Panel(lines, title="explain", title_align="left", expand=False))

    def do(self, what: str, action: Callable[[], T]) -> T:
        """Do something and print how long it took."""
        started = time.perf_counter()
        result = action()
        seconds = time.perf_counter() - started
        self.times.append((f"{self.question} {what}".strip(), seconds))
        self.console.print(Text(f"  {what}: {seconds * 1000:,.2f} ms", style="green"))
        return result

    def table(self, rows: Sequence[Any], *columns: str) -> None:
        """Print these properties of the first rows."""
        shown = [[row[name] for name in columns] for row in rows[:MOST_ROWS]]
        left = len(rows) - len(shown)
        caption = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
        caption += f", {left:,} more than shown" if left else ""
        self.values(shown, *columns, caption=caption)

    def values(self, rows: Iterable[Sequence[Any]], *columns: str, caption: str = "") -> None:
        """Print rows of plain values."""
        table = Table(caption=caption or None, caption_justify="left")
        listed = list(rows)
        for i, name in enumerate(columns):
            numbers = all(isinstance(row[i], int | float) for row in listed)
            table.add_column(name, justify="right" if numbers else "left")
        for row in listed:
            table.add_row(*(Text(f"{v:,}" if isinstance(v, int) else str(v)) for v in row))
        self.console.print(table)

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(Text(f"  {text}"))
