"""What an example did, as a program that anybody can run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: First line of every program: how it is told from other notes of an error.
TITLE = "# This program shows it:"
_HEAD = f"""\
{TITLE}
import asyncio
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
import re

from juggler import GeoPoint, connect
"""


@define
class Journal:
    """The calls of one example in order, and the native statements that they sent.

    Attributes:
        target: how to connect, as Python source of ``connect``'s arguments.
        lines: statements of the program.
        native: native statements since the last call.
    """

    target: str
    lines: list[str] = field(factory=list)
    native: list[str] = field(factory=list)

    def clear(self) -> None:
        """Begin a new example."""
        self.lines.clear()
        self.native.clear()

    def model(self, name: str, definition: Mapping[str, Any], variable: str = "M") -> None:
        """A model's definition."""
        self.lines.append(f"{variable} = db.from_ldl({literal(_plain(definition))})  # {name}")

    def call(self, expression: str, *args: Any, _await: bool = False, **options: Any) -> None:
        """A call with its arguments."""
        given = [literal(arg) for arg in args]
        given += [f"{name}={literal(value)}" for name, value in options.items()]
        text = f"{expression}({', '.join(given)})"
        self.lines.append(f"print(await {text})" if _await else f"print({text})")

    def note(self, text: str) -> None:
        """A remark between the calls."""
        self.lines.append(f"# {text}")

    def sent(self, statements: Sequence[tuple[str, Any]]) -> None:
        """Native statements of the last call."""
        self.native.extend(f"{text}  {params!r}" if params else text for text, params in statements)

    def program(self) -> str:
        """The whole program."""
        scans = "db.options(allow_scan=True).__enter__()"
        body = [f"db = connect({self.target})", scans, *self.lines]
        if any("await " in line for line in self.lines):
            body = ["async def main():", *(f"    {line}" for line in body), "asyncio.run(main())"]
        native = [f"# native: {text}" for text in self.native]
        return "\n".join([_HEAD, *body, *native, ""])


def _plain(definition: Mapping[str, Any]) -> Any:
    """Definitions are JSON; a copy keeps programs free of foreign objects."""
    return json.loads(json.dumps(definition, default=str))
