from __future__ import annotations

import re

import codes
from environment import ROOT

from juggler import errors

ROW = re.compile(
    r'^\| <a id="(?P<anchor>[^"]+)"></a>`(?P<code>[^`]+)` \| (?P<class>.+?) \| (?P<what>.+?) \|$',
    re.MULTILINE,
)
#: Printed, not raised: the extra is missing, or the error is not ours.
PRINTED = {"internal", "cli-extra"}
#: Given by position and without a hyphen: not told apart from other arguments.
BY_POSITION = {"unorderable"}


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((ROOT / "docs" / "errors.md").read_text(encoding="utf-8")))


def test_every_code_is_documented_once() -> None:
    listed = [row["code"] for row in rows()]
    assert len(listed) == len(set(listed))
    assert not codes.missing(set(listed))


def test_no_code_is_documented_that_nothing_raises() -> None:
    assert not codes.stale({row["code"] for row in rows()} - PRINTED - BY_POSITION)


def test_every_code_can_be_linked_to() -> None:
    assert all(row["anchor"] == row["code"] for row in rows())
    error = errors.JugglerError("x", code="not-found")
    assert error.docs == "docs/errors.md#not-found"


def test_classes_are_named_right() -> None:
    for row in rows():
        for name in re.findall(r"`(\w+)`", row["class"]):
            assert issubclass(getattr(errors, name), errors.JugglerError)


def test_every_class_has_its_own_code_on_the_page() -> None:
    listed = {row["code"]: row["class"] for row in rows()}
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.JugglerError):
            assert value.__name__ in listed[value.default_code]
