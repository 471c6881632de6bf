"""What the examples reached: access paths, order values, refusals, colours.

A path that is claimed and never reached fails the run: nobody has looked at it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from juggler.connector.capabilities import Capabilities
    from juggler.connector.plan import Plan
    from juggler_conformance.shapes import Shape

    #: A group, and the names of which one has to be reached.
    Claim = tuple[str, tuple[str, ...]]


@define
class Reach:
    """Counts by group and name."""

    counts: dict[str, Counter[str]] = field(factory=dict)

    def saw(self, group: str, name: str) -> None:
        """Count one sighting."""
        self.counts.setdefault(group, Counter())[name] += 1

    def plan(self, plan: Plan) -> None:
        """Count what a plan reached."""
        self.saw("path", plan.path)
        if plan.query.order:
            self.saw("order", plan.order)
        self.saw("guarantee", plan.guarantee)
        if plan.limit_pushed:
            self.saw("pushed", "limit")

    def refusal(self, error: Exception) -> None:
        """Count a typed refusal."""
        self.saw("refusal", f"{type(error).__name__} {getattr(error, 'code', '')}".strip())

    def __contains__(self, item: tuple[str, str]) -> bool:
        group, name = item
        return self.counts.get(group, Counter())[name] > 0

    def as_dict(self) -> dict[str, dict[str, int]]:
        """For the report."""
        return {group: dict(sorted(found.items())) for group, found in sorted(self.counts.items())}


def claimed_paths(caps: Capabilities, shapes: tuple[Shape, ...]) -> list[Claim]:
    """What a connector claims to use: a group, and the names of which one has to be reached.

    ``push`` may name the access paths itself (``paths=frozenset({...})``); otherwise they follow
    from indexes, unions, views and orders.
    """
    named: Any = caps.push.get("paths")
    wanted: list[tuple[str, tuple[str, ...]]] = []
    if named is not None:
        wanted = [("path", (name,)) for name in sorted(named)]
    else:
        if caps.indexes and any(shape.indexes for shape in shapes):
            wanted.append(("path", ("index", "view")))
        if caps.union:
            wanted.append(("path", ("union", "multi_point", "multi_partition")))
    if caps.order and caps.order.get("kind") in {"any", "pattern"}:
        wanted.append(("order", ("satisfied", "ties")))
    return wanted


def never_reached(reach: Reach, caps: Capabilities, shapes: tuple[Shape, ...]) -> list[Claim]:
    """What is claimed and was never reached."""
    return [
        (group, names)
        for group, names in claimed_paths(caps, shapes)
        if not any((group, name) in reach for name in names)
    ]
