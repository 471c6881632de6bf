"""The program: connect two data sources, attach the models, tell the story or serve the web.

python examples/shop                                    two stores in memory
python examples/shop --on cassandra://h/shop cloudant:https://u:p@h/shop    people, trade
python examples/shop --web 8080                         as a web service
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from juggler import DataSource, JugglerError, connect
from shop import counter, story, web
from shop.models import PEOPLE, TRADE

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = parse(arguments)
    urls = [*options.on, options.on[0]][:2]
    try:
        with ExitStack() as stack:
            people, trade = (stack.enter_context(connect(url)) for url in urls)
            prepare(people, trade)
            if options.web is None:
                story.tell()
            else:
                counter.fill()
                asyncio.run(web.serve(options.web))
    except JugglerError as error:
        print(f"error {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="shop", description="A shop on two data sources.")
    parser.add_argument(
        "--on", nargs="+", default=["memory:", "memory:"], metavar="URL",
        help="the data sources of people and of trade; one for both",
    )  # fmt: skip
    parser.add_argument("--web", type=int, metavar="PORT", help="serve HTTP on this port")
    options = parser.parse_args(arguments)
    if len(options.on) > 2:  # noqa: PLR2004 - two kinds of models
        parser.error("--on takes one or two data sources")
    return options


def prepare(people: DataSource, trade: DataSource) -> None:
    """Attach the models, and create tables and indexes where they are missing."""
    people.attach(*PEOPLE)
    trade.attach(*TRADE)
    for source in (people, trade):
        source.plan().apply()
