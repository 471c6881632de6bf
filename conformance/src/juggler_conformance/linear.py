"""Whether a history of one register could have happened one operation after the other."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

Kind = Literal["put", "create", "get", "delete"]


@frozen
class Event:
    """One operation on one key.

    Attributes:
        kind: what was called.
        value: what was written; for ``get`` what was read, None for no row.
        done: for ``create`` and ``delete``: whether it found what it needs.
        began: when it was called.
        ended: when its answer came.
    """

    kind: Kind
    value: Any
    done: bool | None
    began: int
    ended: int


def linearizable(events: list[Event], initial: Any = None) -> bool:
    """Wing and Gong's search: some order respects time, and each answer is right in it."""
    seen: set[tuple[frozenset[int], Any]] = set()

    def search(left: frozenset[int], state: Any) -> bool:
        if not left:
            return True
        if (left, state) in seen:
            return False
        seen.add((left, state))
        first = min(events[i].ended for i in left)
        for i in left:
            if events[i].began <= first:
                after, right = _apply(events[i], state)
                if right and search(left - {i}, after):
                    return True
        return False

    return search(frozenset(range(len(events))), initial)


def _apply(event: Event, state: Any) -> tuple[Any, bool]:
    match event.kind:
        case "put":
            return event.value, True
        case "create":
            there = state is not None
            return (state if there else event.value), event.done is (not there)
        case "delete":
            return None, event.done is None or event.done is (state is not None)
        case _:
            return state, event.value == state


def plausible(events: list[Event]) -> bool:
    """The weak promise: nobody reads what nobody wrote."""
    written = {event.value for event in events if event.kind in {"put", "create"}} | {None}
    return all(event.value in written for event in events if event.kind == "get")
