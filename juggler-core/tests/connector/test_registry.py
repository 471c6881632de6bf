"""Connectors are found by name on demand, and what is wrong with one says what to type."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import juggler
from juggler.connector import registry
from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = """
from juggler.connector import ConnectorInfo, hookimpl

@hookimpl
def juggler_connector_info():
    return ConnectorInfo(name="shelf", aliases=("rack", "loopback-connector-board"), factory=object)
"""
ENTRY = "[juggler.connectors]\nshelf = shelf_one\n"

pytestmark = pytest.mark.usefixtures("fresh_registry")


def test_a_connector_is_loaded_by_its_name_and_only_then(install: Callable[..., None]) -> None:
    install("juggler-shelf", "shelf_one", GOOD, ENTRY)
    install(
        "juggler-other",
        "shelf_other",
        "raise SystemError",
        "[juggler.connectors]\nother = shelf_other\n",
    )
    info = registry.find("shelf")
    assert (info.name, info.version) == ("shelf", "1.2")
    assert "shelf_other" not in sys.modules


@pytest.mark.parametrize(
    "name",
    [
        "shelf",
        "Shelf",
        "juggler-shelf",
        "juggler_shelf",
        "loopback-connector-shelf",
        "rack",
        "board",
    ],
)
def test_names_aliases_and_package_names(install: Callable[..., None], name: str) -> None:
    install("juggler-shelf", "shelf_one", GOOD, ENTRY)
    assert registry.find(name).name == "shelf"


def test_an_unknown_name_lists_what_is_there(install: Callable[..., None]) -> None:
    install("juggler-shelf", "shelf_one", GOOD, ENTRY)
    with pytest.raises(ConfigurationError, match="no connector 'shelv'") as caught:
        registry.find("shelv")
    assert "shelf" in caught.value.message
    assert "did you mean 'shelf'?" in caught.value.hint


def test_one_of_ours_that_is_not_installed_says_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    with pytest.raises(ConfigurationError) as caught:
        registry.find("cassandra")
    assert caught.value.hint == "pip install 'juggler[cassandra]'"


def test_two_distributions_with_one_name(install: Callable[..., None]) -> None:
    install("juggler-shelf", "shelf_one", GOOD, ENTRY)
    install("shelf-fork", "shelf_two", GOOD, "[juggler.connectors]\nshelf = shelf_two\n")
    with pytest.raises(ConfigurationError) as caught:
        registry.find("shelf")
    assert caught.value.code == "duplicate-connector"
    assert "juggler-shelf (shelf_one) and shelf-fork (shelf_two)" in caught.value.message
    assert "pip uninstall" in caught.value.hint


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("import nothing_like_it", "plugin-import", "No module named 'nothing_like_it'"),
        ("raise RuntimeError('bad day')", "plugin-import", "RuntimeError: bad day"),
        ("raise SystemExit('no driver')", "plugin-import", "SystemExit: no driver"),
        (
            GOOD.replace("factory=object", "factory=object, io='blokking'"),
            "connector-hooks",
            "colour",
        ),
        (GOOD.replace("factory=object", "factory=1 / 0"), "plugin-hook", "ZeroDivisionError"),
        ("x = 1", "plugin-hook", "has no hook juggler_connector_info"),
        (GOOD.replace("connector_info", "conector_info"), "plugin-hook", "juggler_connector_info"),
        (GOOD.replace("return ConnectorInfo", "return dict"), "plugin-hook", "gave a dict"),
        (GOOD.replace("info()", "info(settings)"), "plugin-hook", "settings"),
        (
            GOOD.replace("factory=object", "factory=object, contract=(2, 0)"),
            "contract-version",
            "2.0",
        ),
        (
            GOOD.replace("factory=object", "factory=object, contract=(1, 7)"),
            "contract-version",
            "1.7",
        ),
        (GOOD.replace("factory=object", "factory=object, contract='x'"), "contract-version", "'x'"),
        (GOOD.replace('"shelf"', '"table"'), "plugin-name", "calls itself 'table'"),
    ],
)
def test_a_plugin_that_is_wrong(
    install: Callable[..., None], source: str, code: str, words: str
) -> None:
    install("juggler-shelf", "shelf_one", source, ENTRY)
    with pytest.raises(ConfigurationError) as caught:
        registry.find("shelf")
    assert caught.value.code == code
    assert words in str(caught.value)
    (listed,) = [found for found in registry.installed() if found.name == "shelf"]
    assert listed.info is None
    assert listed.error is not None
    assert listed.error.code == code
    assert (listed.distribution, listed.version) == ("juggler-shelf", "1.2")


def test_the_environment_limits_plugins(
    install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        "juggler-shelf",
        "shelf_one",
        GOOD,
        ENTRY + "[juggler.plugins]\nshelf = shelf_one\nx = shelf_no\n",
    )
    monkeypatch.setenv("JUGGLER_PLUGINS", "memory, shelf")
    assert registry.find("shelf").name == "shelf"
    assert [name for name, _ in registry.plugins()] == ["shelf"]
    monkeypatch.setenv("JUGGLER_PLUGINS", "memory")
    assert registry.plugins() == []
    with pytest.raises(ConfigurationError) as caught:
        registry.find("shelf")
    assert caught.value.hint == "it is installed, but JUGGLER_PLUGINS=memory leaves it out"


def test_registered_in_this_process(plugin: Any, card: Callable[..., Any]) -> None:
    mine = plugin(card("mine", aliases=("my",)))
    assert juggler.register(mine) is mine
    juggler.register(mine)
    assert registry.find("mine").name == "mine"
    assert registry.find("my").name == "mine"
    with pytest.raises(ConfigurationError, match="registered already"):
        registry.register(plugin(card("mine")))
    registry.register(plugin(card("mine")), name="second")
    assert registry.find("second").name == "mine"
    registry.unregister("mine")
    registry.unregister("second")
    with pytest.raises(ConfigurationError, match="no connector 'mine'"):
        registry.find("mine")


def test_a_plugin_for_all_connectors_is_registered_apart() -> None:
    class Policy:
        pass

    policy = Policy()
    registry.register(policy, name="policy")
    assert registry.plugins()[-1] == ("policy", policy)
    assert all(found.name != "policy" for found in registry.installed())


def test_nothing_is_imported_by_listing_names(install: Callable[..., None]) -> None:
    install("juggler-shelf", "shelf_one", GOOD, ENTRY)
    listed = {found.name: found for found in registry.installed()}
    assert listed["shelf"].info is not None
    assert listed["shelf"].info.contract == (1, 0)
