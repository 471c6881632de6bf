"""Parity is a fact: every row has tests that are there, or says what is different."""

from __future__ import annotations

import dataclasses

import parity
import pytest


def test_the_table_is_whole_and_the_page_is_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert parity.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tests": (), "different": ""}, "has neither a test nor a reason"),
        ({"tests": ("juggler-core/tests/model/test_builder.py::test_nothing",)}, "no test"),
        ({"tests": ("juggler-core/tests/model/test_none.py::test_nothing",)}, "no test"),
        ({"tests": ("tools/parity.py::main",)}, "no test"),
        ({"number": 259}, "not 1 to 258"),
    ],
)
def test_a_row_that_shows_nothing_is_named(changes: dict[str, object], told: str) -> None:
    first, *rest = parity.rows()
    changed = dataclasses.replace(first, **changes)  # type: ignore[arg-type]
    assert told in "\n".join(parity.mistakes([changed, *rest]))


def test_a_page_that_is_out_of_date_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parity, "HEAD", "another page {count} {shown} {differs}\n")
    assert parity.main(["--check"]) == 1
    assert "python tools/parity.py" in capsys.readouterr().err
