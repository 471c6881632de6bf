"""The house rules find what they should, and leave alone what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import house
import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    return tmp_path


def written(tree: Path, name: str, text: str) -> list[Path]:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [path]


def test_long_modules_are_named(tree: Path) -> None:
    files = [
        *written(tree, "src/good.py", "x = 1\n" * 400),
        *written(tree, "src/long.py", "x = 1\n" * 401),
        *written(tree, "tests/test_long.py", "x = 1\n" * 401),
        *written(tree, "docs/long.md", "x\n" * 401),
    ]
    assert [offence.split(":")[0] for offence in house.long_modules(files)] == ["src/long.py"]


# Put together here, so that this file is clean itself.
@pytest.mark.parametrize(
    "line",
    [
        "data = '/" + "root/data.json'",
        "see /" + "work/thing",
        "in /" + "tmp/abc",
        "/" + "home/ann/x",
        "index = https://" + "pypi" + ".org/simple",
        "files.python" + "hosted.org",
        "registry." + "npmjs.org",
        "repo1." + "maven.org",
    ],
)
def test_traces_of_a_machine_are_named(tree: Path, line: str) -> None:
    files = written(tree, "a.md", f"fine\n{line}\n")
    assert [offence.split(": ")[0] for offence in house.machine_traces(files)] == ["a.md:2"]


@pytest.mark.parametrize(
    "line",
    [
        "docs/" + "work/notes.md",
        "/work",
        "https://example.com/tmp/x",
        "the temporary folder $TMP/tmp/x",
        "pip install juggler",
        "tmp_path / 'x'",
    ],
)
def test_plain_words_are_left_alone(tree: Path, line: str) -> None:
    assert list(house.machine_traces(written(tree, "a.md", line))) == []


def test_lock_files_and_binaries(tree: Path) -> None:
    lock = written(tree, "uv" + ".lock", "version = 1")
    binary = tree / "corpus.gz"
    binary.write_bytes(b"\x1f\x8b\xff\xfe")
    assert len(list(house.machine_traces([*lock, binary]))) == 1


def test_this_repository_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert house.main() == 0, capsys.readouterr().out
