"""Errors as people and programs see them: ``error [code] message``, a hint, exit code 2."""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING

from rich.text import Text

from juggler.cli._output import arrow, console, printable
from juggler.connector._masking import mask_url
from juggler.errors import CostGuardError, JugglerError

if TYPE_CHECKING:
    from juggler.cli._state import State

REFUSED = 2


def report(error: Exception, state: State) -> int:
    """Print an error on standard error and return the exit code."""
    if state.debug:
        sys.stderr.write(mask_url("".join(traceback.format_exception(error))))
    if isinstance(error, JugglerError):
        code, message, hint = error.code, error.message, error.hint
    else:
        code, message = "internal", f"{type(error).__name__}: {error}"
        hint = "" if state.debug else "--debug shows where it comes from"
    if isinstance(error, CostGuardError):
        hint = _one_each_line(hint)
    notes = [mask_url(note) for note in getattr(error, "__notes__", ())]
    show(code, mask_url(message), mask_url(hint), notes, as_json=state.json)
    return REFUSED


def _one_each_line(hint: str) -> str:
    """What would make a query cheap, or lets it pass, as it is typed here."""
    return hint.replace("allow_scan=True in the call", "--allow-scan").replace("; or ", "\n")


def show(
    code: str,
    message: str,
    hint: str = "",
    notes: list[str] | None = None,
    *,
    as_json: bool = False,
) -> None:
    """Print one error."""
    if as_json:
        told = {"code": code, "message": message, "hint": hint, "notes": notes or []}
        json.dump({"error": told}, sys.stderr, ensure_ascii=False)
        sys.stderr.write("\n")
        return
    text = Text.assemble(("error", "bold red"), f" [{code}] {printable(message)}")
    for note in notes or ():
        text.append(f"\n  - {printable(note)}")
    if hint:
        text.append(_hint(hint), style="green")
    console(err=True).print(text, soft_wrap=True)


def _hint(hint: str) -> str:
    """A hint below an error; its further lines stand below its first."""
    begin = f"\n  {arrow()} "
    return begin + printable(hint).replace("\n", "\n" + " " * (len(begin) - 1))


def warn(code: str, message: str, hint: str = "") -> None:
    """Print something worth knowing that stops nobody, on standard error."""
    text = Text.assemble(("warning", "bold yellow"), f" [{code}] {printable(mask_url(message))}")
    if hint:
        text.append(_hint(hint), style="green")
    console(err=True).print(text, soft_wrap=True)
