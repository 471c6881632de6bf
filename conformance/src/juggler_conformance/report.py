"""The report: conformance.json for machines, MATRIX.md for readers, badge.json for a badge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from juggler.connector.hookspecs import CONTRACT
from juggler_conformance.reach import claimed_paths, never_reached
from juggler_conformance.registry import TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from juggler.connector.capabilities import Cap
    from juggler_conformance.runner import Result
    from juggler_conformance.session import Session

#: Version of the form of conformance.json.
FORM = 1
FILES = ("conformance.json", "MATRIX.md", "badge.json")


def tiers(results: Sequence[Result]) -> dict[str, dict[str, int]]:
    """Passed and failed properties by tier, of the tiers that were run."""
    found: dict[str, dict[str, int]] = {}
    for tier in TIERS:
        mine = [result for result in results if result.of.tier == tier]
        if mine:
            passed = sum(result.status == "passed" for result in mine)
            found[tier] = {"passed": passed, "failed": len(mine) - passed}
    return found


def as_dict(session: Session, results: Sequence[Result]) -> dict[str, Any]:
    """The whole report as JSON-able data."""
    info = session.inside.info
    return {
        "form": FORM,
        "connector": info.name,
        "version": info.version,
        "contract": ".".join(map(str, CONTRACT)),
        "io": info.io,
        "profile": session.profile.name,
        "seed": session.profile.seed,
        "tiers": tiers(results),
        "properties": [
            {
                "name": result.of.name,
                "tier": result.of.tier,
                "claim": result.of.claim,
                "status": result.status,
                "seconds": round(result.seconds, 1),
                "examples": result.examples,
                "cut": result.cut,
                "failure": result.text or None,
            }
            for result in results
        ],
        "capabilities": {
            name: {"level": cap.level, "why": cap.why, "detail": _detail(cap)}
            for name, cap, _ in session.caps.table()
        },
        "reached": session.reach.as_dict(),
        "claimed": [
            [group, list(names)] for group, names in claimed_paths(session.caps, session.shapes)
        ],
        "never_reached": [
            [group, list(names)]
            for group, names in never_reached(session.reach, session.caps, session.shapes)
        ],
    }


def _detail(cap: Cap) -> dict[str, Any]:
    return {name: _jsonable(value) for name, value in cap.detail.items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_name(name): _jsonable(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset | list | tuple):
        return sorted((_jsonable(inner) for inner in value), key=str)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _name(name: Any) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def matrix(report: dict[str, Any]) -> str:
    """The report as a page: tiers, capabilities, what was reached, failures."""
    lines = [f"# {report['connector']} {report['version']}", ""]
    lines += [
        f"Contract {report['contract']}, profile {report['profile']}, seed {report['seed']}.",
        "",
    ]
    lines += ["| tier | passed | failed |", "| --- | --- | --- |"]
    lines += [f"| {tier} | {n['passed']} | {n['failed']} |" for tier, n in report["tiers"].items()]
    lines += ["", "| capability | level | why and details |", "| --- | --- | --- |"]
    for name, cap in report["capabilities"].items():
        detail = ", ".join(f"{key}={_short(value)}" for key, value in cap["detail"].items())
        said = "; ".join(part for part in (cap["why"], detail) if part).replace("|", "\\|")
        lines.append(f"| {name.replace('_', ' ')} | {cap['level']} | {said} |")
    lines += ["", "## Reached", ""]
    for group, counts in report["reached"].items():
        lines.append(f"- {group}: " + ", ".join(f"{name} ({n})" for name, n in counts.items()))
    cut = [p["name"] for p in report["properties"] if p["cut"]]
    if cut:
        lines += ["", "Fewer examples than the profile says, for want of time: " + ", ".join(cut)]
    failed = [p for p in report["properties"] if p["status"] == "failed"]
    if failed:
        lines += ["", "## Failed", ""]
    for prop in failed:
        lines += [f"### {prop['name']}", "", "```", prop["failure"].rstrip(), "```", ""]
    return "\n".join([*lines, ""])


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "{" + ", ".join(map(str, value)) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {inner}" for name, inner in value.items()) + "}"
    return str(value)


def badge(report: dict[str, Any]) -> dict[str, Any]:
    """A badge in shields' endpoint form: the tiers that hold, and the number of properties."""
    held = [tier for tier, counts in report["tiers"].items() if not counts["failed"]]
    whole = len(held) == len(report["tiers"]) and bool(held)
    count = sum(counts["passed"] for counts in report["tiers"].values())
    return {
        "schemaVersion": 1,
        "label": f"juggler {report['contract']}",
        "message": f"{'+'.join(held) or 'none'} · {count} props",
        "color": "brightgreen" if whole else "orange" if held else "red",
    }


def write(report: dict[str, Any], folder: Path) -> None:
    """Write the three files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=1, sort_keys=False, ensure_ascii=False)
    (folder / "conformance.json").write_text(text + "\n", encoding="utf-8")
    (folder / "MATRIX.md").write_text(matrix(report), encoding="utf-8")
    (folder / "badge.json").write_text(json.dumps(badge(report)) + "\n", encoding="utf-8")
