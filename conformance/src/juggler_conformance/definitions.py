"""Shapes as LDL documents: how the suite's models are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.values.types import TypeKind, TypeSpec

if TYPE_CHECKING:
    from juggler_conformance.shapes import Shape


def ldl(shape: Shape, *, name: str | None = None, table: str | None = None) -> dict[str, Any]:
    """The LDL document of a shape.

    Args:
        shape: the shape.
        name: the model's name, by default the shape's.
        table: its storage name, by default the model's name.
    """
    document: dict[str, Any] = {"name": name or shape.name, "strict": not shape.open}
    if table is not None:
        document["tableName"] = table
    if shape.versioned:
        document["versioned"] = True
    if shape.key.clustering:
        document["key"] = {
            "partition": list(shape.key.partition),
            "clustering": [n if d == "asc" else f"-{n}" for n, d in shape.key.clustering],
        }
    document["properties"] = {
        n: _property(shape, n, t)
        for n, t in shape.types.items()
        if not (shape.generated and n in shape.key_names)
    }
    if shape.indexes:
        document["indexes"] = {
            index.name: {
                "keys": {path: 1 if way == "asc" else -1 for path, way in index.keys},
                **({"options": {"unique": True}} if index.unique else {}),
            }
            for index in shape.indexes
        }
    return document


def _property(shape: Shape, name: str, spec: TypeSpec) -> dict[str, Any]:
    options: dict[str, Any] = {"type": ldl_type(spec)}
    if name in shape.key.partition and not shape.key.clustering:
        options["id"] = (
            shape.key.partition.index(name) + 1 if len(shape.key.partition) > 1 else True
        )
    if name in shape.unique:
        options["unique"] = True
    return options


def ldl_type(spec: TypeSpec) -> Any:
    """A type in LDL's words."""
    if spec.kind is TypeKind.EMBEDDED and spec.model is not None:
        return {field.name: {"type": ldl_type(field.type)} for field in spec.model.fields}
    if spec.kind is TypeKind.ARRAY and spec.of is not None:
        return [ldl_type(spec.of)]
    return "double" if spec.kind is TypeKind.FLOAT else str(spec)
