"""Annotations, options and values as Python source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import define, field

from juggler.model.ldl.writing import type_text
from juggler.values.geo import GeoPoint
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind, TypeSpec

if TYPE_CHECKING:
    from juggler.model.definition import PropertyDef

_ANNOTATIONS = {
    TypeKind.STRING: "str",
    TypeKind.INTEGER: "int",
    TypeKind.NUMBER: "float",
    TypeKind.DECIMAL: "Decimal",
    TypeKind.BOOLEAN: "bool",
    TypeKind.DATETIME: "dt.datetime",
    TypeKind.DATE: "dt.date",
    TypeKind.TIME: "dt.time",
    TypeKind.DURATION: "dt.timedelta",
    TypeKind.BUFFER: "bytes",
    TypeKind.UUID: "UUID",
    TypeKind.GEO: "GeoPoint",
    TypeKind.ANY: "Any",
    TypeKind.OBJECT: "dict",
}
#: Kinds that no annotation means: the annotation for readers, and ``type=`` beside it.
_SAID = {
    TypeKind.TEXT: "str",
    TypeKind.FLOAT: "float",
    TypeKind.TIMEUUID: "UUID",
    TypeKind.INET: "str",
    TypeKind.COUNTER: "int",
}
_OPTION_WORDS = {"min": "ge", "max": "le", "pattern": "matches"}


@define
class Imports:
    """What the module has to import."""

    names: set[str] = field(factory=set)
    plain: set[str] = field(factory=set)
    others: dict[str, set[str]] = field(factory=dict)

    def juggler(self, name: str) -> str:
        """Import a name from ``juggler``."""
        self.names.add(name)
        return name

    def module(self, line: str) -> None:
        """Import a module."""
        self.plain.add(line)

    def of(self, module: str, name: str) -> str:
        """Import a name from a module."""
        self.others.setdefault(module, set()).add(name)
        return name

    def text(self) -> str:
        """The import lines."""
        lines = sorted(self.plain)
        lines += [
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self.others.items())
        ]
        ours = sorted(self.names, key=lambda n: (n.islower(), n))
        if ours:
            lines += [*([""] if lines else []), f"from juggler import {', '.join(ours)}"]
        return "\n".join(lines)


def annotation(prop: PropertyDef, embedded: str, imports: Imports) -> str:
    """The annotation inside ``Prop[…]``."""
    text = _annotation(prop.type, embedded, imports)
    if text == "dict":  # strict checkers want to know of what; type= says that it is an object
        text = f"dict[str, {_imported('Any', imports)}]"
    nullable = prop.nullable and not prop.required and not prop.id and prop.default is MISSING
    nullable = nullable and prop.default_fn is None
    return f"{text} | None" if (nullable or prop.default is None) and text != "Any" else text


def _annotation(spec: TypeSpec, embedded: str, imports: Imports) -> str:
    inner = _annotation(spec.of, embedded, imports) if spec.of is not None else "Any"
    match spec.kind:
        case TypeKind.EMBEDDED:
            return embedded
        case TypeKind.ARRAY:
            return f"list[{_element(spec, inner, imports)}]"
        case TypeKind.SET:
            return f"set[{inner}]"
        case TypeKind.MAP:
            key = _annotation(spec.key, "", imports) if spec.key else "str"
            return f"dict[{key}, {inner}]"
        case TypeKind.TUPLE:
            return f"tuple[{', '.join(_annotation(i, '', imports) for i in spec.items)}]"
        case TypeKind.VECTOR:
            return "tuple[float, ...]"
        case kind:
            return _imported(_ANNOTATIONS.get(kind) or _SAID[kind], imports)


def _element(spec: TypeSpec, inner: str, imports: Imports) -> str:
    if not spec.options:
        if inner == "Any":
            imports.of("typing", "Any")
        return inner
    options = {_OPTION_WORDS.get(word, word): value for word, value in spec.options}
    imports.of("typing", "Annotated")
    return f"Annotated[{inner}, {imports.juggler('prop')}({', '.join(call(options))})]"


def _imported(name: str, imports: Imports) -> str:
    match name:
        case "Decimal":
            imports.of("decimal", name)
        case "UUID":
            imports.of("uuid", name)
        case "GeoPoint":
            imports.juggler(name)
        case "Any":
            imports.of("typing", name)
        case _ if name.startswith("dt."):
            imports.module("import datetime as dt")
    return name


def options_of(prop: PropertyDef, imports: Imports, attribute: str, *, in_key: bool) -> list[str]:
    """The arguments of ``prop(…)``."""
    given: list[str] = []
    if prop.id and not in_key:
        given.append(f"id={prop.id if prop.id > 1 else True}")
    if attribute != prop.name:
        given.append(f"name={literal(prop.name)}")
    kind = prop.type.kind
    if kind in _SAID or kind in {TypeKind.VECTOR, TypeKind.OBJECT}:
        given.append(f"type={literal(type_text(prop.type))}")
    given += _default(prop, imports)
    given += [f"{word}=True" for word in _FLAGS if getattr(prop, word)]
    if prop.index:
        given.append(f"index={literal(prop.index)}")
    sizes = ("precision", "scale", "bits") if kind is not TypeKind.VECTOR else ()
    given += [f"{w}={v}" for w in sizes if (v := getattr(prop.type, w)) is not None]
    if prop.type.length is not None and kind is not TypeKind.VECTOR:
        given.append(f"max_length={prop.type.length}")
    given += [
        f"{_OPTION_WORDS.get(word, word)}={value_text(value, imports)}"
        for word, value in prop.rules.items()
    ]
    given += [f"{word}={literal(argument)}" for word, argument in prop.conversions]
    if prop.storage_name is not None:
        given.append(f"column={literal(prop.storage_name)}")
    if prop.collation != "codepoint":
        given.append(f"collation={literal(prop.collation)}")
    if prop.doc:
        given.append(f"doc={literal(prop.doc)}")
    return [*given, *call(prop.hints)]


_FLAGS = ("generated", "required", "unique", "hidden", "protected")


def _default(prop: PropertyDef, imports: Imports) -> list[str]:
    if prop.default_fn is not None:
        return [f"default_factory={_factory(prop, imports)}"]
    if prop.default is MISSING:
        needs = prop.required or prop.id or prop.generated or not prop.nullable
        return [] if needs else ["default=None"]
    text = value_text(prop.default, imports)
    fresh = isinstance(prop.default, list | dict | set | frozenset)
    return [f"default_factory=lambda: {text}" if fresh else f"default={text}"]


def _factory(prop: PropertyDef, imports: Imports) -> str:
    match prop.default_fn:
        case "now":
            return imports.juggler("now")
        case "uuid" | "guid" | "uuidv4":
            name = imports.of("uuid", "uuid4")
            return name if prop.type.kind is TypeKind.UUID else f"lambda: str({name}())"
        case "nanoid" | "shortid":
            return imports.of("juggler.values.ids", "nanoid")
        case function:
            module, name = (
                getattr(function, "__module__", ""),
                getattr(function, "__qualname__", ""),
            )
            if module and name.isidentifier() and module != "builtins":
                return imports.of(module, name)
            return name if name.isidentifier() else "lambda: None  # write the function here"


def value_text(value: Any, imports: Imports) -> str:
    """A value as an expression."""
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        imports.module("import datetime as dt")
        return repr(value).replace("datetime.", "dt.").replace("dt.timezone.utc", "dt.UTC")
    if isinstance(value, Decimal | UUID):
        imports.of(type(value).__module__, type(value).__name__)
    elif isinstance(value, GeoPoint):
        return f"{imports.juggler('GeoPoint')}({value.lat!r}, {value.lng!r})"
    elif isinstance(value, list | tuple):
        inner = ", ".join(value_text(item, imports) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    elif isinstance(value, Mapping):
        pairs = (f"{value_text(k, imports)}: {value_text(v, imports)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    return literal(value)


def literal(value: Any) -> str:
    """A plain value as an expression, texts in double quotes."""
    if isinstance(value, str):
        if "\\" in value and '"' not in value and value.isprintable() and value[-1] != "\\":
            return f'r"{value}"'
        text = repr(value)
        return text if text.startswith('"') or '"' in value else f'"{text[1:-1]}"'
    return (
        value_text(value, Imports()) if isinstance(value, list | tuple | Mapping) else repr(value)
    )


def call(options: Mapping[str, Any]) -> list[str]:
    """Keyword arguments of plain values; names that are no identifiers go as a mapping."""
    named = [f"{word}={literal(value)}" for word, value in options.items() if word.isidentifier()]
    rest = {word: value for word, value in options.items() if not word.isidentifier()}
    return [*named, f"**{literal(rest)}"] if rest else named
