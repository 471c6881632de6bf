"""The generated half of a codec: one piece of source per model, compiled once.

What it holds, for a model with the properties ``id``, ``name`` and ``tags``::

    def decode(row, version=None):
        o = new(cls)
        o.id, o.name, t2 = row
        o.tags = t2 if t2 is None else copy2(t2)
        o._row = row; o._version = version; o._extra = o._more = o._rel = None
        return o

    def encode(o):
        try:
            v0 = o.id; v1 = o.name; v2 = o.tags
        except LOAD_ERRORS:
            v0, v1, v2 = load(o)
        if not (v1.__class__ is str) and v1 is not None:
            v1 = put1(o, v1)
        ...
        return (v0, v1, v2)

Names of properties enter the source only as checked identifiers or as literals (``repr``).
"""

from __future__ import annotations

from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.model import defaults
from juggler.model.access import held, hold
from juggler.model.codec.parts import FAST_NAMES
from juggler.model.codec.rules import NULL, conditions, deep_checker, prefixed
from juggler.values.equality import stores_same
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.model.codec.codec import Codec
    from juggler.model.codec.parts import Part
    from juggler.model.codec.rules import Rule

LOAD_ERRORS = (AttributeError, KeyError, TypeError)
#: What is generated.
FUNCTIONS = (
    "init", "decode", "decode_all", "encode", "encode_map", "failures", "fill", "key_of",
    "with_key", "coerce_key",
)  # fmt: skip
_STATE = "o._row = row; o._version = version; o._rel = None"


def generate(codec: Codec, parts: Sequence[Part], absent: Sequence[str]) -> dict[str, Any]:
    """The functions of a codec by name.

    Args:
        codec: whose they are; its slow paths are called from the generated code.
        parts: the properties in row order, without the undeclared ones.
        absent: slots of the class that are not in the row; instances have None there.
    """
    scope: dict[str, Any] = {
        **FAST_NAMES,
        "M": MISSING,
        "NAMES": frozenset(part.name for part in parts),
        "LOAD_ERRORS": LOAD_ERRORS,
        "new": object.__new__,
        "repeat": repeat,
        "cls": codec.model,
        "load": codec.load,
        "split": codec.split,
        "init_extra": codec.init_extra,
        "extra_neutral": codec.extra_neutral,
        "extra_copy": codec.extra_copy,
        "key_slow": codec.coerce_key_slow,
        "prefixed": prefixed,
        "adopt": codec.adopt if codec.definition.settings.get("parentRef") is True else None,
    }
    writer = _Writer(parts, absent, open_=codec.spec.open, scope=scope)
    keys = [part for part in parts if part.name in codec.spec.key.names]
    blocks = [
        writer.init(), writer.decode(), writer.decode_all(), writer.encode(),
        writer.encode_map(), writer.failures(), writer.fill(),
        writer.key_of(codec.spec.key_positions), writer.with_key(codec.spec.key_positions),
        writer.coerce_key(keys[0].fast if len(keys) == 1 else ""),
    ]  # fmt: skip
    source = "\n\n".join(blocks)
    code = compile(source, f"<codec of {codec.spec.name}>", "exec")
    exec(code, scope)  # noqa: S102 - built from checked names above; no outside text
    return {name: scope[name] for name in FUNCTIONS} | {
        "source": source,
        "has_rules": writer.checked,
    }


class _Writer:
    """Writes the source of one codec."""

    def __init__(
        self, parts: Sequence[Part], absent: Sequence[str], *, open_: bool, scope: dict[str, Any]
    ) -> None:
        self.parts = parts
        self.absent = absent
        self.open = open_
        self.scope = scope
        self.checked = False
        self.adopts = scope["adopt"] is not None
        self.more = [(i, p) for i, p in enumerate(parts) if not p.slot]
        for i, part in enumerate(parts):
            scope[f"n{i}"] = part.neutral
            scope[f"copy{i}"] = part.copy
            scope[f"shape{i}"] = part.shape
            scope[f"put{i}"] = putter(part)

    def _values(self, prefix: str = "v") -> str:
        names = [f"{prefix}{i}" for i in range(len(self.parts))] + ["extra"] * self.open
        return _tuple(names)

    # ------------------------------------------------------------ a new instance

    def init(self) -> str:
        """``init(o, given)``: values of a new instance, with defaults."""
        lines = [
            "o._row = o._version = o._rel = o._extra = o._more = None",
            "if not d.keys() <= NAMES:",
            "    d = init_extra(o, d)",
            "get = d.get",
        ]
        lines += [f"o.{name} = None" for name in self.absent]
        for i, part in enumerate(self.parts):
            lines += self._given(i, part, f"v{i}")
            if part.type.kind is TypeKind.SET:
                lines.append(f"if v{i}.__class__ is frozenset: v{i} = set(v{i})")
            if part.shape is not None:
                lines.append(f"if v{i}.__class__ in (dict, list): v{i} = shape{i}(v{i})")
            if part.slot:
                lines.append(f"o.{part.attribute} = v{i}")
        lines += self._set_more("v") + ["adopt(o)"] * self.adopts
        return _function("init(o, d)", lines)

    def _given(self, i: int, part: Part, target: str) -> list[str]:
        """Source that takes a property's value out of ``d``, or its default."""
        kind, made = defaults.maker(part.prop, part.neutral)
        key = repr(part.name)
        match kind:
            case "none":
                return [f"{target} = get({key})"]
            case "constant":
                self.scope[f"default{i}"] = made
                return [f"{target} = get({key}, default{i})"]
            case _:
                self.scope[f"default{i}"] = made
                return [f"{target} = get({key}, M)", f"if {target} is M: {target} = default{i}()"]

    def _set_more(self, prefix: str) -> list[str]:
        if not self.more:
            return []
        pairs = ", ".join(f"{p.name!r}: {prefix}{i}" for i, p in self.more)
        return [f"o._more = {{{pairs}}}"]

    # ------------------------------------------------------------ row → instance

    def _fill(self) -> list[str]:
        """Source that sets an instance ``o`` from ``row``."""
        targets, after = [], []
        for i, part in enumerate(self.parts):
            if part.slot and part.copy is None:
                targets.append(f"o.{part.attribute}")
                continue
            targets.append(f"t{i}")
            if part.copy is not None and part.slot:
                after.append(f"o.{part.attribute} = t{i} if t{i} is None else copy{i}(t{i})")
            elif part.copy is not None:
                after.append(f"if t{i} is not None: t{i} = copy{i}(t{i})")
        lines = (
            [f"{_tuple([*targets, *(['extra'] if self.open else [])])} = row"]
            if targets or self.open
            else []
        )
        lines += after
        lines += [f"o.{name} = None" for name in self.absent]
        state = (
            "o._extra = None if extra is None else extra_copy(extra)"
            if self.open
            else "o._extra = None"
        )
        more = self._set_more("t") or ["o._more = None"]
        return [*lines, f"{_STATE}; {state}", *more, *["adopt(o)"] * self.adopts]

    def decode(self) -> str:
        """``decode(row, version=None)``: a stored row as an instance."""
        return _function("decode(row, version=None)", ["o = new(cls)", *self._fill(), "return o"])

    def decode_all(self) -> str:
        """``decode_all(rows, versions=None)``: the same of many, which are made in one go."""
        return _function(
            "decode_all(rows, versions=None)",
            ["out = list(map(new, repeat(cls, len(rows))))",
             "if versions is None: versions = repeat(None, len(rows))",
             "for o, row, version in zip(out, rows, versions, strict=True):",
             *_indent(self._fill()), "return out"],
        )  # fmt: skip

    def fill(self) -> str:
        """``fill(o, row)``: an instance shows a row; lists that are the same stay the caller's."""
        targets, after = [], []
        for i, part in enumerate(self.parts):
            if part.slot and part.copy is None:
                targets.append(f"o.{part.attribute}")
                continue
            self.scope[f"show{i}"] = shower(part)
            targets.append(f"t{i}")
            after.append(f"show{i}(o, t{i})")
        names = [*targets, *(["extra"] if self.open else [])]
        lines = [f"{_tuple(names)} = row"] if names else []
        if self.open:
            after.append("o._extra = None if not extra else extra_copy(extra)")
        after += ["adopt(o)"] * self.adopts
        return _function("fill(o, row)", [*lines, *after])

    # ------------------------------------------------------------ instance or mapping → row

    def encode(self) -> str:
        """``encode(o)``: an instance as a row; coerced values go back into the instance."""
        loads = [
            f"v{i} = o.{p.attribute}" if p.slot else f"v{i} = more[{p.name!r}]"
            for i, p in enumerate(self.parts)
        ]
        if self.more:
            loads.insert(0, "more = o._more")
        lines: list[str] = []
        if self.parts:
            target = _tuple([f"v{i}" for i in range(len(self.parts))])
            lines = ["try:", *_indent(loads), "except LOAD_ERRORS:", f"    {target} = load(o)"]
        for i, part in enumerate(self.parts):
            lines += _coercion(i, part, f"put{i}(o, v{i})")
        if self.open:
            lines.append("extra = o._extra and extra_neutral(o._extra)")
        else:
            lines.append("if o._extra: split(o._extra)")
        lines += ["adopt(o)"] * self.adopts
        return _function("encode(o)", [*lines, f"return {self._values()}"])

    def encode_map(self) -> str:
        """``encode_map(d)``: given values as a row, with defaults, without an instance."""
        lines = [
            "extra = None",
            "if not d.keys() <= NAMES:",
            "    d, extra = split(d)",
            "get = d.get",
        ]
        for i, part in enumerate(self.parts):
            lines += self._given(i, part, f"v{i}")
            if part.shape is not None:
                lines.append(f"if v{i}.__class__ in (dict, list): v{i} = shape{i}(v{i})")
            lines += _coercion(i, part, f"n{i}(v{i})")
        return _function("encode_map(d)", [*lines, f"return {self._values()}"])

    # ------------------------------------------------------------ rules

    def failures(self) -> str:
        """``failures(row)``: the failed rules of a row, None when there are none."""
        checks: list[str] = []
        for i, part in enumerate(self.parts):
            absent, present = conditions(part.prop, key=bool(part.prop.id))
            inside = []
            for j, rule in enumerate(present):
                self.scope[f"a{i}_{j}"] = rule.argument
                inside.append(_check(part, rule, f"v{i}", f"a{i}_{j}"))
            deep = deep_checker(part)
            if deep is not None:
                self.scope[f"deep{i}"] = deep
                inside.append(f"found += prefixed({part.name!r}, deep{i}(v{i}) or ())")
            there = f"if v{i} is not None and v{i} is not M:"
            if absent is not None:
                checks.append(_check(part, absent, f"v{i}"))
                if absent.fails == NULL:
                    there = f"elif v{i} is not M:"
            if inside:
                checks += [there, *_indent(inside)]
        self.checked = bool(checks)
        if not checks:
            return _function("failures(row)", ["return None"])
        return _function(
            "failures(row)",
            [f"{self._values()} = row", "found = []", *checks, "return found or None"],
        )

    @staticmethod
    def key_of(positions: Sequence[int]) -> str:
        """``key_of(row)``: the key's values in key order."""
        return _function("key_of(row)", [f"return {_tuple([f'row[{i}]' for i in positions])}"])

    def with_key(self, positions: Sequence[int]) -> str:
        """``with_key(row, key)``: the row with a key."""
        key = _tuple([f"v{i}" for i in positions])
        lines = [f"{self._values()} = row", f"{key} = key", f"return {self._values()}"]
        return _function("with_key(row, key)", lines)

    @staticmethod
    def coerce_key(fast: str) -> str:
        """``coerce_key(k)``: a key in any form as its tuple; neutral single values at once."""
        lines = [f"if {fast.format(v='k')}: return (k,)"] if fast else []
        return _function("coerce_key(k)", [*lines, "return key_slow(k)"])


def _check(part: Part, rule: Rule, value: str, argument: str = "") -> str:
    """Source that notes the failure of a rule."""
    failure = (part.name, rule.code, rule.message)
    return f"if {rule.fails.format(v=value, a=argument)}: found.append({failure!r})"


def shower(part: Part) -> Callable[[Any, Any], None]:
    """``(instance, neutral value)``: set it, unless what the instance holds is the same already."""
    neutral, copy, inner = part.neutral, part.copy, part.inner

    def show(instance: Any, value: Any) -> None:
        if copy is None or value is None:
            hold(instance, part, value)
            return
        current = None
        with suppress(AttributeError):
            current = held(instance, part)
        with suppress(InvalidValueError):
            if current is not None and stores_same(neutral(current), value):
                if inner is not None:
                    inner.remember(current, value)
                return
        hold(instance, part, copy(value))

    return show


def _coercion(i: int, part: Part, slow: str) -> list[str]:
    if part.fast:
        neutral = part.fast.format(v=f"v{i}")
        return [f"if not ({neutral}) and v{i} is not None: v{i} = {slow}"]
    return [f"if v{i} is not None: v{i} = {slow}"]


def putter(part: Part) -> Callable[[Any, Any], Any]:
    """``(instance, value) → neutral``; the instance gets the coerced value where it differs."""
    neutral, copy, shape = part.neutral, part.copy, part.shape

    def put(instance: Any, value: Any) -> Any:
        if value is MISSING:
            return value
        if shape is not None:
            shaped = shape(value)
            if shaped is not value:
                hold(instance, part, shaped)
            return neutral(shaped)
        found = neutral(value)
        if not stores_same(found, value) and not (found.__class__ is frozenset and found == value):
            hold(instance, part, found if copy is None else copy(found))
        return found

    return put


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _function(head: str, lines: Sequence[str]) -> str:
    return "\n".join([f"def {head}:", *_indent(list(lines) or ["pass"])])
