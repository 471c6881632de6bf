"""The host of a connector: one plugin manager per data source, checked when it is loaded.

pluggy discovers, validates and wraps; it is not on the way of data.  :meth:`Host.bound` gives the
connector's own method where nothing wraps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

from juggler.connector._hooks import check_connector, check_wrappers
from juggler.connector._plugin import check_contract
from juggler.connector.capabilities import Capabilities
from juggler.connector.checks import check_model
from juggler.connector.hookspecs import PROJECT, PURE, SIGNATURES, ConnectorSpec, hookimpl
from juggler.connector.schema import SchemaSteps
from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector.info import ConnectorInfo
    from juggler.connector.plan import Plan
    from juggler.connector.schema import Mode
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

#: Hooks of the contract that are neither pure nor I/O.
LIFE = frozenset({"freeze"})


class Host:
    """A connector object under the contract.

    Args:
        info: the connector's card.
        connector: the connector object.
        plugins: (name, object) of cross-cutting plugins; they may wrap pure hooks, nothing else.

    Attributes:
        plan, capabilities, bind, plan_schema: the pure hooks, bound.

    Raises:
        ConfigurationError: ``connector-hooks`` when the hooks are not those of the contract,
            ``plugin-wrapper`` when a plugin does more than wrap pure hooks, ``contract-version``.
    """

    plan: Callable[[QuerySpec, StoreSchema], Plan]
    capabilities: Callable[[ModelSpec | None], Capabilities]
    bind: Callable[[ModelSpec], None]
    plan_schema: Callable[[Sequence[ModelSpec], StoreSchema, Mode], SchemaSteps]

    def __init__(
        self, info: ConnectorInfo, connector: Any, plugins: Sequence[tuple[str, Any]] = ()
    ) -> None:
        check_contract(info.contract, f"connector {info.name!r}")
        self.info = info
        self.name = info.name
        self.connector = connector
        self.hooks = check_connector(info, connector)
        self._wrapped: frozenset[str] = frozenset()
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(ConnectorSpec)
        self._register(connector, f"connector {info.name!r}")
        self._defaults = {
            name: make(self) for name, make in _DEFAULTS.items() if name not in self.hooks
        }
        for default in self._defaults.values():
            self._register(default, f"default {type(default).__name__}")
        for label, plugin in plugins:
            self._add(label, plugin)
        self._bind()
        claims: object = self.capabilities(None)
        if not isinstance(claims, Capabilities):
            raise ConfigurationError(
                f"capabilities(None) of connector {info.name!r} gave a {type(claims).__name__}",
                code="connector-hooks",
                hint="return juggler.connector.Capabilities(...)",
                connector=info.name,
            )

    def add(self, label: str, plugin: Any) -> None:
        """Add a cross-cutting plugin; its wrappers are honoured from now on.

        Raises:
            ConfigurationError: ``plugin-wrapper`` when it does more than wrap pure hooks.
        """
        self._add(label, plugin)
        self._bind()

    def implements(self, hook: str) -> bool:
        """Whether the connector has a hookimpl of that name."""
        return hook in self.hooks

    def bound(self, hook: str) -> Callable[..., Any]:
        """The hook as a function of its positional arguments, to be looked up once.

        It is the connector's own method where no plugin wraps the hook, else the call through
        pluggy.  ``bind`` and ``plan_schema`` have defaults.

        Raises:
            ConfigurationError: ``connector-hooks`` when the connector does not have it.
        """
        if hook in self._wrapped:
            names, caller = SIGNATURES[hook], getattr(self._manager.hook, hook)
            return lambda *args: caller(**dict(zip(names, args, strict=True)))
        owner = self.connector if hook in self.hooks else self._defaults.get(hook)
        if owner is None:
            raise ConfigurationError(
                f"connector {self.name!r} does not implement {hook}",
                code="connector-hooks",
                hint="" if hook in SIGNATURES else did_you_mean(hook, SIGNATURES),
                connector=self.name,
            )
        method: Callable[..., Any] = getattr(owner, hook)
        return method

    def io_hooks(self) -> dict[str, Callable[..., Any]]:
        """The implemented I/O hooks by name, bound, for the port."""
        return {name: getattr(self.connector, name) for name in self.hooks - PURE - LIFE}

    def _add(self, label: str, plugin: Any) -> None:
        hooks = check_wrappers(label, plugin)
        if hooks:
            self._register(plugin, label)
            self._wrapped |= hooks

    def _register(self, plugin: Any, label: str) -> None:
        try:
            self._manager.register(plugin, label)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise ConfigurationError(
                f"{label} cannot be loaded: {error}", code="connector-hooks", connector=self.name
            ) from error

    def _bind(self) -> None:
        self.plan = self.bound("plan")
        self.capabilities = self.bound("capabilities")
        self.bind = self.bound("bind")
        self.plan_schema = self.bound("plan_schema")


class _Manager(pluggy.PluginManager):
    """Leaves the process-level hooks (``juggler_…``) of an object alone."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        return None if name.startswith(f"{PROJECT}_") else super().parse_hookimpl_opts(plugin, name)


class _DefaultBind:
    """The core's own check against the capabilities."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        check_model(self.host.name, model, self.host.capabilities(model))


class _DefaultPlanSchema:
    """A store that has no schema needs no steps."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @hookimpl
    def plan_schema(
        self, desired: Sequence[ModelSpec], actual: StoreSchema, mode: Mode
    ) -> SchemaSteps:
        del desired, mode
        return SchemaSteps((), actual.fingerprint)


_DEFAULTS: dict[str, Callable[[Host], Any]] = {
    "bind": _DefaultBind,
    "plan_schema": _DefaultPlanSchema,
}
