"""The host takes exactly what the contract says, and keeps pluggy off the way of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from juggler.connector import Page, full, hookimpl
from juggler.connector.host import Host
from juggler.connector.schema import SchemaSteps
from juggler.errors import ConfigurationError, UnsupportedModelError
from juggler.query.spec import QuerySpec
from juggler.spec import FieldSpec, KeySpec, ModelSpec, StoreSchema
from juggler.values.types import STRING

if TYPE_CHECKING:
    from collections.abc import Callable

USER = ModelSpec("User", "user", (FieldSpec("id", "id", STRING),), KeySpec(("id",)))


@pytest.fixture
def host_of(card: Callable[..., Any]) -> Callable[..., Host]:
    def make(connector: Any, *plugins: tuple[str, Any], **more: Any) -> Host:
        return Host(card(**more), connector, plugins)

    return make


def test_the_five_required_hooks_are_enough(five: Any, host_of: Any) -> None:
    host = host_of(five())
    assert host.hooks == {"capabilities", "plan", "fetch", "get", "write"}
    assert host.io_hooks().keys() == {"fetch", "get", "write"}
    assert host.implements("write")
    assert not host.implements("count")


def test_a_hook_without_wrapper_is_the_connectors_own_method(five: Any, host_of: Any) -> None:
    connector = five()
    host = host_of(connector)
    assert host.bound("fetch") == connector.fetch
    assert host.plan == connector.plan


def test_implemented_means_the_hookimpl_is_there(five: Any, host_of: Any) -> None:
    class Opens(five):
        @hookimpl
        def open(self, ctx: Any) -> Any:
            return None

    assert host_of(Opens()).implements("open")


def test_what_is_not_there_cannot_be_bound(five: Any, host_of: Any) -> None:
    host = host_of(five())
    with pytest.raises(ConfigurationError, match="does not implement count"):
        host.bound("count")
    with pytest.raises(ConfigurationError) as caught:
        host.bound("fetsh")
    assert caught.value.hint == "did you mean 'fetch'?"


def test_defaults_of_pure_hooks(five: Any, host_of: Any) -> None:
    host = host_of(five())
    actual = StoreSchema()
    assert host.plan_schema([USER], actual, "update") == SchemaSteps((), actual.fingerprint)
    host.bind(USER)
    with pytest.raises(UnsupportedModelError):
        host.bind(evolve(USER, versioned=True))


def _with(**members: Any) -> Callable[[Any], Any]:
    return lambda five: type("Broken", (five,), members)()


def _without(name: str) -> Callable[[Any], Any]:
    def make(five: Any) -> Any:
        hooks = {k: v for k, v in vars(five).items() if k != name and not k.startswith("__")}
        return type("Broken", (), hooks)()

    return make


@hookimpl
def _fetch_short(self: Any, plan: Any, cursor: Any, ctx: Any) -> Any:
    return Page(())


@hookimpl
def _fetch_more(self: Any, plan: Any, cursor: Any, want: Any, ctx: Any, *extra: Any) -> Any:
    return Page(())


@hookimpl
def _fetch_keyword(self: Any, plan: Any, cursor: Any, want: Any, *, ctx: Any) -> Any:
    return Page(())


@hookimpl
def _iterates(self: Any, plan: Any, cursor: Any, want: Any, ctx: Any) -> Any:
    yield Page(())


@hookimpl
async def _awaits(self: Any, plan: Any, cursor: Any, want: Any, ctx: Any) -> Any:
    return Page(())


@hookimpl
async def _pure_awaits(self: Any, query: Any, schema: Any) -> Any:
    return None


@hookimpl
def _fetsh(self: Any, plan: Any) -> Any:
    return None


def _bare(self: Any, plan: Any, cursor: Any, want: Any, ctx: Any) -> Any:
    return Page(())


@hookimpl(specname="fetch")
def _other_name(self: Any, plan: Any, cursor: Any, want: Any, ctx: Any) -> Any:
    return Page(())


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            _with(fetch=_fetch_short),
            "fetch takes (plan, cursor, ctx), not (plan, cursor, want, ctx)",
        ),
        (_with(fetch=_fetch_more), "fetch takes (plan, cursor, want, ctx, *extra), not"),
        (_with(fetch=_fetch_keyword), "fetch takes"),
        (_with(fetch=_iterates), "fetch is an iterator"),
        (_with(plan=_pure_awaits), "plan is pure and cannot be `async def`"),
        (_with(fetsh=_fetsh), "there is no hook 'fetsh' (did you mean 'fetch'?)"),
        (_with(fetch=_bare), "hook fetch is required (its method lacks @hookimpl)"),
        (_without("write"), "hook write is required"),
        (_with(other=_other_name), "there is no hook 'other'"),
        (_with(capabilities=hookimpl(lambda self, model: {"a": 1})), "gave a dict"),
    ],
)
def test_a_connector_that_is_not_what_the_contract_says(
    five: Any, host_of: Any, broken: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        host_of(broken(five))
    assert caught.value.code == "connector-hooks"
    assert words in caught.value.message


def test_an_instant_connector_awaits_nothing(five: Any, host_of: Any) -> None:
    connector = _with(fetch=_awaits)(five)
    assert host_of(connector, io="future").implements("fetch")
    with pytest.raises(ConfigurationError, match="says io='instant'"):
        host_of(connector, io="instant")


def test_another_contract_is_refused(five: Any, host_of: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        host_of(five(), contract=(2, 0))
    assert caught.value.code == "contract-version"
    assert caught.value.hint == "pip install --upgrade juggler-core"


class Scoping:
    """Wraps pure hooks."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl(wrapper=True)
    def plan(self, query: Any, schema: Any) -> Any:
        plan = yield
        self.seen.append("plan")
        return evolve(plan, warnings=("wrapped",))

    @hookimpl(wrapper=True)
    def bind(self, model: Any) -> Any:
        self.seen.append("bind")
        return (yield)

    @hookimpl(wrapper=True)
    def capabilities(self, model: Any) -> Any:
        claims = yield
        return evolve(claims, ttl=full())

    @hookimpl
    def juggler_commands(self) -> Any:
        return ()


def test_wrappers_of_pure_hooks_are_honoured(five: Any, host_of: Any) -> None:
    scoping = Scoping()
    host = host_of(five(), ("scoping", scoping))
    assert host.plan(QuerySpec(USER), StoreSchema()).warnings == ("wrapped",)
    host.bind(USER)
    assert scoping.seen == ["plan", "bind"]
    assert host.capabilities(None).ttl
    assert host.bound("fetch").__self__ is host.connector


def test_a_wrapper_can_come_later(five: Any, host_of: Any) -> None:
    host = host_of(five())
    assert host.plan(QuerySpec(USER), StoreSchema()).warnings == ()
    host.add("scoping", Scoping())
    assert host.plan(QuerySpec(USER), StoreSchema()).warnings == ("wrapped",)


def test_a_connector_keeps_its_own_bind_without_the_default(five: Any, host_of: Any) -> None:
    class Binds(five):
        @hookimpl
        def bind(self, model: Any) -> Any:
            return None

    host = host_of(Binds(), ("scoping", Scoping()))
    host.bind(evolve(USER, versioned=True))


def _plugin(**members: Any) -> Any:
    return type("Other", (), members)()


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (_plugin(fetch=hookimpl(wrapper=True)(_iterates)), "fetch is an I/O hook"),
        (_plugin(plan=hookimpl(lambda self, query, schema: None)), "plan is the connector's"),
        (_plugin(fetsh=_fetsh), "there is no hook 'fetsh'"),
    ],
)
def test_plugins_do_nothing_but_wrap(five: Any, host_of: Any, plugin: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        host_of(five(), ("other", plugin))
    assert caught.value.code == "plugin-wrapper"
    assert words in caught.value.message
    assert caught.value.hint


def test_a_plugin_without_hooks_of_connectors_is_left_alone(five: Any, host_of: Any) -> None:
    host = host_of(five(), ("commands", _plugin(juggler_commands=hookimpl(lambda self: ()))))
    assert host.plan == host.connector.plan


def test_a_module_can_be_the_connector_and_its_plugin(host_of: Any, five: Any) -> None:
    class Both(five):
        @hookimpl
        def juggler_connector_info(self) -> Any:
            return None

    assert "juggler_connector_info" not in host_of(Both()).hooks
