from __future__ import annotations

import re

from environment import ROOT

from juggler import Model
from juggler.model.validation._kinds import COMMON, KINDS

PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(validates\w*)` \|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def test_every_kind_is_listed_with_its_messages_and_options() -> None:
    rows = {name: (options, messages) for name, options, messages in ROW.findall(PAGE)}
    for kind in KINDS.values():
        name = "validates" if kind.name == "custom" else f"validates_{kind.name}_of"
        assert callable(getattr(Model, name))
        options, messages = rows.pop(name)
        said = [text for part, text in kind.messages.items() if part or len(kind.messages) == 1]
        assert messages.strip().split(", ") == said
        assert set(re.findall(r"`(\w+)", options)) == set(kind.options)
    assert not rows


def test_the_options_of_all_kinds_are_named() -> None:
    for option in COMMON:
        assert f"`{option}`" in PAGE
