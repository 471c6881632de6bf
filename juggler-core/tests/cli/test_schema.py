from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_plan_apply_and_check_walk_from_drift_to_none(run: Run, users: Path) -> None:
    assert run("check").code == 0
    module = next(users.glob("models_*.py"))
    changed = module.read_text(encoding="utf-8").replace("index=True", "")
    changed = changed.replace("name: Prop[str]", "name: Prop[str] = prop(index=True)")
    (users / "changed.py").write_text(changed, encoding="utf-8")
    project = users / "juggler.toml"
    toml = project.read_text(encoding="utf-8").replace(module.stem, "changed")
    project.write_text(toml, encoding="utf-8")

    before = run("check", "--json")
    assert before.code == 1
    assert not before.json["actual"]
    planned = run("plan", "--json").json
    assert planned["steps"] == before.json["steps"]
    assert "name" in run("plan").out

    applied = run("apply", "--json").json["applied"]
    assert len(applied) == len([s for s in planned["steps"] if s["safety"] != "info"])
    after = run("check")
    assert (after.code, "nothing to do" in after.out) == (0, True)
    assert "nothing to do" in run("apply").out


def test_one_model_at_a_time(run: Run, project: Path) -> None:
    assert run("plan", "Pet", "--json").json["models"] == ["Pet"]
    assert run("plan", "Pett", "--json").error["code"] == "unknown-model"


def test_a_model_may_be_named_with_its_module(run: Run, users: Path) -> None:
    module = next(users.glob("models_*.py")).stem
    source = ("--on", "memory:")
    assert run("plan", f"{module}:User", *source, "--json").json["models"] == ["User"]
    assert run("count", f"{module}:User", *source, "--json").code == 0
    assert run("count", f"{module}:Usr", *source, "--json").error["code"] == "models-place"


def test_a_refused_plan_says_which_option_allows_it(run: Run, users: Path) -> None:
    module = next(users.glob("models_*.py"))
    changed = module.read_text(encoding="utf-8").replace(
        "age: Prop[int] = prop(default=0", "age: Prop[str] = prop(default=''"
    )
    (users / "altered.py").write_text(changed, encoding="utf-8")

    refused = run("apply", "--models", "altered", "--json").error

    assert (refused["code"], refused["hint"]) == (
        "unsafe-migration",
        "juggler apply --allow rewrite",
    )
    assert run("check", "--models", "altered").code == 1
    assert run("apply", "--models", "altered", "--allow", "rewrite").code == 0
    assert run("check", "--models", "altered").code == 0


@pytest.mark.parametrize("command", ["plan", "apply", "check"])
def test_without_any_model_nothing_is_said_to_be_in_order(
    run: Run, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no juggler.toml here
    refused = run(command, "--on", "memory:", "--json")
    assert (refused.code, refused.error["code"]) == (2, "no-models")
    assert "--models" in refused.error["hint"]


@pytest.mark.parametrize("command", ["plan", "apply", "check"])
def test_a_model_whose_types_are_not_known_is_not_passed_over(
    run: Run, tmp_path: Path, command: str
) -> None:
    document = tmp_path / "user.json"
    document.write_text('{"name": "User", "properties": {"name": "strin"}}', encoding="utf-8")
    refused = run(command, "--on", "memory:", "--models", str(document), "--json")
    assert (refused.code, refused.error["code"]) == (2, "unresolved-model")
