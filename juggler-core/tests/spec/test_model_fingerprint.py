"""Models are equal when nothing that a plan depends on differs, however deep it stands."""

from __future__ import annotations

from juggler.spec import FieldSpec, KeySpec, ModelSpec
from juggler.values import TypeKind, TypeSpec, simple


def order_of(item_type: TypeKind) -> ModelSpec:
    item = ModelSpec("Item", "Item", (FieldSpec("sku", "sku", simple(item_type)),), KeySpec(()))
    items = TypeSpec(TypeKind.ARRAY, of=TypeSpec(TypeKind.EMBEDDED, model=item))
    return ModelSpec("Order", "Order", (FieldSpec("items", "items", items),), KeySpec(()))


def test_the_properties_of_embedded_elements_count() -> None:
    assert order_of(TypeKind.STRING) == order_of(TypeKind.STRING)
    assert order_of(TypeKind.STRING) != order_of(TypeKind.INTEGER)
