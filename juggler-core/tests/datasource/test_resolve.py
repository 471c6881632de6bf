"""A connector is a name, URL, file, mapping, module, class, instance or function."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from juggler.connector import ConnectorInfo, Settings, hookimpl, registry, setting
from juggler.datasource import DataSource, connect
from juggler.errors import ConfigurationError, JugglerError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@frozen(kw_only=True)
class ShelfSettings(Settings):
    colour: str = setting("red")


@pytest.fixture(autouse=True)
def registered(shelf_class: Any) -> Iterator[None]:
    class Plugin:
        @hookimpl
        def juggler_connector_info(self) -> ConnectorInfo:
            return ConnectorInfo(
                "shelf", shelf_class, settings=ShelfSettings, aliases=("rack",), io="blocking"
            )

    registry.register(Plugin(), name="shelf")
    yield
    registry.unregister("shelf")


@pytest.mark.parametrize(
    "target",
    ["shelf", "rack", "juggler-shelf", "loopback-connector-shelf", "shelf:", "shelf://h/d"],
)
def test_names_and_urls(target: str) -> None:
    db = connect(target)
    assert db.name == "shelf"
    assert db.connector.info.settings is ShelfSettings


def test_settings_win_over_the_url_under_any_name() -> None:
    db = DataSource("shelf://ann@h:1/d?colour=blue", {"user": "bob", "colour": "green"})
    assert db.settings["username"] == "bob"
    assert db.settings["colour"] == "green"
    assert (db.settings["host"], db.settings["port"], db.settings["database"]) == ("h", 1, "d")


def test_a_mapping_names_its_connector_or_url() -> None:
    assert connect({"connector": "shelf", "name": "mine", "colour": "blue"}).label == "mine"
    assert connect({"adapter": "shelf"}).name == "shelf"
    assert connect({"url": "shelf://h/d"}).settings["host"] == "h"
    assert connect("mine", {"connector": "shelf"}).label == "mine"


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "juggler.toml"
    path.write_text('[datasources.mine]\nconnector = "shelf"\ncolour = "blue"\n')
    db = connect(f"{path}#mine", {"host": "h"})
    assert (db.name, db.label) == ("shelf", "mine")
    assert (db.settings["colour"], db.settings["host"]) == ("blue", "h")


def test_a_class_an_instance_and_a_function(shelf_class: Any) -> None:
    for target in (shelf_class, lambda settings: shelf_class(settings)):  # noqa: PLW0108 - the form
        db = DataSource(target, {"host": "h", "whatever": 5})
        assert db.name == "shelf"
        assert db.connector.settings["whatever"] == 5
        assert db.connector.settings.host == "h"
    instance = shelf_class()
    assert DataSource(instance).host.connector is instance
    assert DataSource({"connector": shelf_class, "host": "h"}).settings["host"] == "h"


def test_a_module(shelf_class: Any, card: Callable[..., Any]) -> None:
    module = types.ModuleType("juggler_made_up")
    with pytest.raises(ConfigurationError, match="module 'juggler_made_up' is no connector"):
        DataSource(module)

    @hookimpl
    def juggler_connector_info() -> ConnectorInfo:
        return card("made-up")

    module.juggler_connector_info = juggler_connector_info  # type: ignore[attr-defined]
    assert DataSource(module).name == "made-up"
    other = types.ModuleType("juggler_other")
    other.plugin = module  # type: ignore[attr-defined]
    assert DataSource(other).name == "made-up"
    assert DataSource(card("direct")).name == "direct"


def test_a_class_may_name_its_settings(shelf_class: Any) -> None:
    class Own(shelf_class):
        name = ""
        settings_class = ShelfSettings

    with pytest.raises(ConfigurationError, match="unknown setting 'color'") as caught:
        DataSource(Own, {"color": "blue"})
    assert "colour" in caught.value.hint
    assert DataSource(Own, {"colour": "blue"}).connector.settings.colour == "blue"
    assert DataSource(Own).name == "own"


def test_a_settings_object_is_taken_as_it_is() -> None:
    assert DataSource("shelf", ShelfSettings(colour="blue")).settings["colour"] == "blue"
    with pytest.raises(ConfigurationError, match="takes ShelfSettings, not Settings"):
        DataSource("shelf", Settings())


@pytest.mark.parametrize(
    ("target", "settings", "code"),
    [
        ("nothing-like-it", None, "unknown-connector"),
        ("shelf", {"colr": 1}, "unknown-setting"),
        ("shelf", 5, "settings-class"),
        ("shelf:", {"timeout": "soon"}, "invalid-setting"),
        ({}, None, "no-connector"),
        (None, None, "no-connector"),
        (5, None, "no-connector"),
        ({"connector": "shelf"}, {"host": "h"}, "settings-twice"),
        ("shelf://u:p/q@h", None, "invalid-url"),
        ("no.toml#x", None, "settings-file"),
        ("https://host/db", None, "unknown-connector"),
    ],
)
def test_what_is_wrong_is_a_configuration_error(target: Any, settings: Any, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        DataSource(target, settings)
    assert caught.value.code == code


def test_a_bare_https_url_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect("https://host/db")
    assert caught.value.hint == "put the connector's name before the URL: connector:https://…"


def test_a_factory_that_fails(card: Callable[..., Any]) -> None:
    def no_driver(settings: Any) -> Any:
        import driver_of_shelf  # noqa: F401, PLC0415 - it is not there

    def broken(settings: Any) -> Any:
        raise ValueError("no shelf")

    def away(settings: Any) -> Any:
        raise UnavailableError("away")

    with pytest.raises(ConfigurationError, match="cannot import driver_of_shelf") as caught:
        DataSource(card(factory=no_driver, install="pip install shelf-driver"))
    assert caught.value.hint == "pip install shelf-driver"
    with pytest.raises(ConfigurationError, match="ValueError: no shelf"):
        DataSource(card(factory=broken))
    with pytest.raises(UnavailableError):
        DataSource(card(factory=away))


def test_nothing_is_asked_of_the_store_when_a_data_source_is_made(shelf_class: Any) -> None:
    shelf = shelf_class()
    db = DataSource(shelf)
    assert shelf.calls == []
    assert not db.connected
    DataSource(shelf, {"lazyConnect": False})
    assert shelf.calls == ["open"]


def test_secrets_are_masked_everywhere() -> None:
    db = DataSource("shelf://ann:hush@h/d", {"tokenSecret": "hush2"})
    shown = f"{db!r} {db.settings} {dict(db.settings)} {db.policy!r} {db.connector!r}"
    assert "hush" not in shown
    assert db.settings["password"] == "***"


TARGETS = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.text())
SETTINGS = st.dictionaries(
    st.sampled_from(["url", "host", "connector", "name"]) | st.text(), TARGETS
)


@given(TARGETS | SETTINGS, st.none() | SETTINGS | TARGETS)
def test_anything_else_is_a_juggler_error_before_any_io(target: Any, settings: Any) -> None:
    try:
        db = DataSource(target, settings)
    except JugglerError:
        return
    assert not db.connected


@given(SETTINGS)
def test_any_settings_of_a_known_connector(settings: dict[str, Any]) -> None:
    settings.pop("connector", None)
    try:
        db = DataSource("shelf", settings)
    except JugglerError:
        return
    assert db.host.connector.calls == []
