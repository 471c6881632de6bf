"""Small connectors and installed distributions for the tests of this folder."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from juggler.connector import (
    Capabilities,
    ConnectorInfo,
    Page,
    Rows,
    full,
    full_scan,
    hookimpl,
    registry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Five:
    """The five required hooks, over nothing."""

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings

    @hookimpl
    def capabilities(self, model: Any) -> Any:
        return Capabilities(insert_if_absent=full())

    @hookimpl
    def plan(self, query: Any, schema: Any) -> Any:
        return full_scan(query)

    @hookimpl
    def fetch(self, plan: Any, cursor: Any, want: Any, ctx: Any) -> Any:
        return Page(())

    @hookimpl
    def get(self, model: Any, keys: Any, fields: Any, ctx: Any) -> Any:
        return Rows([None for _ in keys])

    @hookimpl
    def write(self, model: Any, ops: Any, opts: Any, ctx: Any) -> Any:
        return []


class Plugin:
    """What an entry point names: it gives a card."""

    def __init__(self, info: Any) -> None:
        self.info = info

    @hookimpl
    def juggler_connector_info(self) -> Any:
        return self.info


@pytest.fixture
def five() -> type[Five]:
    return Five


@pytest.fixture
def card() -> Callable[..., ConnectorInfo]:
    def make(name: str = "five", **more: Any) -> ConnectorInfo:
        return ConnectorInfo(**{"name": name, "factory": Five, **more})

    return make


@pytest.fixture
def plugin() -> type[Plugin]:
    return Plugin


@pytest.fixture
def fresh_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing registered, nothing loaded."""
    monkeypatch.setattr(registry, "_state", registry._State(threading.RLock(), {}, {}))
    monkeypatch.delenv(registry.LIMIT, raising=False)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("shelf_"):
            del sys.modules[name]


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: None
) -> Callable[..., None]:
    """Install a made-up distribution with one module and entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(
        distribution: str, module: str, source: str, entries: str, version: str = "1.2"
    ) -> None:
        (tmp_path / f"{module}.py").write_text(source)
        facts = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Name: {distribution}\nVersion: {version}\n")
        (facts / "entry_points.txt").write_text(entries)

    return make
