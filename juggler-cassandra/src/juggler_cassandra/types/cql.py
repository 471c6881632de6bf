"""CQL types as data: parsed from what the server says, written as it writes them."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve, frozen

from juggler.errors import ConfigurationError
from juggler_cassandra.cql._names import quoted

#: The scalar types of CQL; ``varchar`` is another name of ``text``.
SCALARS: Final = frozenset(
    {
        "ascii", "bigint", "blob", "boolean", "counter", "date", "decimal", "double", "duration",
        "float", "inet", "int", "smallint", "text", "time", "timestamp", "timeuuid", "tinyint",
        "uuid", "varint",
    }
)  # fmt: skip
COLLECTIONS: Final = frozenset({"list", "set", "map"})
_ARITY: Final = {"list": 1, "set": 1, "map": 2, "frozen": 1, "vector": 2}
_TOKEN = re.compile(r"""\s*(?:("(?:[^"]|"")*")|('(?:[^']|'')*')|([A-Za-z0-9_.]+)|([<>,]))\s*""")
_MAX_DEPTH = 32


@frozen
class CqlType:
    """A CQL type.

    Attributes:
        name: a scalar's name, ``list set map tuple vector``, or a user-defined type's name as it is
            stored (case kept); a custom class is named with its quotes.
        args: the types inside.
        frozen: whether a collection or user-defined type is kept as one value.  Tuples and vectors
            always are, and so is everything inside of what is frozen.
        size: the dimension of a vector.
        user: whether it is a user-defined type.
    """

    name: str
    args: tuple[CqlType, ...] = ()
    frozen: bool = False
    size: int | None = None
    user: bool = False

    @property
    def is_collection(self) -> bool:
        """Whether it is a list, set or map."""
        return not self.user and self.name in COLLECTIONS

    @property
    def is_scalar(self) -> bool:
        """Whether it is one of CQL's scalar types."""
        return not self.user and self.name in SCALARS

    @property
    def multicell(self) -> bool:
        """Whether its elements are stored apart, so that empty is null."""
        return not self.frozen and (self.is_collection or self.user)

    @property
    def has_user(self) -> bool:
        """Whether it is a user-defined type, or has one inside."""
        return self.user or any(arg.has_user for arg in self.args)

    def frozen_inside(self) -> CqlType:
        """The same type in canonical form: what is inside a collection or a tuple is frozen."""
        return evolve(self, args=tuple(_as_frozen(arg) for arg in self.args))

    def __str__(self) -> str:
        if self.user:
            inner = quoted(self.name)
        elif self.name == "vector":
            return f"vector<{self.args[0]}, {self.size}>"
        elif self.args:
            inner = f"{self.name}<{', '.join(map(str, self.args))}>"
        else:
            inner = self.name
        return f"frozen<{inner}>" if self.frozen and not self.is_scalar else inner


def scalar(name: str) -> CqlType:
    """The scalar type of that name."""
    return CqlType(name)


def _as_frozen(inner: CqlType) -> CqlType:
    if inner.is_scalar or inner.name == "vector":
        return inner.frozen_inside()
    return evolve(inner.frozen_inside(), frozen=True)


def parse(text: str) -> CqlType:
    """The type of its text, in any case; ``varchar`` becomes ``text``.

    A name that is no built-in one is a user-defined type: as it stands in double quotes, in lower
    case without them.  Nested types come out frozen, as the server makes them.

    Raises:
        ConfigurationError: ``cql-type`` for a text that is no type.
    """
    found = _parse(text)
    if found is None:
        raise ConfigurationError(
            f"{text[:80]!r} is no CQL type",
            code="cql-type",
            hint="a type such as int, frozen<list<text>>, map<text, int> or vector<float, 3>",
        )
    return found


def _parse(text: str) -> CqlType | None:
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            return None
        tokens.append(match[0].strip())
        place = match.end()
    reader = _Reader(tokens)
    found = reader.type(0)
    if found is None or not reader.done:
        return None
    return _canonical(found)


def _canonical(found: CqlType) -> CqlType:
    always = found.name == "tuple" and not found.user
    return evolve(found.frozen_inside(), frozen=found.frozen or always)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def done(self) -> bool:
        return self.place == len(self.tokens)

    def next(self) -> str:
        token = "" if self.done else self.tokens[self.place]
        self.place += 1
        return token

    def type(self, depth: int) -> CqlType | None:
        word = self.next()
        if not word or word in "<>," or depth > _MAX_DEPTH:
            return None
        if word[0] == "'":
            return CqlType(word)
        if word[0] == '"':
            return CqlType(word[1:-1].replace('""', '"'), user=True)
        name = word.lower()
        if self.place < len(self.tokens) and self.tokens[self.place] == "<":
            return self.parametric(name, depth)
        if name in SCALARS or name == "varchar":
            return CqlType("text" if name == "varchar" else name)
        if name in {*_ARITY, "tuple"}:
            return None
        return CqlType(name.rpartition(".")[2], user=True)

    def parametric(self, name: str, depth: int) -> CqlType | None:
        self.next()
        args: list[CqlType] = []
        size: int | None = None
        while True:
            if name == "vector" and args:
                digits = self.next()
                size = int(digits) if digits.isdigit() and len(digits) < 6 else None  # noqa: PLR2004
                if size is None or self.next() != ">":
                    return None
                return CqlType("vector", tuple(args), size=size)
            inner = self.type(depth + 1)
            if inner is None:
                return None
            args.append(inner)
            separator = self.next()
            if separator == ">":
                return _made(name, args)
            if separator != ",":
                return None


def _made(name: str, args: list[CqlType]) -> CqlType | None:
    if name == "tuple":
        return CqlType("tuple", tuple(args), frozen=True)
    if name == "vector" or _ARITY.get(name) != len(args):
        return None
    if name == "frozen":
        return evolve(args[0], frozen=not args[0].is_scalar)
    return CqlType(name, tuple(args))
