"""What seeded bugs are made of: a table of them, and rewriting of conditions and rows."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.query.tree import And, AnyElem, Not, Or, Where
from juggler_memory import MemoryConnector

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@frozen
class Bug:
    """A connector that breaks one promise.

    Attributes:
        name: what is wrong, as words.
        connector: the class to connect to.
        kills: properties of which at least one has to fail.
        inside: a context in which the bug is active, for bugs that live below the connector.
    """

    name: str
    connector: type[MemoryConnector]
    kills: tuple[str, ...]
    inside: Callable[[], AbstractContextManager[Any]] = nullcontext


BUGS: dict[str, Bug] = {}


def bug(*kills: str) -> Callable[[type[MemoryConnector]], type[MemoryConnector]]:
    """Register a connector class as a seeded bug that one of these properties has to kill."""

    def register(connector: type[MemoryConnector]) -> type[MemoryConnector]:
        name = connector.__name__
        assert name not in BUGS
        BUGS[name] = Bug(name, connector, kills)
        return connector

    return register


def patched_bug(
    name: str, *kills: str
) -> Callable[[Callable[[], AbstractContextManager[Any]]], Any]:
    """Register a context manager as a bug of the layers that a connector stands on."""

    def register(inside: Callable[[], AbstractContextManager[Any]]) -> Any:
        assert name not in BUGS
        BUGS[name] = Bug(name, MemoryConnector, kills, inside)
        return inside

    return register


def rewrite(where: Where, change: Callable[[Any], Where | None]) -> Where:
    """The tree with every node replaced for which ``change`` gives another one."""
    found = change(where)
    if found is not None:
        return found
    match where:
        case And(parts):
            return And(tuple(rewrite(part, change) for part in parts))
        case Or(parts):
            return Or(tuple(rewrite(part, change) for part in parts))
        case Not(part):
            return Not(rewrite(part, change))
        case AnyElem(path, inner):
            return AnyElem(path, rewrite(inner, change))
        case _:
            return where


class Rewriting(MemoryConnector):
    """Plans another condition than the one it was asked for, and says that it is exact."""

    def change(self, node: Any) -> Where | None:
        """Another node for this one, None to keep it."""
        raise NotImplementedError  # each seeded bug says its own

    def condition(self, where: Where) -> Where:
        """The condition that is planned."""
        return rewrite(where, self.change)

    def wrong(self, query: Any, schema: Any) -> Any:
        """A plan of the wrong condition, presented as one of the right condition."""
        plan = MemoryConnector.plan(self, evolve(query, where=self.condition(query.where)), schema)
        return evolve(plan, query=query)


class Resorting(MemoryConnector):
    """Gives the rows of ordered plans in another order than it says."""

    def sort(self, rows: list[Any], plan: Any) -> list[Any]:
        """The rows in the wrong order."""
        raise NotImplementedError  # each seeded bug says its own

    def resorted(self, page: Any, plan: Any) -> Any:
        """The page with its rows in the wrong order."""
        if not plan.query.order or plan.order != "satisfied":
            return page
        return evolve(page, rows=self.sort(list(page.rows), plan), versions=None)


def values_of(rows: Sequence[Any], plan: Any, path: str) -> list[Any]:
    """The values of a property in the rows of a page."""
    at = plan.fields.index(path)
    return [row[at] for row in rows]
