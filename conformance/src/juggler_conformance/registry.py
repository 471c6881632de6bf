"""The properties of the suite: one table, by tier and name."""

from __future__ import annotations

import inspect
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.session import Session

Tier = Literal["core", "query", "hooks", "relations", "include", "schema", "concurrency"]
TIERS: tuple[Tier, ...] = (
    "core", "query", "hooks", "relations", "include", "schema", "concurrency",
)  # fmt: skip

_MODULES = (
    "crud", "bulk", "nasty", "calls", "machine", "apart", "query", "laws", "tokens", "paging",
    "refusals",
    "negative", "claims", "hostile", "reached", "hooks", "related", "scoped", "embedded", "include",
    "schema", "histories", "versions", "faults",
)  # fmt: skip


@frozen
class Property:
    """One thing that a connector has to keep.

    Attributes:
        name: its name; the test is ``test_<name>``.
        tier: what it belongs to.
        check: proves it against an open session, or raises.
        usually: what a failure usually means, for the reader of the report.
    """

    name: str
    tier: Tier
    check: Callable[[Session], None]
    usually: str = ""

    @property
    def claim(self) -> str:
        """What it says, in one sentence: the first line of its docstring."""
        return (inspect.getdoc(self.check) or self.name).splitlines()[0]


_table: dict[str, Property] = {}


def conforms(
    tier: Tier, *, usually: str = "", keeps: bool = False
) -> Callable[[Callable[[Session], None]], Callable[[Session], None]]:
    """Register a property; its name is the function's, its claim the docstring's first line.

    A property that ``keeps`` is about rows that stay: a store that forgets proves nothing.
    """

    def register(check: Callable[[Session], None]) -> Callable[[Session], None]:
        name = check.__name__

        @wraps(check)
        def checked(session: Session) -> None:
            if session.limits.keeps or not keeps:
                check(session)

        _table[name] = Property(name, tier, checked, usually)
        return check

    return register


def properties(*, tiers: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[Property]:
    """All properties in the order of their tiers, or those of some tiers or names."""
    for module in _MODULES:
        import_module(f"juggler_conformance.props.{module}")
    chosen = [
        p
        for p in _table.values()
        if (not tiers or p.tier in tiers) and (not only or p.name in only)
    ]
    return sorted(chosen, key=lambda p: TIERS.index(p.tier))
