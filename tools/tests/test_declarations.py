"""The six declarations agree with each other, and their settings give their reasons."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import bump
import pytest
from environment import PACKAGES, ROOT

FOLDERS = (".", *PACKAGES)
REQUIRED = {
    "readme": "README.md",
    "license": "Apache-2.0",
    "license-files": ["LICENSE"],
    "requires-python": ">=3.11",
}


def declared(folder: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))


def test_all_distributions_have_one_version() -> None:
    assert len({version for _, version in bump.versions()}) == 1, list(bump.versions())


def test_packages_need_each_other_in_this_version() -> None:
    version = declared(".")["project"]["version"]
    ranges = list(bump.sibling_ranges())
    assert {found for _, found in ranges} == {bump.compatible(version)}, ranges
    assert {name.removesuffix("/pyproject.toml") for name, _ in ranges} >= {
        "pyproject.toml",
        *(set(PACKAGES) - {"juggler-core"}),
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_metadata_is_complete(folder: str) -> None:
    project = declared(folder)["project"]
    assert {key: project[key] for key in REQUIRED} == REQUIRED
    assert project["description"]
    assert project["keywords"]


@pytest.mark.parametrize("folder", PACKAGES)
def test_packages_ship_licence_readme_and_types(folder: str) -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    assert (ROOT / folder / "LICENSE").read_bytes() == licence
    assert (ROOT / folder / "README.md").stat().st_size > 0
    assert list((ROOT / folder).glob("src/*/py.typed"))


def test_nothing_is_required_by_address() -> None:
    for folder in FOLDERS:
        declaration = declared(folder)
        tables = [declaration["project"], declaration.get("dependency-groups", {})]
        assert "://" not in repr([table for table in tables if "urls" not in table])


def test_every_lint_exception_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.flake8-builtins]")]
    codes = [line for line in section.splitlines() if re.match(r'\s*"[A-Z]+\d+",', line)]
    assert codes
    assert [line for line in codes if not re.search(r"# \S+ \S+|# as [A-Z]+\d+", line)] == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.1.0", ">=0.1,<0.2"),
        ("0.9.3", ">=0.9,<0.10"),
        ("1.0.0", ">=1.0,<2"),
        ("2.3.1", ">=2.3,<3"),
    ],
)
def test_compatible_range(version: str, expected: str) -> None:
    assert bump.compatible(version) == expected
