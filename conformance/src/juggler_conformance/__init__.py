"""The conformance suite of Juggler: whether a connector keeps the promises of the contract.

In a connector's own tests one line is enough::

    TestRedis = conformance("redis", settings={"url": "redis://localhost"})

``juggler-conformance run redis: --profile ci`` does the same from the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from juggler_conformance.build import conformance

__all__ = ["conformance"]


def __getattr__(name: str) -> Any:
    if name == "conformance":
        from juggler_conformance.build import conformance  # noqa: PLC0415 - loads Hypothesis

        return conformance
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
