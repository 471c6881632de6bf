"""The fixture for applications, used as an application would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

pytest_plugins = ["pytester"]

TEST = """
    from juggler import Model, Prop, connect, prop

    class User(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str]

    home = connect("memory:")
    home.attach(User)
    User.create(name="at home")

    def test_one(juggler_db):
        db = juggler_db(User)
        assert User.count() == 0
        User.create(name="here")
        assert db.models == {"User": User}

    def test_two(juggler_db):
        assert [user.name for user in User.find()] == ["at home"]
        juggler_db(User, guard=True, clock=lambda: 5.0)
        assert User.count() == 0

    def test_three(juggler_db):
        assert User.count() == 1
"""


def test_each_test_has_its_own_store(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST)
    result = pytester.runpytest_subprocess("-q", "-p", "no:randomly")
    result.assert_outcomes(passed=3)


def test_a_file_can_be_given(juggler_db: Any, tmp_path: Path) -> None:
    db = juggler_db(file=tmp_path / "x.jsonl")
    db.define("Note", {"text": "string"}).create({"text": "a"})
    assert '"text": "a"' in (tmp_path / "x.jsonl").read_text()
