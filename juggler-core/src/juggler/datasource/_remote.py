"""The registry of operations: names and facts of them, for whoever exposes a data source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.errors import ConfigurationError, did_you_mean
from juggler.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@frozen
class Operation:
    """An operation of a data source.

    Attributes:
        name: its name.
        remote: whether it may be exposed.
        scope: what it belongs to: ``model`` or ``instance``, or the caller's own word.
        fn: what does it, for operations that were defined.
        facts: whatever else was said of it.
    """

    name: str
    remote: bool = False
    scope: str = "model"
    fn: Callable[..., Any] | None = None
    facts: Mapping[str, Any] | None = None


_INSTANCE = frozenset({"save", "patch", "replace", "delete", "reload", "validate"})


class OperationRegistry:
    """LoopBack's ``defineOperation``, ``enableRemote``, ``disableRemote``, ``operations``."""

    def __init__(self) -> None:
        self._operations = {
            name: Operation(name, scope="instance" if name in _INSTANCE else "model")
            for name in vars(Operations)
            if not name.startswith("_") and name not in {"port", "source"}
        }

    def define_operation(
        self,
        name: str,
        fn: Callable[..., Any] | None = None,
        *,
        remote: bool = False,
        scope: str = "model",
        **facts: Any,
    ) -> Operation:
        """Define an operation, or say something else of one that is there."""
        if not name:
            raise ConfigurationError("an operation needs a name", code="unknown-operation")
        self._operations[name] = Operation(name, remote, scope, fn, facts or None)
        return self._operations[name]

    def enable_remote(self, name: str) -> None:
        """Let an operation be exposed."""
        self._operations[name] = evolve(self.get_operation(name), remote=True)

    def disable_remote(self, name: str) -> None:
        """Keep an operation from being exposed."""
        self._operations[name] = evolve(self.get_operation(name), remote=False)

    def get_operation(self, name: str) -> Operation:
        """The operation of that name.

        Raises:
            ConfigurationError: ``unknown-operation``.
        """
        found = self._operations.get(name)
        if found is None:
            raise ConfigurationError(
                f"there is no operation {name!r}",
                code="unknown-operation",
                hint=did_you_mean(str(name), self._operations),
            )
        return found

    def operations(self) -> dict[str, Operation]:
        """All operations by name."""
        return dict(self._operations)
