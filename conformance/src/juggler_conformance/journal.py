"""What an example did, as a program that anybody can run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: First line of every program: how it is told from other notes of an error.
TITLE = "# This program shows it:"
#: Imports of a program, as far as it uses them: the line and the names.
_IMPORTS = (
    ("import asyncio", ("asyncio",)),
    ("import re", ("re",)),
    ("from datetime import {}", ("UTC", "date", "datetime", "time", "timedelta")),
    ("from decimal import {}", ("Decimal",)),
    ("from uuid import {}", ("UUID",)),
    ("from juggler import {}", ("GeoPoint", "JugglerError", "Query", "connect")),
)
_WORD = re.compile(r"(?<![\w'\"])[A-Za-z_]\w*(?=[.(,)]| as )")


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

    def keep(self, name: str) -> None:
        """What the last call gives has a name: later calls are of it."""
        self.lines[-1] = f"{name} = {self.lines[-1].removeprefix('print(').removesuffix(')')}"

    def refused(self) -> None:
        """The last call was refused, as it should be; the program goes on."""
        call = self.lines.pop()
        self.lines += ["try:", f"    {call}", "except JugglerError as error:", "    print(error)"]

    def note(self, text: str) -> None:
        """A remark between the calls."""
        self.lines.append(f"# {text}")

    def sent(self, statements: Sequence[tuple[str, Any]]) -> None:
        """Native statements of the last call."""
        self.native.extend(f"{text}  {params!r}" if params else text for text, params in statements)

    def program(self) -> str:
        """The whole program."""
        opened = f"with connect({self.target}) as db, db.options(allow_scan=True):"
        body = [opened, *_indented(self.lines or ["pass"])]
        if any("await " in line for line in self.lines):
            body = ["async def main():", *_indented(body), "", "", "asyncio.run(main())"]
        native = [f"# native: {text}" for text in self.native]
        return "\n".join([TITLE, *_imports(body), "", *body, *native, ""])


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _imports(body: Sequence[str]) -> list[str]:
    used = {word for line in body for word in _WORD.findall(line)}
    found = []
    for line, names in _IMPORTS:
        wanted = [name for name in names if name in used]
        if wanted:
            found.append(line.format(", ".join(wanted)))
    return found


def _plain(definition: Mapping[str, Any]) -> Any:
    """Definitions are JSON; a copy keeps programs free of foreign objects."""
    return json.loads(json.dumps(definition, default=str))
