"""Data source URLs and files."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - read by fixtures
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connector.files import is_file, read_file
from juggler.connector.settings import Settings
from juggler.connector.url import expanded, is_url, overlaid, parse_url
from juggler.errors import ConfigurationError, JugglerError


@pytest.mark.parametrize(
    ("url", "scheme", "settings"),
    [
        ("memory:", "memory", {}),
        ("memory:?emulate=cassandra&guard", "memory", {"emulate": "cassandra", "guard": "true"}),
        ("memory://", "memory", {}),
        (
            "cassandra://ann:p%40w%2F@h1,h2:9042/shop?consistency=quorum",
            "cassandra",
            {
                "username": "ann",
                "password": "p@w/",
                "host": "h1,h2",
                "port": 9042,
                "database": "shop",
                "consistency": "quorum",
            },
        ),
        ("cassandra://a:1,b:2", "cassandra", {"host": "a:1,b:2"}),
        ("cassandra://[::1]:9042/k", "cassandra", {"host": "[::1]", "port": 9042, "database": "k"}),
        (
            "cloudant:https://u:p@h:6984/pre/db?x=a+b&x=c",
            "cloudant",
            {
                "username": "u",
                "password": "p",
                "host": "h",
                "port": 6984,
                "database": "db",
                "url": "https://h:6984/pre",
                "x": ["a b", "c"],
            },
        ),
        ("cloudant://h/db", "cloudant", {"host": "h", "database": "db"}),
        ("sqlite:shop.db", "sqlite", {"database": "shop.db"}),
    ],
)
def test_forms(url: str, scheme: str, settings: dict[str, Any]) -> None:
    assert parse_url(url) == (scheme, settings)


@pytest.mark.parametrize(
    "url", ["cassandra://u:hush/x@h/k", "cassandra://u:hush#x@h/k", "cassandra://u:hush:7:8/k"]
)
def test_a_password_that_was_not_encoded_is_an_error_that_does_not_show_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(url)
    assert caught.value.code == "invalid-url"
    assert "hush" not in str(caught.value)
    assert "percent-encode" in caught.value.hint


def test_settings_beside_a_url_win_under_any_name() -> None:
    data = {"url": "cassandra://ann@h/shop", "user": "bob", "keyspace": "other"}
    settings = Settings.of(expanded(Settings, "cassandra", data))
    assert (settings.host, settings.username, settings.database) == ("h", "bob", "other")
    assert settings.url is None


def test_the_stores_own_url_in_the_settings_loses_its_password() -> None:
    settings = Settings.of(expanded(Settings, "cloudant", {"url": "https://u:p@h/db"}))
    assert (settings.url, settings.username, settings.password) == ("https://h", "u", "p")
    assert settings.database == "db"


def test_overlay_keeps_what_is_not_given_again() -> None:
    assert overlaid(Settings, {"user": "a", "port": 1}, {"username": "b"}) == {
        "port": 1,
        "username": "b",
    }


@given(st.text() | st.from_regex(r"[a-z]{2,6}:(//)?[^\n]*", fullmatch=True))
def test_any_text_is_settings_or_a_juggler_error(text: str) -> None:
    try:
        scheme, settings = parse_url(text)
        Settings.of(settings, open_ended=True)
    except JugglerError:
        return
    assert is_url(text)
    assert scheme


TOML = """
[datasources.shop]
url = "cassandra://${DB_HOST}/shop"
password = "${DB_PASSWORD:-none}"
tags = ["${DB_HOST}"]

[datasources.other]
connector = "memory"
"""


def test_a_name_in_a_toml_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "juggler.toml"
    path.write_text(TOML)
    monkeypatch.setenv("DB_HOST", "db1")
    assert is_file(f"{path}#shop")
    assert read_file(f"{path}#shop") == {
        "url": "cassandra://db1/shop",
        "password": "none",
        "tags": ["db1"],
    }
    assert read_file(f"{path}#other") == {"connector": "memory"}


def test_a_loopback_datasources_file(tmp_path: Path) -> None:
    path = tmp_path / "datasources.json"
    path.write_text(json.dumps({"db": {"name": "db", "connector": "memory"}}))
    assert read_file(str(path)) == {"name": "db", "connector": "memory"}


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "juggler.toml"
    path.write_text(TOML)
    monkeypatch.delenv("DB_HOST", raising=False)
    with pytest.raises(ConfigurationError, match="environment variable DB_HOST"):
        read_file(f"{path}#shop")
    with pytest.raises(ConfigurationError, match="no data source 'shp'") as caught:
        read_file(f"{path}#shp")
    assert caught.value.hint == "did you mean 'shop'?"
    with pytest.raises(ConfigurationError, match="several data sources and no default") as caught:
        read_file(str(path))
    assert f"{path}#shop" in caught.value.hint
    assert "[datasources.default]" in caught.value.hint
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_file(f"{tmp_path}/nothing.toml#x")
    path.write_text("= 5")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_file(f"{path}#x")
    path.write_text("a = 5")
    with pytest.raises(ConfigurationError, match="has no data source"):
        read_file(f"{path}#x")
