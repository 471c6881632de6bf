"""The commands on a server: what they print, how they end, and what they never show."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from server_support import http

from juggler.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from juggler import DataSource

pytestmark = pytest.mark.server

MODELS = """
from juggler import Model, Prop, prop


class Item(Model):
    id: Prop[str] = prop(id=True)
    name: Prop[str]
    category: Prop[str] = prop(index=True)
"""


@pytest.fixture
def run(
    db: DataSource,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Run a command on the database; returns its exit code and what it printed."""
    (tmp_path / "shop_models.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    settings = db.connector.settings
    login = f"{settings.username}:{settings.password}@" if settings.username else ""
    place = settings.service_url.partition("://")[2]
    url = f"cloudant://{login}{place}/{settings.database}"

    def command(*words: str, on: str = url) -> tuple[int, str]:
        sys.modules.pop("shop_models", None)
        code = main([*words, "--on", on])
        out, err = capsys.readouterr()
        if settings.password:
            assert f":{settings.password}@" not in out + err
        return code, out + err

    return command


def test_from_an_empty_server_to_rows(run: Any, db: DataSource) -> None:
    models = ("--models", "shop_models")
    code, told = run("ping")
    assert (code, "product" in told, "version" in told) == (0, True, True)
    code, told = run("plan", *models)
    assert (code, "create-database" in told) == (0, True)
    code, told = run("check", *models)
    assert code == 1
    code, told = run("find", "shop_models:Item")
    assert (code, "schema-missing" in told, "juggler apply" in told) == (2, True, True)
    assert run("apply", *models)[0] == 0
    assert run("check", *models)[0] == 0
    body = {"docs": [{"_id": "a", "loopback__model__name": "Item", "name": "x", "category": "c"}]}
    http(db, "POST", f"/{db.connector.settings.database}/_bulk_docs", body)
    code, told = run("find", "shop_models:Item", '{"where": {"id": "a"}}', "--json")
    assert code == 0
    assert '"name": "x"' in told
    assert run("count", "shop_models:Item") == (0, "1\n")
    code, told = run("explain", "shop_models:Item", '{"where": {"id": "a"}}')
    assert (code, "point" in told, "GET /" in told) == (0, True, True)
    code, told = run("find", "shop_models:Item", '{"where": {"name": "x"}}')
    assert (code, "cost-guard" in told) == (2, True)
    code, told = run("discover")
    assert code == 0
    found, end = json.JSONDecoder().raw_decode(told)
    assert [model["name"] for model in found] == ["Item"]
    assert "1 of 1 documents were looked at" in told[end:]


def test_what_is_not_there(run: Any, db: DataSource) -> None:
    http(db, "PUT", f"/{db.connector.settings.database}")
    code, told = run("ping", on="cloudant://127.0.0.1:1/x?connect_timeout=0.5")
    assert (code, "unavailable" in told, "refused" in told) == (2, True, True)
    place = db.connector.settings.service_url.partition("://")[2]
    code, told = run("discover", on=f"cloudant://nobody:pass-7@{place}/x")
    assert code == 2
    assert "pass-7" not in told
