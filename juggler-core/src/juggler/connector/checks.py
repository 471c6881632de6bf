"""The core's own check of a model against a connector's capabilities: the default of ``bind``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.connector.capabilities import UNDECLARED
from juggler.errors import UnsupportedModelError
from juggler.spec import EXTRA
from juggler.values.types import NUMERIC, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.connector.capabilities import Capabilities
    from juggler.spec import ModelSpec

#: Kinds whose values cannot be keys: they are not one scalar.
_NO_KEY = frozenset(
    {
        TypeKind.ANY, TypeKind.OBJECT, TypeKind.EMBEDDED, TypeKind.ARRAY, TypeKind.SET,
        TypeKind.MAP, TypeKind.TUPLE, TypeKind.VECTOR, TypeKind.GEO, TypeKind.COUNTER,
    }
)  # fmt: skip


def check_model(connector: str, model: ModelSpec, capabilities: Capabilities) -> None:
    """Refuse a model that the connector's capabilities cannot hold.

    Raises:
        UnsupportedModelError: with all the problems, each a sentence that names the property.
    """
    problems = model_problems(connector, model, capabilities)
    if problems:
        shown = "; ".join(problems[:3]) + (" …" if len(problems) > 3 else "")  # noqa: PLR2004 - a line
        raise UnsupportedModelError(
            f"connector {connector!r} cannot hold model {model.name!r}: {shown}",
            problems=problems,
            hint="change the model, or attach it to a data source that can",
            connector=connector,
            model=model.name,
        )


def model_problems(connector: str, model: ModelSpec, capabilities: Capabilities) -> list[str]:
    """What keeps the connector from holding the model, one sentence each; empty if nothing does."""
    del connector  # the sentences are read under its name
    return [text for check in _CHECKS for text in check(model, capabilities)]


def _key(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    names = model.key.names
    if not names:
        yield "it has no key: declare a property with id: true"
    if len(names) > 1 and not caps.composite_keys:
        yield f"the key ({', '.join(names)}) has several properties: {caps.composite_keys.why}"
    for name in names:
        found = model.field.get(name)
        if found is None:
            yield f"{name} of the key is no property"
        elif found.type.kind in _NO_KEY:
            yield f"{name} of the key is of type {found.type}, which is no single value"


def _generated(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    cap = caps.generated_keys
    counted = cap.get("kinds", {TypeKind.INTEGER, TypeKind.NUMBER}) if cap else frozenset()
    for name in model.key.names:
        found = model.field.get(name)
        if found is None or not found.generated or found.type.kind not in NUMERIC - counted:
            continue
        why = cap.why or f"the store makes keys of type {', '.join(sorted(counted))}"
        yield f"{name} is a generated {found.type}: {why}; make it a string or uuid"


def _types(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    if caps.types is UNDECLARED:
        return
    kinds = caps.types.get("kinds", frozenset(TypeKind))
    for declared in model.fields:
        if declared.name == EXTRA:
            continue
        for kind in sorted(_kinds(declared.type) - kinds):
            yield f"{declared.name} needs the type {kind}" + (
                f": {caps.types.why}" if caps.types.why else ""
            )
        if TypeKind.COUNTER in _kinds(declared.type) and not caps.counters:
            yield f"{declared.name} is a counter: {caps.counters.why}"


def _unique(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    why = caps.unique.why or "only the key is unique in this store"
    if caps.unique and caps.unique.get("kind", "any") == "any":
        return
    for declared in model.fields:
        if declared.unique and model.key.names != (declared.name,):
            yield f"{declared.name} is declared unique: {why}"
    for index in model.indexes:
        names = tuple(name for name, _ in index.keys)
        if index.unique and names != model.key.names and not _is_unique_field(model, names):
            yield f"index {index.name} is declared unique: {why}"


def _is_unique_field(model: ModelSpec, names: tuple[str, ...]) -> bool:
    found = model.field.get(names[0]) if len(names) == 1 else None
    return found is not None and found.unique


def _indexes(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    for index in model.indexes:
        unknown = [path for path, _ in index.keys if path.partition(".")[0] not in model.field]
        if unknown and not model.open:
            yield f"index {index.name} names {', '.join(unknown)}, which is no property"
        elif not caps.indexes:
            yield f"index {index.name} is declared: {caps.indexes.why}"


def _views(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    if (model.view is not None or model.views) and not caps.views:
        yield f"it is or has a view: {caps.views.why}"


def _whole(model: ModelSpec, caps: Capabilities) -> Iterator[str]:
    if model.versioned and not caps.versions:
        yield f"it demands versions: {caps.versions.why}"
    if model.open and not caps.open_models:
        yield f"it keeps undeclared properties (strict: false): {caps.open_models.why}"


def _kinds(spec: TypeSpec) -> frozenset[TypeKind]:
    """The kinds in a type, at any depth; embedded models may contain themselves."""
    found: set[TypeKind] = set()
    seen: set[str] = set()
    todo: list[TypeSpec] = [spec]
    while todo:
        current = todo.pop()
        found.add(current.kind)
        todo += [inner for inner in (current.of, current.key, *current.items) if inner is not None]
        model = current.model
        if model is not None and model.name not in seen:
            seen.add(model.name)
            todo += [f.type for f in model.fields if f.name != EXTRA]
    return frozenset(found)


_CHECKS: tuple[Callable[[ModelSpec, Capabilities], Iterator[str]], ...] = (
    _key, _generated, _types, _unique, _indexes, _views, _whole,
)  # fmt: skip
