"""The error codes that the packages raise, read out of their sources.

A code is a literal: the argument `code` of a call (by name, or in its place where a function of
ours has a parameter of that name), or a class's `default_code`. Codes that are put together at run
time are given as patterns: `bad-*`.

As a program it prints the codes that docs/errors.md lacks.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import sys
from typing import TYPE_CHECKING

from environment import PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = re.compile(r"[a-z][a-z0-9]*(-([a-z0-9]+|\*))*")
PARAMETER = "code"
PAGE = ROOT / "docs" / "errors.md"
ROW = re.compile(r'^\| <a id="([^"]+)">', re.MULTILINE)
CONSTANTS = {"default_code"}


def used() -> set[str]:
    """Give every code, and patterns for those put together at run time."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in _sources()]
    places = {name: at for tree in trees for name, at in _functions_with_codes(tree)}
    return {code for tree in trees for code in _codes(tree, places)}


def missing(documented: set[str]) -> set[str]:
    """Give the codes and patterns that no documented code answers to."""
    return {code for code in used() if not fnmatch.filter(documented, code)}


def stale(documented: set[str]) -> set[str]:
    """Give the documented codes that nothing raises."""
    codes = used()
    return {name for name in documented if not any(fnmatch.fnmatch(name, code) for code in codes)}


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package / "src").rglob("*.py"))


def _functions_with_codes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give functions whose parameter is called `code`, with its place among the positional ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [a.arg for a in node.args.args if a.arg not in {"self", "cls"}]
            if PARAMETER in names:
                yield node.name, names.index(PARAMETER)


def _codes(tree: ast.Module, places: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from filter(None, map(_literal, _named(node)))
                yield from filter(None, map(_literal, _placed(node, places)))
            case ast.Assign(targets=[ast.Name(name)], value=value) if name in CONSTANTS:
                yield from filter(None, [_literal(value)])
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value) if (
                name in CONSTANTS
            ):
                yield from filter(None, [_literal(value)])


def _named(call: ast.Call) -> Iterator[ast.expr]:
    for keyword in call.keywords:
        if keyword.arg == PARAMETER:
            yield from _branches(keyword.value)


def _placed(call: ast.Call, places: dict[str, int]) -> Iterator[ast.expr]:
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    at = places.get(name)
    if at is None or len(call.args) <= at:
        return
    for value in _branches(call.args[at]):
        # Elsewhere functions of the same name may have other arguments there.
        if "-" in (_literal(value) or ""):
            yield value


def _branches(value: ast.expr) -> Iterator[ast.expr]:
    """Give both sides of a conditional expression."""
    if isinstance(value, ast.IfExp):
        yield from (value.body, value.orelse)
    else:
        yield value


def _literal(value: ast.expr) -> str | None:
    """Give the code, with `*` for what is put in at run time; None for what is no code."""
    match value:
        case ast.Constant(str(text)):
            pass
        case ast.JoinedStr(parts):
            text = "".join(p.value if isinstance(p, ast.Constant) else "*" for p in parts)  # type: ignore[misc]
        case _:
            return None
    return text if CODE.fullmatch(text) else None


def documented() -> list[str]:
    """Give the codes that the page has, in its order."""
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def main() -> int:
    """Print the codes that the page lacks."""
    lacking = sorted(missing(set(documented())))
    for code in lacking:
        print(f"docs/errors.md lacks {code}")
    return int(bool(lacking))


if __name__ == "__main__":
    sys.exit(main())
