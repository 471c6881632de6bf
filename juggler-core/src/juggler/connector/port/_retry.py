"""When a failed request is sent again: the table of the contract, in one place."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import JugglerError, RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector.writes import WriteOp

#: Hooks that change nothing, or that are safe to repeat by their definition.
IDEMPOTENT = frozenset(
    {"open", "close", "ping", "fetch", "get", "count", "read_schema", "discover", "changes"}
)


@frozen
class RetryPolicy:
    """Full-jitter back-off within the deadline.

    Attributes:
        tries: tries in all, 1 for none again.
        base: seconds of the first back-off at most.
        cap: seconds of any back-off at most.
    """

    tries: int = 4
    base: float = 0.05
    cap: float = 2.0

    def delay(
        self, error: BaseException, hook: str, args: tuple[Any, ...], attempt: int
    ) -> float | None:
        """Seconds to wait before the next try, None when there is none.

        An error is repeated only if it says that it is retryable and that nothing was applied; with
        an unknown outcome only what is idempotent is.
        """
        if attempt + 1 >= self.tries or not isinstance(error, JugglerError) or not error.retryable:
            return None
        if error.outcome != "none" and not _repeatable(hook, args):
            return None
        wait = random.uniform(0, min(self.cap, self.base * 2**attempt))  # noqa: S311 - jitter
        asked = error.retry_after if isinstance(error, RateLimitedError) else None
        return max(wait, asked) if asked else wait


def _repeatable(hook: str, args: tuple[Any, ...]) -> bool:
    if hook in IDEMPOTENT:
        return True
    return hook == "write" and all(_op_repeatable(op) for op in _ops(args))


def _ops(args: tuple[Any, ...]) -> Sequence[WriteOp]:
    return args[1]  # type: ignore[no-any-return]


def _op_repeatable(op: WriteOp) -> bool:
    if op.kind == "delete":
        return op.if_version is None
    return op.kind == "put" and op.timestamp is not None
