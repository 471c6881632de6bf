"""Whether an object's hooks are those of the contract, exactly."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from juggler.connector._plugin import implemented
from juggler.connector.hookspecs import PROJECT, PURE, REQUIRED, SIGNATURES
from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector.info import ConnectorInfo

_WRAPPERS = ("wrapper", "hookwrapper")


def check_connector(info: ConnectorInfo, connector: Any) -> frozenset[str]:
    """The hooks that a connector object implements.

    Raises:
        ConfigurationError: ``connector-hooks``, with every mistake: an unknown or missing hook,
            other parameters, an iterator, a pure hook that awaits.
    """
    hooks = {
        name: options
        for name, options in implemented(connector).items()
        if not name.startswith(f"{PROJECT}_")
    }
    problems = [
        *_missing(connector, hooks),
        *(
            text
            for name, options in hooks.items()
            for text in _wrong(info, connector, name, options)
        ),
    ]
    if problems:
        raise ConfigurationError(
            f"connector {info.name!r} is not what the contract says: {'; '.join(problems)}",
            code="connector-hooks",
            hint="the hooks and their parameters are in juggler.connector.hookspecs",
            connector=info.name,
        )
    return frozenset(hooks)


def check_wrappers(label: str, plugin: Any) -> frozenset[str]:
    """The pure hooks that a cross-cutting plugin wraps.

    Raises:
        ConfigurationError: ``plugin-wrapper`` when it implements a hook instead of wrapping it,
            wraps an I/O hook, or names an unknown one.
    """
    found: set[str] = set()
    for name, options in implemented(plugin).items():
        if name.startswith(f"{PROJECT}_"):
            continue
        hook = options.get("specname") or name
        reason = _refused(hook, options)
        if reason:
            raise ConfigurationError(
                f"plugin {label!r}: {reason[0]}", code="plugin-wrapper", hint=reason[1]
            )
        found.add(hook)
    if found and inspect.isclass(plugin):
        raise ConfigurationError(
            f"plugin {label!r} is a class", code="plugin-wrapper", hint="give an instance of it"
        )
    return frozenset(found)


def _refused(hook: str, options: dict[str, Any]) -> tuple[str, str] | None:
    if hook not in SIGNATURES:
        return f"there is no hook {hook!r}", did_you_mean(hook, SIGNATURES)
    if hook not in PURE:
        return (
            f"{hook} is an I/O hook, and a wrapper would see the request issued, not finished",
            "hang a layer on the port instead: db.around(layer)",
        )
    if not any(options.get(flag) for flag in _WRAPPERS):
        return (
            f"{hook} is the connector's to implement",
            "wrap it: @hookimpl(wrapper=True) and `return (yield)`",
        )
    return None


def _missing(connector: Any, hooks: dict[str, Any]) -> Iterator[str]:
    for name in sorted(REQUIRED - hooks.keys()):
        bare = callable(getattr(connector, name, None))
        yield f"hook {name} is required" + (" (its method lacks @hookimpl)" if bare else "")


def _wrong(
    info: ConnectorInfo, connector: Any, name: str, options: dict[str, Any]
) -> Iterator[str]:
    wanted = SIGNATURES.get(name)
    if wanted is None:
        yield f"there is no hook {name!r} ({did_you_mean(name, SIGNATURES)})"
        return
    if options.get("specname") or any(options.get(flag) for flag in _WRAPPERS):
        yield f"{name} has to be a plain hookimpl, without specname or wrapper"
    method = getattr(connector, name)
    parameters = inspect.signature(method).parameters
    if tuple(parameters) != wanted or any(
        p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters.values()
    ):
        taken = ", ".join(str(p.replace(annotation=p.empty)) for p in parameters.values())
        yield f"{name} takes ({taken}), not ({', '.join(wanted)})"
    yield from _colour(info, name, method)


def _colour(info: ConnectorInfo, name: str, method: Any) -> Iterator[str]:
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        yield f"{name} is an iterator; a hook is one request in, one value out"
    elif inspect.iscoroutinefunction(method):
        if name in PURE or name == "freeze":
            yield f"{name} is pure and cannot be `async def`"
        elif info.io == "instant":
            yield f"{name} is `async def`, but the connector says io='instant'"
