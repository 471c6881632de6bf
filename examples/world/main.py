"""The world in Juggler: load 62,000 places, ask questions, change a few things.

python examples/world/main.py                       in memory
python examples/world/main.py --on URL              on another data source
python examples/world/main.py --limit 2000          fewer cities and airports
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import data
import models
import questions
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from show import Show

from juggler import DataSource, JugglerError, UnavailableError, connect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from rich.console import Console


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """Run the program; returns its exit code."""
    options = parse(arguments)
    show = Show(console)
    try:
        # A data source is a connector with its settings: here it is made of a URL. `with` closes
        # it in the end; it connects by itself when it is first needed.
        with connect(options.on) as db:
            db.attach(*models.ALL)  # from now on the models know where their rows are
            with allowing(db, show):
                prepare(db, show, options)
                if not models.Country.exists():
                    show.say("this data source keeps no rows: there is nothing to ask")
                    return 2
                for question in questions.ALL:
                    show.heading(question.__doc__ or question.__name__)
                    question(show)
            summary(show)
    except JugglerError as error:
        # Every error has a code, a cause and a hint that says what to do.
        show.say(f"error {error}")
        if isinstance(error, UnavailableError):
            show.say(start_one(options.on))
        return 2
    return 0


def allowing(db: DataSource, show: Show) -> AbstractContextManager[object]:
    """Options for stores that answer by key alone: there every other question is a scan."""
    db.ping()  # what a server can do is known when it was asked
    if db.capabilities_of(None).push or db.policy.scan == "allow":
        return nullcontext()
    show.say("this server finds rows by their keys; for all else it is allowed to read every row")
    return db.options(**questions.EVERYWHERE)


def start_one(url: str) -> str:
    """What to type where there is no server."""
    connector = "cassandra" if url.startswith("cassandra") else "cloudant"
    return f"./dev demo --on {connector}: starts one for this"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="The world in Juggler.")
    parser.add_argument("--on", default="memory:", metavar="URL", help="the data source")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N cities and N airports")
    parser.add_argument(
        "--reset", action="store_true", help="delete the rows of an earlier run first"
    )
    return parser.parse_args(arguments)


def prepare(db: DataSource, show: Show, options: argparse.Namespace) -> None:
    """Make tables and indexes where they are missing, and load the rows unless they are there."""
    show.heading(f"Loading on {db.connector_name}")
    # The plan compares the models with the store. On a new store its steps create everything;
    # `apply` does the safe ones and refuses the others.
    plan = db.plan()
    show.say(str(plan))
    plan.apply()

    if options.reset:
        for model in models.ALL:
            # Without a condition `delete_all` wants to hear that all rows are meant.
            show.do(f"delete {model.__name__}", partial(model.delete_all, all=True))
    if models.Country.exists():
        show.say("the rows of an earlier run are there; --reset loads them again")
        return

    rows = show.do("read the packages", lambda: data.load(options.limit))
    for model in models.ALL:
        load(model, rows[model.__name__], show)


def load(model: Any, rows: list[data.Row], show: Show) -> None:
    """Create all rows of a model, with a progress bar."""
    columns = TextColumn("  {task.description:<8}"), BarColumn(), MofNCompleteColumn()
    quiet = not show.console.is_terminal
    bar = Progress(*columns, TimeElapsedColumn(), console=show.console, disable=quiet)
    task = bar.add_task(model.__name__, total=len(rows))

    def create() -> Any:
        with bar:
            # `create_all` checks every row before it sends the first one, then sends them in
            # batches; `progress` is called with the number of rows done.
            return model.create_all(rows, progress=lambda done: bar.update(task, completed=done))

    result = show.do(f"create {len(rows):,} {model.__name__}", create)
    show.say(f"{result!r}")


def summary(show: Show) -> None:
    """Print the slowest steps."""
    show.heading("Where the time went")
    slowest = sorted(show.times, key=lambda step: -step[1])[:8]
    show.values([(what, f"{1000 * t:,.1f}") for what, t in slowest], "step", "milliseconds")
    show.say(f"{len(show.times)} steps, {sum(t for _, t in show.times):.1f} seconds")


if __name__ == "__main__":
    sys.exit(main())
