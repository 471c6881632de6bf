"""Runs the snippets of the pages: Python blocks in order, one namespace per page.

A ``text`` block has to be what the Python block before it printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import CodeBlockParser

if TYPE_CHECKING:
    from sybil import Example


def begin(namespace: dict[str, Any]) -> None:
    """Keep what a page prints."""
    printed: list[str] = []

    def keep(*values: object, sep: str = " ", end: str = "\n") -> None:
        printed.append(sep.join(map(str, values)) + end)

    namespace |= {"print": keep, "__printed__": printed, "__name__": "__main__"}


def execute(example: Example) -> None:
    """The Python block, with nothing printed yet."""
    example.namespace["__printed__"].clear()
    PythonEvaluator()(example)


def compare(example: Example) -> None:
    """The text block against what the Python block before it printed."""
    printed = example.namespace["__printed__"]
    got, expected = "".join(printed), example.parsed
    if got.strip() != expected.strip():
        message = f"printed:\n{got}\nthe page says:\n{expected}"
        raise AssertionError(message)


pytest_collect_file = Sybil(
    parsers=[
        CodeBlockParser(language="python", evaluator=execute),
        CodeBlockParser(language="text", evaluator=compare),
    ],
    patterns=["*.md"],
    setup=begin,
).pytest()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Snippets build on each other: no shuffling of these."""
    snippets = sorted(
        (item for item in items if isinstance(item, SybilItem)),
        key=lambda item: (str(item.path), item.example.line),
    )
    items[:] = [*snippets, *(item for item in items if not isinstance(item, SybilItem))]
