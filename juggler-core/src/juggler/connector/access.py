"""A connector's own data access: operations that join the models (LoopBack's DataAccessObject).

A connector whose ``ConnectorInfo.data_access`` is a class gives its public methods to every model
that is attached: class methods to the class, other methods to the instances.  They are written
once, as ``async def``, and reach the store through :func:`operations_of`::

    class Drawers:
        @classmethod
        async def peek(cls, key):
            ops = operations_of(cls)
            return await ops.find_by_id(cls, key)

``Sock.peek("left")`` blocks, ``await Sock.aio.peek("left")`` does not.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Colour = Literal["sync", "aio"]
_colour: ContextVar[Colour] = ContextVar("juggler_colour", default="sync")


def operations_of(model: Any) -> Any:
    """The operations of an attached model, in the colour of the call under way.

    They have the built-in operations (``find_by_id(model, key)``, …), ``port`` (``port.call(hook,
    …)`` calls an I/O hook) and ``source``.

    Args:
        model: a model class, or an instance of one.
    """
    cls: Any = model if isinstance(model, type) else type(model)
    link = cls.__link__
    return link.aio if _colour.get() == "aio" else link.sync


@contextmanager
def coloured(colour: Colour) -> Iterator[None]:
    """Calls of :func:`operations_of` in the block get this colour."""
    token = _colour.set(colour)
    try:
        yield
    finally:
        _colour.reset(token)
