"""LoopBack projects, written into a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

#: model-config.json's `_meta` as the generator writes it.
META = {
    "sources": ["loopback/common/models", "loopback/server/models", "../common/models", "./models"],
    "mixins": ["loopback/common/mixins", "loopback/server/mixins", "../common/mixins", "./mixins"],
}
DATA_SOURCES = {"db": {"name": "db", "connector": "memory"}}


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Write files, what is no text as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        path.write_text(text, encoding="utf-8")
    return folder


def model(name: str, properties: Any = None, **more: Any) -> dict[str, Any]:
    """A document as the generator writes it."""
    return {
        "name": name,
        "base": "PersistedModel",
        "idInjection": True,
        "options": {"validateUpsert": True},
        "properties": properties or {},
        "validations": [],
        "relations": {},
        "acls": [],
        "methods": {},
        **more,
    }
