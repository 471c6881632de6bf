"""Hooks and validation of one operation, in the one order that all operations share."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import ValidationError
from juggler.model.hooks import HookContext, hooks_of
from juggler.model.validation import check
from juggler.operations._embedded import written
from juggler.spec import EXTRA
from juggler.values.equality import stores_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from juggler.connector.results import Row
    from juggler.model.codec.codec import Codec
    from juggler.model.query import Query
    from juggler.operations import Operations
    from juggler.operations._embedded import Written

#: Operation → the hooks that it runs, in order; documentation and tests read it.
MATRIX: dict[str, tuple[str, ...]] = {
    "find": ("access", "loaded"),
    "find_one": ("access", "loaded"),
    "find_by_id": ("access", "loaded"),
    "find_by_ids": ("access", "loaded"),
    "page": ("access", "loaded"),
    "stream": ("access", "loaded"),
    "count": ("access",),
    "exists": ("access",),
    "create": (
        "before_save", "before_validate", "after_validate", "before_create", "persist", "loaded",
        "after_create", "after_save",
    ),
    "create_all": (
        "before_save", "before_validate", "after_validate", "before_create", "persist", "loaded",
        "after_create", "after_save",
    ),
    "save": (
        "before_save", "before_validate", "after_validate", "before_update", "persist", "loaded",
        "after_update", "after_save",
    ),
    "patch": (
        "before_save", "before_validate", "after_validate", "before_update", "persist", "loaded",
        "after_update", "after_save",
    ),
    "replace": (
        "before_save", "before_validate", "after_validate", "before_update", "persist", "loaded",
        "after_update", "after_save",
    ),
    "replace_by_id": (
        "before_save", "before_validate", "after_validate", "before_update", "persist", "loaded",
        "after_update", "after_save",
    ),
    "upsert": (
        "before_save", "before_validate", "after_validate", "persist", "loaded",
        "after_create | after_update", "after_save",
    ),
    "replace_or_create": (
        "before_save", "before_validate", "after_validate", "persist", "loaded",
        "after_create | after_update", "after_save",
    ),
    "update_all": ("access", "before_save", "persist", "after_save"),
    "delete": ("before_delete", "after_delete"),
    "delete_by_id": ("before_delete", "after_delete"),
    "delete_all": ("access", "before_delete", "after_delete"),
}  # fmt: skip


class Life:
    """The life of one operation on a model with hooks or validators."""

    __slots__ = ("ctx", "inner", "model", "ops")

    def __init__(
        self, ops: Operations, model: Any, operation: str, state: dict[str, Any] | None = None
    ) -> None:
        self.ops = ops
        self.model = model
        self.ctx = HookContext(operation, "", model, ops=ops)
        if state is not None:
            self.ctx.state = state
        #: Embedded instances that are written, by the identity of the instance around them.
        self.inner: dict[int, list[Written]] = {}

    async def fire(self, *names: str) -> None:
        """Run the hooks of these names; an error of one ends the operation."""
        for name in names:
            await _run(self.ctx, self.model, name)

    async def _fire_inner(self, written: Iterable[Written], name: str, update: str = "") -> None:
        """Run a hook of embedded instances; ``update`` for those that are there already.

        Of one of which nobody knows whether it is there only the hooks that do not ask run.
        """
        for one, is_new in written:
            if update and is_new is None:
                continue
            ctx = evolve(self.ctx, model=type(one), instance=one, is_new=is_new, data=None)
            await _run(ctx, type(one), name if is_new else update or name)

    async def access(self, query: Query[Any]) -> Query[Any]:
        """The query after the ``access`` hooks."""
        ctx = self.ctx
        ctx.query = query
        await self.fire("access")
        return ctx.query

    async def given(self, values: dict[str, Any]) -> dict[str, Any]:
        """Given values after the ``before_save`` hooks, where there is no instance yet."""
        self.ctx.data = values
        await self.fire("before_save")
        return self.ctx.data

    async def inside(self, candidate: Any) -> None:
        """``before_save`` of what is embedded in given values: whether it is there is not known."""
        inner = written(candidate) if self.model.__validated__ else []
        self.inner[id(candidate)] = [(one, None) for one, _ in inner]
        await self._fire_inner(self.inner[id(candidate)], "before_save")

    async def embedded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What ``before_save`` of embedded models changed in values for many rows."""
        codec = self.model.__link__.codec
        names = [part.name for part in codec.parts if part.inner is not None]
        given = {name: values[name] for name in names if name in values}
        if not given:
            return {}
        draft = self.model(given)
        await self.inside(draft)
        row = codec.encode(draft)
        return {name: row[codec.spec.position[name]] for name in given}

    async def told(self, name: str) -> None:
        """The last hook of a write by condition, that of what is embedded in its values first."""
        for inner in self.inner.values():
            await self._fire_inner(inner, name)
        await self.fire(name)

    async def judged(
        self, instance: Any, relative: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], ValidationError | None]:
        """Given values as the hooks left them, and why they cannot be inserted as they are.

        The given part holds alone; what hooks put beside it is for a new row only.

        Args:
            instance: of the given values.
            relative: given changes that depend on the stored value.

        Raises:
            ValidationError: what is given breaks a rule, whatever else the stored row holds.
        """
        self.ctx.instance = instance
        given = self.ctx.data or {}
        codec, refused = self.model.__link__.codec, None
        before = codec.encode(instance)
        await self.inside(instance)
        inner = self.inner[id(instance)]
        await self.fire("before_validate")
        await self._fire_inner(inner, "before_validate")
        row = codec.encode(instance)
        try:
            await check(instance, codec.apply(row, relative), self.ops)
        except ValidationError as error:
            if _is_about(error, given):
                raise
            refused = error
        await self._fire_inner(inner, "after_validate")
        await self.fire("after_validate")
        changed = _between(codec, before, codec.encode(instance))
        return {name: value for name, value in changed.items() if name in given}, refused

    async def check(self, instance: Any, *, is_new: bool | None, validate: bool = True) -> Row:
        """``before_save`` to ``before_create | before_update``: the row to write."""
        ctx, codec = self.ctx, self.model.__link__.codec
        ctx.instance, ctx.is_new = instance, is_new
        await self.fire("before_save")
        inner = self.inner[id(instance)] = written(instance) if self.model.__validated__ else []
        await self._fire_inner(inner, "before_save")
        if validate:
            await self.fire("before_validate")
            await self._fire_inner(inner, "before_validate")
            await check(instance, codec.encode(instance), self.ops)
            await self._fire_inner(inner, "after_validate")
            await self.fire("after_validate")
        if is_new is not None:
            await self.fire("before_create" if is_new else "before_update")
        await self._fire_inner(inner, "before_create", "before_update")
        return codec.encode(instance)  # type: ignore[no-any-return]

    async def persist(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What goes to the store by property, after the ``persist`` hooks; coerced anew."""
        if not hooks_of(self.model, "persist"):
            return dict(values)
        self.ctx.data = dict(values)
        await self.fire("persist")
        codec = self.model.__link__.codec
        return codec.encode_patch(codec.given(self.ctx.data))  # type: ignore[no-any-return]

    async def persist_row(self, row: Row) -> Row:
        """The row that goes to the store, after the ``persist`` hooks."""
        if not hooks_of(self.model, "persist"):
            return row
        codec, names = self.model.__link__.codec, self.model.__link__.spec.names
        values = dict(zip(names, row, strict=True))
        values.update(values.pop(EXTRA, None) or {})
        return codec.apply(row, await self.persist(values))  # type: ignore[no-any-return]

    async def read(self, instances: list[Any]) -> list[Any]:
        """The instances that were read, after their ``loaded`` hooks."""
        if hooks_of(self.model, "loaded"):
            for instance in instances:
                self.ctx.instance = instance
                await self.fire("loaded")
        return instances

    async def done(self, instance: Any, *, is_new: bool | None) -> None:
        """``loaded`` to ``after_save``, with the instance as it is stored."""
        self.ctx.instance, self.ctx.is_new = instance, is_new
        inner: list[Written] | None = self.inner.pop(id(instance), None)
        if inner is None:  # what was checked stood for the instance
            inner = self.inner.popitem()[1] if self.inner else []
        if is_new:
            inner = [(one, True) for one, _ in inner]
        await self.fire("loaded")
        await self._fire_inner(inner, "after_create", "after_update")
        if is_new is not None:
            await self.fire("after_create" if is_new else "after_update")
        await self._fire_inner(inner, "after_save")
        await self.fire("after_save")


async def _run(ctx: HookContext, model: Any, name: str) -> None:
    for function in hooks_of(model, name):
        ctx.hook = name
        answer = function(ctx)
        if inspect.isawaitable(answer):
            await answer


def _between(codec: Codec, before: Row, after: Row) -> dict[str, Any]:
    """What differs between two rows, by property."""
    pairs = zip(codec.parts, before, after, strict=False)
    found = {part.name: new for part, old, new in pairs if not stores_same(old, new)}
    if codec.spec.open and not stores_same(before[-1], after[-1]):
        found.update(after[-1] or {})
    return found


def _is_about(error: ValidationError, given: Iterable[str]) -> bool:
    """Whether a given value breaks a rule by itself; custom rules may look at others, too."""
    codes: Mapping[str, list[str]] = error.details.get("codes", {})
    return any(code.partition(".")[0] != "custom" for name in given for code in codes.get(name, ()))


def life_of(
    ops: Operations, model: Any, operation: str, state: dict[str, Any] | None = None
) -> Life | None:
    """The life of an operation; None for a model without hooks and validators, which needs none."""
    if model.__hooked__ or model.__validated__:
        return Life(ops, model, operation, state)
    return None


def reader_of(ops: Operations, model: Any, operation: str) -> Life | None:
    """The life of a reading operation; None for a model without hooks."""
    return Life(ops, model, operation) if model.__hooked__ else None
