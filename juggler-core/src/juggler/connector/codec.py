"""Physical ↔ neutral rows: one generated function per model, from a connector's table of types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from juggler.values.types import TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from juggler.connector.results import Row
    from juggler.spec import ModelSpec

Convert: TypeAlias = "Callable[[Any], Any] | None"
#: Type kind → (neutral to physical, physical to neutral); None where the value stays as it is.
Table: TypeAlias = "Mapping[TypeKind, tuple[Convert, Convert]]"


@frozen
class RowCodec:
    """Conversions of one model's rows; ``None`` values pass through everywhere.

    Attributes:
        encode: neutral row → physical row.
        decode: physical row → neutral row.
        encode_value: (property name, neutral value) → physical value, for filters and patches.
    """

    encode: Callable[[Sequence[Any]], Row]
    decode: Callable[[Sequence[Any]], Row]
    decode_all: Callable[[Iterable[Sequence[Any]]], list[Row]]
    encoders: Mapping[str, Convert]
    decoders: Mapping[str, Convert]

    def encode_value(self, name: str, value: Any) -> Any:
        """The physical form of one property's value."""
        convert = self.encoders.get(name)
        return value if convert is None or value is None else convert(value)


def codec(model: ModelSpec, table: Table, *, fields: Sequence[str] | None = None) -> RowCodec:
    """The codec of a model.

    Args:
        model: the model.
        table: conversions per type kind; kinds that are not named stay as they are.  Collections
            and embedded models are converted element by element.
        fields: properties in row order, all of the model by default.
    """
    chosen = [model.field[name] for name in (fields or model.names)]
    return row_codec(
        [f.name for f in chosen],
        [converter(f.type, table, 0) for f in chosen],
        [converter(f.type, table, 1) for f in chosen],
    )


def row_codec(
    names: Sequence[str], encoders: Sequence[Convert], decoders: Sequence[Convert]
) -> RowCodec:
    """The codec of conversions that were chosen per property (by its column's type, say)."""
    encode, _ = _rows(encoders)
    decode, decode_all = _rows(decoders)
    return RowCodec(
        encode,
        decode,
        decode_all,
        dict(zip(names, encoders, strict=True)),
        dict(zip(names, decoders, strict=True)),
    )


def converter(spec: TypeSpec, table: Table, side: int) -> Convert:
    """The conversion of one type: ``side`` 0 encodes, 1 decodes; None for nothing to do."""
    own = table.get(spec.kind)
    if own is not None:
        return own[side]
    match spec.kind:
        case TypeKind.ARRAY | TypeKind.SET | TypeKind.VECTOR if spec.of is not None:
            return _each(converter(spec.of, table, side), spec.kind)
        case TypeKind.MAP if spec.of is not None:
            return _mapping(
                converter(spec.key, table, side) if spec.key else None,
                converter(spec.of, table, side),
            )
        case TypeKind.TUPLE:
            return _tuple([converter(item, table, side) for item in spec.items])
        case TypeKind.EMBEDDED if spec.model is not None:
            inner = {f.name: c for f in spec.model.fields if (c := converter(f.type, table, side))}
            return _embedded(inner) if inner else None
        case _:
            return None


def _keep(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else convert(value)


def _each(inner: Convert, kind: TypeKind) -> Convert:
    if inner is None:
        return None
    make: Callable[[Any], Any] = {TypeKind.SET: frozenset, TypeKind.VECTOR: tuple}.get(kind, list)
    return lambda values: make(_keep(inner, v) for v in values)


def _mapping(key: Convert, value: Convert) -> Convert:
    if key is None and value is None:
        return None
    return lambda m: {
        (key(k) if key else k): (_keep(value, v) if value else v) for k, v in m.items()
    }


def _tuple(parts: list[Convert]) -> Convert:
    if not any(parts):
        return None
    return lambda t: tuple(v if c is None else _keep(c, v) for c, v in zip(parts, t, strict=True))


def _embedded(inner: Mapping[str, Callable[[Any], Any]]) -> Convert:
    def convert(value: Mapping[str, Any]) -> dict[str, Any]:
        out = dict(value)
        for name, change in inner.items():
            if out.get(name) is not None:
                out[name] = change(out[name])
        return out

    return convert


def _rows(converts: Sequence[Convert]) -> tuple[Any, Any]:
    """Generate ``row → row`` and ``rows → rows``; only columns that need it are touched."""
    names = [f"v{i}" for i in range(len(converts))]
    row = ", ".join(names) + ("," if len(names) == 1 else "")
    touched = [
        (name, f"c{i}") for i, (name, c) in enumerate(zip(names, converts, strict=True)) if c
    ]
    if not touched:
        return tuple, lambda rows: [tuple(r) for r in rows]
    change = [f"if {name} is not None: {name} = {conv}({name})" for name, conv in touched]
    one = "\n    ".join(["def one(row):", f"({row}) = row", *change, f"return ({row})"])
    many = (
        "\n        ".join(
            [
                "def many(rows):\n    out = []\n    add = out.append\n    for row in rows:",
                f"({row}) = row",
                *change,
                f"add(({row}))",
            ]
        )
        + "\n    return out"
    )
    scope: dict[str, Any] = {f"c{i}": c for i, c in enumerate(converts) if c}
    exec(f"{one}\n\n{many}", scope)  # noqa: S102 - generated from field counts alone, no outside text
    return scope["one"], scope["many"]
