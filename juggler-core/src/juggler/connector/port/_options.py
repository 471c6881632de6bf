"""Options of the calls in a block (``with db.options(timeout=2)``): right in threads and tasks."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from attrs import evolve, fields, frozen

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@frozen
class CallOptions:
    """Options of one call or a block of calls; None means the data source's own.

    Attributes:
        timeout: seconds for the whole operation.
        consistency: ``eventual``, ``default``, ``session``, ``strong`` or a store's own level.
        ttl: seconds to live of rows written.
        timestamp: write time in microseconds.
        allow_scan: whether scans are allowed.
        max_scanned: rows that unindexed work may read.
        max_sort: rows that may be sorted in memory.
        page_size: rows per request.
    """

    timeout: float | None = None
    consistency: str | None = None
    ttl: float | None = None
    timestamp: int | None = None
    allow_scan: bool | None = None
    max_scanned: int | None = None
    max_sort: int | None = None
    page_size: int | None = None


_COUNT = "a whole number, {} or more"
#: Option → (types, smallest value, what to give).
_VALUES: dict[str, tuple[tuple[type, ...], float | None, str]] = {
    "timeout": ((int, float), 0, "seconds, 0 or more"),
    "consistency": ((str,), None, "a level by name, such as 'strong'"),
    "page_size": ((int,), 1, _COUNT.format(1)),
    "max_scanned": ((int,), 0, _COUNT.format(0)),
    "max_sort": ((int,), 0, _COUNT.format(0)),
    "allow_scan": ((bool,), None, "True or False"),
    "index": ((str,), None, "the name of an index"),
    "view": ((str,), None, "the name of a view"),
}
NAMES = frozenset(a.name for a in fields(CallOptions))
_NONE = CallOptions()
_current: ContextVar[CallOptions | None] = ContextVar("juggler_options", default=None)
#: Gives the options of the surrounding blocks, None outside of any.
current_options: Callable[[], CallOptions | None] = _current.get


def check_option(name: str, value: Any) -> None:
    """Refuse a value that an option of a call cannot have; None is any option's default.

    Raises:
        ConfigurationError: ``bad-option``, with what to give.
    """
    if value is None or name not in _VALUES:
        return
    types, least, wanted = _VALUES[name]
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if fits and (least is None or value >= least):
        return
    raise ConfigurationError(
        f"{name}={value!r:.60} is no value of this option", code="bad-option", hint=wanted
    )


@contextmanager
def options(**changes: Any) -> Iterator[CallOptions]:
    """Set options for the calls inside the block; blocks nest.

    Raises:
        ConfigurationError: for an unknown option, and for a value that it cannot have.
    """
    for name, value in changes.items():
        if name not in NAMES:
            raise ConfigurationError(
                f"unknown option {name!r}", code="unknown-option", hint=did_you_mean(name, NAMES)
            )
        check_option(name, value)
    merged = evolve(_current.get() or _NONE, **changes)
    token = _current.set(merged)
    try:
        yield merged
    finally:
        _current.reset(token)
