"""Settings: any spelling, any text, no secret shown, nothing but JugglerErrors."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from juggler.connector.settings import OPEN_GUARD, Settings, mask_url, setting
from juggler.errors import ConfigurationError, JugglerError


@frozen(kw_only=True)
class ShopSettings(Settings):
    region: str = setting("eu", aliases=("zone",), doc="where the shop is")
    api_key: str | None = setting(None, secret=True)
    mode: Literal["fast", "slow"] = setting("fast")
    tags: tuple[str, ...] = setting(())
    folder: Path | None = setting()  # noqa: RUF009 - evaluated once, like field
    ratio: float = setting(0.5)


@frozen(kw_only=True)
class LimitSettings(ShopSettings):
    limits: dict[str, int] | None = setting()  # noqa: RUF009 - evaluated once, like field


@frozen(kw_only=True)
class NearSettings(Settings):
    guarded: bool = setting(default=False)

    def guard(self) -> dict[str, Any]:
        return super().guard() if self.guarded else dict(OPEN_GUARD)


@pytest.mark.parametrize(
    ("given_name", "name", "raw", "value"),
    [
        ("connectTimeout", "connect_timeout", "2.5", 2.5),
        ("connectionTimeout", "connect_timeout", 2, 2.0),
        ("connect_timeout", "connect_timeout", 2, 2.0),
        ("lazyConnect", "lazy_connect", "false", False),
        ("hostname", "host", "h", "h"),
        ("contactPoints", "host", ["a", "b:9"], "a,b:9"),
        ("user", "username", "ann", "ann"),
        ("keyspace", "database", "shop", "shop"),
        ("db", "database", "shop", "shop"),
        ("port", "port", "9042", 9042),
        ("port", "port", 9042.0, 9042),
        ("maxScanned", "max_scanned", "none", None),
        ("zone", "region", "us", "us"),
        ("mode", "mode", "SLOW", "slow"),
        ("tags", "tags", "a, b,", ("a", "b")),
        ("folder", "folder", "x/y", Path("x/y")),
        ("tokenSecrets", "token_secret", ["new", "old"], ("new", "old")),
        ("token_secret", "token_secret", "a,b", ("a,b",)),
        ("timeout", "timeout", None, None),
    ],
)
def test_spellings_and_texts(given_name: str, name: str, raw: Any, value: Any) -> None:
    settings = ShopSettings.of({given_name: raw})
    assert getattr(settings, name) == value
    assert settings[given_name] == value


def test_an_unknown_setting_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(ConfigurationError, match="unknown setting 'hosst'") as caught:
        ShopSettings.of({"hosst": "h"}, connector="shop")
    assert caught.value.code == "unknown-setting"
    assert caught.value.hint == "did you mean 'host'?"


def test_undeclared_settings_are_kept_where_a_connector_takes_any() -> None:
    settings = Settings.of({"region": "eu", "apiKey": "k", "host": "h"}, open_ended=True)
    assert settings["region"] == "eu"
    assert settings.get("nothing", 5) == 5
    assert settings.masked()["apiKey"] == "***"
    assert "'k'" not in repr(settings)


def test_a_setting_twice_is_refused_unless_it_is_the_same() -> None:
    assert ShopSettings.of({"host": "h", "hostname": "h"}).host == "h"
    with pytest.raises(ConfigurationError, match="given twice: as 'host' and as 'hostname'"):
        ShopSettings.of({"host": "h", "hostname": "other"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"port": "many"}, "'port' has to be an integer, not 'many'"),
        ({"port": 0}, "'port' has to be between 1 and 65535"),
        ({"port": True}, "an integer"),
        ({"debug": "maybe"}, "true or false"),
        ({"mode": "fas"}, "did you mean 'fast'"),
        ({"ratio": "nan"}, "a finite number"),
        ({"ratio": "1_0"}, "a number"),
        ({"connectTimeout": 5000}, "5000 ms are 5"),
        ({"max_sort": -1}, "at least 0"),
        ({"limits": "{"}, "limits"),
        ({"tags": {"a": 1}}, "a list"),
        ({"host": b"h"}, "a text"),
    ],
)
def test_values_that_do_not_fit(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        LimitSettings.of(data)
    assert words in str(caught.value)


def test_mappings_come_as_json_in_texts() -> None:
    assert LimitSettings.of({"limits": '{"a": "1"}'}).limits == {"a": 1}


def test_secrets_are_never_shown() -> None:
    settings = ShopSettings.of(
        {
            "password": "hush1",
            "apiKey": "hush2",
            "tokenSecret": ["hush3"],
            "url": "https://ann:hush4@h/db?api_key=hush5&x=1",
        }
    )
    assert settings.password == "hush1"
    for shown in (repr(settings), str(settings), str(settings.masked())):
        assert "hush" not in shown
    assert settings.masked()["password"] == "***"
    assert settings.masked()["url"] == "https://***@h/db?api_key=***&x=1"


def test_a_secret_that_does_not_fit_is_not_shown_either() -> None:
    with pytest.raises(ConfigurationError) as caught:
        ShopSettings.of({"password": ["hush"]})
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_guard_is_the_connectors_and_explicit_settings_win() -> None:
    remote = Settings.of({})
    assert (remote.scan, remote.max_scanned, remote.max_sort) == ("refuse", 10_000, 10_000)
    near = NearSettings.of({})
    assert (near.scan, near.max_scanned) == ("allow", None)
    assert NearSettings.of({"guarded": True}).scan == "refuse"
    assert NearSettings.of({"maxSort": 7}).max_sort == 7
    allowed = Settings.of({"allowScan": True})
    assert (allowed.scan, allowed.max_scanned) == ("allow", 10_000)
    unbounded = Settings.of({"scan": "allow", "maxSort": 5})
    assert (unbounded.max_scanned, unbounded.max_sort) == (None, 5)
    assert Settings.of({"maxScanned": None}).max_scanned is None


def test_endpoints_have_their_own_port_or_the_common_one() -> None:
    settings = Settings.of({"host": "a,b:9, [::1]:7 ,::2", "port": 1})
    assert settings.endpoints == (("a", 1), ("b", 9), ("::1", 7), ("::2", 1))


def test_token_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.of({"tokenSecret": ["n", "o"]}).signing_secrets == ("n", "o")
    monkeypatch.setenv("JUGGLER_TOKEN_SECRET", "x, y z")
    assert Settings.of({}).signing_secrets == ("x", "y", "z")
    monkeypatch.delenv("JUGGLER_TOKEN_SECRET")
    assert Settings.of({}).signing_secrets == ()


def test_a_settings_class_that_is_none_says_so() -> None:
    class Bare(Settings):
        extra_one: int = 1

    with pytest.raises(ConfigurationError, match="no attrs class"):
        Bare.of({})


NAMES = st.sampled_from(
    ["host", "port", "password", "maxScanned", "timeout", "url", "mode", "tags"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
) | st.just(10**6000)


@given(st.dictionaries(NAMES | st.text() | st.integers(), VALUES))
def test_anything_else_is_a_juggler_error(data: dict[Any, Any]) -> None:
    for open_ended in (False, True):
        try:
            settings = LimitSettings.of(data, open_ended=open_ended)
        except JugglerError as error:
            assert str(error)  # noqa: PT017 - the property is that nothing else is raised
        else:
            assert isinstance(settings.masked(), dict)


@given(st.text())
def test_masking_hides_any_password(password: str) -> None:
    marked = f"pw{password}pw"
    assert marked not in mask_url(f"x://u:{marked}@host/db?email=a")
