"""Indexes as the server reports them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from juggler.spec import IndexInfo
from juggler_cassandra.declared import is_ours

if TYPE_CHECKING:
    from collections.abc import Mapping

_TARGET: Final = re.compile(r"(values|keys|entries|full)\((.*)\)", flags=re.DOTALL)
_CLASSES: Final = {
    "sai": "sai",
    "storageattachedindex": "sai",
    "org.apache.cassandra.index.sai.storageattachedindex": "sai",
    "org.apache.cassandra.index.sasi.sasiindex": "sasi",
    "legacy_local_table": "legacy",
}
_OURS: Final = frozenset({"target", "class_name"})


def index_info(
    name: str, kind: str, options: Mapping[str, Any], *, building: bool = False
) -> IndexInfo:
    """An index of ``system_schema.indexes``.

    Args:
        name: its name.
        kind: ``COMPOSITES``, ``KEYS`` or ``CUSTOM``.
        options: with ``target`` and, of a custom one, ``class_name``.
        building: whether it is not complete yet.
    """
    column, target = _split(str(options.get("target", "")))
    word = "legacy"
    if kind.upper() == "CUSTOM":
        word = _CLASSES.get(str(options.get("class_name", "")).lower(), "custom")
    facts: dict[str, Any] = {
        "target": target,
        "options": {k: str(v) for k, v in options.items() if k not in _OURS},
    }
    if building:
        facts["building"] = True
    return IndexInfo(name, ((column, "asc"),), word, ours=is_ours(name), facts=facts)


def _split(target: str) -> tuple[str, str]:
    """``values("c")`` as (column, target); a plain column has an empty target."""
    match = _TARGET.fullmatch(target)
    kind, column = (match[1], match[2]) if match else ("", target)
    if column.startswith('"') and column.endswith('"'):
        column = column[1:-1].replace('""', '"')
    return column, kind
