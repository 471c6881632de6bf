"""The key of a definition: flagged properties, ``key=Key(...)``, a property named ``id``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.typed import Key
from juggler.model.types_of import named, unknown_type
from juggler.spec import KeySpec
from juggler.values.types import TypeKind, simple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.values.types import TypeSpec

INJECTED = "id"
#: Type of an injected key until the data source decides.
DEFAULT_ID_TYPE = "integer"
_NO_KEYS = frozenset(
    {
        TypeKind.ANY, TypeKind.OBJECT, TypeKind.EMBEDDED, TypeKind.ARRAY, TypeKind.SET,
        TypeKind.MAP, TypeKind.TUPLE, TypeKind.VECTOR, TypeKind.COUNTER, TypeKind.GEO,
    }
)  # fmt: skip


def id_type(name: str) -> TypeSpec:
    """The type of an injected key by the data source's word for it.

    Raises:
        ConfigurationError: ``unknown-type``.
    """
    found = named(name)
    if found.model:
        raise unknown_type(name, "an id")
    return found.type


def injected(type_name: str = DEFAULT_ID_TYPE) -> PropertyDef:
    """The key property that a definition without a key is given."""
    return PropertyDef(name=INJECTED, type=id_type(type_name), id=1, generated=True, injected=True)


def resolve_key(
    model: str,
    properties: Mapping[str, PropertyDef],
    *,
    key: Any = None,
    clustering: Any = (),
    inject: bool = True,
    injected_type: str = DEFAULT_ID_TYPE,
) -> tuple[dict[str, PropertyDef], KeySpec | None]:
    """The properties with their places in the key, and the key.

    Args:
        model: the model's name.
        properties: its properties.
        key: what the definition says: a :class:`Key`, a tuple or list of names, a name, or None.
        clustering: clustering properties in LDL, ``"at"``, ``"at DESC"`` or ``"-at"``.
        inject: whether a definition without a key is given one.
        injected_type: the type name of that key.

    Raises:
        ConfigurationError: ``bad-key`` for unknown names, repeated ones and types that are no keys.
    """
    found = dict(properties)
    spec = said(model, key) if key is not None else _flagged(found, _texts(model, clustering))
    if spec is None and INJECTED in found and not found[INJECTED].id:
        spec = KeySpec((INJECTED,))
    if spec is None and inject:
        found = {INJECTED: injected(injected_type), **found}
        spec = KeySpec((INJECTED,))
    names = spec.names if spec else ()
    _check(model, found, names)
    for name, prop in found.items():
        place = names.index(name) + 1 if name in names else 0
        if prop.id != place:
            found[name] = prop.evolve(id=place)
    return found, spec


def said(model: str, key: Any) -> KeySpec:
    """A key in any of its spellings: a :class:`Key`, names, or LDL's mapping."""
    if isinstance(key, Key):
        return KeySpec(
            tuple(map(str, key.partition)), tuple(_direction(model, c) for c in key.clustering)
        )
    if isinstance(key, str):
        return KeySpec((key,))
    if isinstance(key, dict) and key.keys() <= {"partition", "clustering"} and key.get("partition"):
        return said(model, Key(key["partition"], key.get("clustering") or ()))
    if isinstance(key, tuple | list) and key and all(isinstance(part, str) for part in key):
        return KeySpec(tuple(key))
    raise ConfigurationError(
        f"{model}: {key!r:.60} is no key",
        code="bad-key",
        hint='key=Key(partition=("team",), clustering=("member", "-at"))',
    )


def _flagged(properties: Mapping[str, PropertyDef], clustering: list[str]) -> KeySpec | None:
    flagged = sorted((p.id, i, name) for i, (name, p) in enumerate(properties.items()) if p.id)
    terms = [_direction("key", term) for term in clustering]
    later = {name for name, _ in terms}
    partition = tuple(name for _, _, name in flagged if name not in later)
    if not partition:
        return None
    return KeySpec(partition, tuple(terms))


def _texts(model: str, given: Any) -> list[str]:
    texts = (
        [given]
        if isinstance(given, str)
        else list(given)
        if isinstance(given, tuple | list)
        else None
    )
    if texts is None or not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(
            f"{model}: clusteringKeys={given!r:.60}",
            code="bad-key",
            hint='a list of names: ["createdAt DESC", "id"]',
        )
    return texts


def _direction(model: str, term: Any) -> tuple[str, Any]:
    text = term if isinstance(term, str) else ""
    name, _, word = text.strip().partition(" ")
    if name.startswith("-"):
        return name[1:], "desc"
    if name and word.strip().lower() in {"", "asc", "desc"}:
        return name, word.strip().lower() or "asc"
    raise ConfigurationError(
        f"{model}: {term!r:.60} is no clustering property",
        code="bad-key",
        hint='"at", "-at" or "at DESC"',
    )


def _check(model: str, properties: Mapping[str, PropertyDef], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in properties:
            raise ConfigurationError(
                f"{model}: the key names {name!r}, which is no property",
                code="bad-key",
                hint=did_you_mean(name, properties),
            )
        if properties[name].type.kind in _NO_KEYS:
            raise ConfigurationError(
                f"{model}.{name}: the type {properties[name].type} cannot be in a key",
                code="bad-key",
                hint="give it a type such as string, integer or uuid",
            )
    if len(set(names)) != len(names):
        raise ConfigurationError(f"{model}: a property is in the key twice", code="bad-key")


def with_id_type(prop: PropertyDef, default: str) -> PropertyDef:
    """The key property with the data source's type of ids, where it is not the definition's own.

    An injected key takes it; so does a generated number where the store has no counters
    (LoopBack's ``useDefaultIdType``).
    """
    spec = id_type(default)
    numeric = prop.type in (simple(TypeKind.NUMBER), simple(TypeKind.INTEGER))
    replaceable = prop.generated and numeric and prop.extra.get("useDefaultIdType") is not False
    if prop.injected or (replaceable and spec.kind not in {TypeKind.NUMBER, TypeKind.INTEGER}):
        return prop.evolve(type=spec)
    return prop


def forced(definition: ModelDefinition) -> bool:
    """Whether ``forceId`` keeps callers from giving a new row its key.

    ``"auto"`` does where the key is generated.
    """
    said = definition.settings.get("forceId")
    if said == "auto":
        return any(definition.properties[name].generated for name in definition.ids)
    return said is True
