"""Schema plans: steps with a safety class, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

Safety = Literal["info", "safe", "online", "rewrite", "destructive", "impossible"]
Mode = Literal["check", "update", "recreate", "create"]


@frozen
class SchemaStep:
    """One step.

    Attributes:
        kind: what it does, e.g. ``create-table``, ``add-column``, ``drop-index``.
        target: the object, e.g. ``shop.user`` or ``user.age``.
        safety: ``info`` (nothing to do, worth knowing), ``safe``, ``online`` (built in the
            background), ``rewrite``, ``destructive`` (loses data), ``impossible``.
        native: the statements.
        reason: why it is needed or why it is impossible, and what works instead.
        model: name of the model concerned.
        reversible: whether another plan can undo it without loss.
        opaque: the connector's own.
    """

    kind: str
    target: str
    safety: Safety
    native: tuple[str, ...] = ()
    reason: str = ""
    model: str | None = None
    reversible: bool = True
    opaque: Any = field(default=None, eq=False, repr=False)


@frozen
class SchemaSteps:
    """What ``plan_schema`` returns: steps in the order to apply, and the actual fingerprint."""

    steps: tuple[SchemaStep, ...]
    fingerprint: str


@frozen
class StepResult:
    """What applying a step did; ``facts`` may hold rows affected or seconds waited."""

    step: SchemaStep
    facts: Mapping[str, Any] = field(factory=dict)
