"""How the steps of a plan are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector import SchemaStep

if TYPE_CHECKING:
    from juggler.connector.schema import Safety
    from juggler.spec import ModelSpec, StoreSchema


@frozen
class Target:
    """What is changed: the schema as it is, and the keyspace's name (None: the session's)."""

    schema: StoreSchema
    keyspace: str | None = None


@frozen
class Waits:
    """What a step waits for: ``index`` or ``view``, its name, its table."""

    what: str
    name: str
    table: str


def step(
    kind: str,
    model: ModelSpec | None,
    safety: Safety,
    *native: str,
    target: str = "",
    reason: str = "",
    reversible: bool = True,
    waits: Waits | None = None,
) -> SchemaStep:
    """One step; ``target`` is the model's table when it is not given."""
    return SchemaStep(
        kind,
        target or (model.storage_name if model is not None else ""),
        safety,
        native,
        reason,
        None if model is None else model.name,
        reversible,
        waits,
    )


def impossible(kind: str, model: ModelSpec, target: str, reason: str, **more: Any) -> SchemaStep:
    """A step that no statement can do; ``reason`` says what works instead."""
    return step(kind, model, "impossible", target=target, reason=reason, **more)
