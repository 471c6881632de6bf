"""A bump changes every version and every range between the packages, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import bump
import pytest
from environment import PACKAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (".", *PACKAGES):
        (tmp_path / folder).mkdir(exist_ok=True)
        shutil.copy(ROOT / folder / "pyproject.toml", tmp_path / folder)
    monkeypatch.setattr(bump, "ROOT", tmp_path)
    return tmp_path


def test_bump_reaches_all_declarations(copy: Path) -> None:
    before = {path: path.read_text() for path in bump.files()}
    bump.bump("0.42.7")
    assert {version for _, version in bump.versions()} == {"0.42.7"}
    assert {found for _, found in bump.sibling_ranges()} == {">=0.42,<0.43"}
    for path, text in before.items():
        assert path.is_relative_to(copy)
        changed = [
            new
            for old, new in zip(text.splitlines(), path.read_text().splitlines(), strict=True)
            if old != new
        ]
        assert all("0.42" in line for line in changed)


@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize("arguments", [["1"], ["v1.2.3"], ["1.2.3", "4"], ["--help"]])
def test_bump_refuses_what_is_no_version(arguments: list[str]) -> None:
    before = list(bump.versions())
    assert bump.main(arguments) == 2
    assert list(bump.versions()) == before


@pytest.mark.usefixtures("copy")
def test_bump_to_the_same_version_changes_nothing() -> None:
    before = [path.read_text() for path in bump.files()]
    version = next(bump.versions())[1]
    assert bump.main([version]) == 0
    assert [path.read_text() for path in bump.files()] == before
