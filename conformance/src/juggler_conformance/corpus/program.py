"""A failing case as a program that anybody can run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler_conformance.corpus.cases import Case


def definition(case: Case) -> dict[str, Any]:
    """The LDL document of a case's model."""
    id_type = "number" if case.id_type == "Number" else "string"
    properties: dict[str, Any] = {"id": {"type": id_type, "id": True}}
    properties |= {name: _type(prop["type"]) for name, prop in case.properties.items()}
    return {"name": f"Case{case.number}", "strict": True, "properties": properties}


def _type(type_: Any) -> Any:
    if isinstance(type_, dict):
        return {"type": {name: _type(inner) for name, inner in type_.items()}}
    return {"type": type_}


def call(case: Case) -> str:
    """The operation as Python source, on a model ``M``."""
    if case.op == "find":
        return f"M.find({_source(case.filter)}, allow_scan=True)"
    where = case.filter.get("where") or {}
    if case.op == "count":
        return f"M.count({_source(where)})"
    if case.op == "updateAll":
        return f"M.update_all({_source(where)}, {_source(case.filter['data'])}, all=True)"
    return f"M.delete_all({_source(where)}, all=True)"


def program(case: Case, url: str, answered: Any, why: str) -> str:
    """The whole program, with what was expected and what came."""
    return "\n".join(
        [
            f"# case {case.number} ({', '.join(case.tags)}): {why}",
            "from juggler import connect",
            "",
            f"db = connect({url!r})",
            f"M = db.from_ldl({_source(definition(case))})",
            "db.apply()",
            "M.create_all([",
            *(f"    {_source(row)}," for row in case.rows),
            "])",
            "with db.options(allow_scan=True):",
            f"    print({call(case)})",
            f"# expected: {_short(case.expected)}",
            f"# answered: {_short(answered)}",
            "",
        ]
    )


def _source(value: Mapping[str, Any] | Any) -> str:
    return repr(value)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 2000 else f"{text[:2000]}…"  # noqa: PLR2004 - as long as a line bears
