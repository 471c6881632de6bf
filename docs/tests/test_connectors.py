"""The connectors that the author's guide builds are real ones: the suite accepts them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, fields
from environment import ROOT

from juggler import connect
from juggler.connector import Capabilities
from juggler_conformance.profiles import profile
from juggler_conformance.registry import properties
from juggler_conformance.runner import run_all
from juggler_conformance.session import Session, Target

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
#: One property for each part of a connector; the whole suite takes minutes.
SOME = (
    "writes_by_key",
    "nasty_values_are_kept",
    "types_are_as_claimed",
    "claims_have_hooks",
    "law_2_exact_is_exact",
    "law_3_the_residual_is_what_is_left",
    "law_5_any_page_size",
    "drift_is_seen_and_judged",
)
FEW = evolve(profile("quick"), examples=5, shrink=False)


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "guide", "print": lambda *_: None}
    text = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        exec(block, names)  # noqa: S102 - our own page
    return names


@pytest.mark.parametrize("name", ["Texts", "plugin"])
def test_the_suite_accepts_it(page: dict[str, Any], name: str, tmp_path: Path) -> None:
    settings = {"folder": str(tmp_path)} if name == "plugin" else {}
    session = Session(Target(page[name], settings), FEW)
    try:
        results = run_all(session, properties(only=SOME))
    finally:
        session.close()

    assert len(results) == len(SOME)
    assert [result.text for result in results if result.error] == []


def test_every_capability_is_in_the_table() -> None:
    text = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    table = text.partition("| capability |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|.*\|$", table, re.MULTILINE) == [
        capability.name for capability in fields(Capabilities)
    ]


def test_settings_of_a_simple_connector(page: dict[str, Any]) -> None:
    made: list[Any] = []

    def shelf(settings: Any) -> Any:
        made.append(settings)
        return page["Shelf"](settings)

    connect(shelf, {"folder": "books"})

    assert made[0]["folder"] == "books"
