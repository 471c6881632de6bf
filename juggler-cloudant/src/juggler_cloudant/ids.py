"""Keys as document ids and back."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from juggler.errors import DecodeError, InvalidValueError
from juggler.values import NUMERIC
from juggler.values import TypeKind as K
from juggler_cloudant.capabilities import KEEPS, MAX_ID_BYTES, Keeps
from juggler_cloudant.values import decoder, encoder, plain_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Key
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home

#: Kinds whose ids sort by bytes as their values do.
_BY_BYTES: Final = frozenset(
    {K.STRING, K.TEXT, K.INET, K.DATETIME, K.DATE, K.TIME, K.UUID, K.TIMEUUID}
)


@define(slots=False)
class Ids:
    """The ids of one model's documents.

    A single key is the id itself: a text as it is, a number as LoopBack writes it (``"10"``),
    anything else as its JSON text.  A key of several properties is a JSON list.
    """

    model: ModelSpec
    home: Home
    keeps: Keeps = KEEPS

    @cached_property
    def _codecs(self) -> list[tuple[Any, Any, K]]:
        types = [self.model.field[name].type for name in self.model.key.names]
        return [(encoder(t), decoder(t), t.kind) for t in types]

    @cached_property
    def prefix(self) -> str:
        """What stands before every id."""
        return f"{self.home.name}:" if self.home.prefixed else ""

    @cached_property
    def single(self) -> bool:
        """Whether the key is one property."""
        return len(self.model.key.names) == 1

    @cached_property
    def ordered(self) -> bool:
        """Whether ids, by bytes, are in the order of ascending keys."""
        return self.single and self._codecs[0][2] in _BY_BYTES

    @cached_property
    def _is_text(self) -> bool:
        return self.single and self._codecs[0][2] in {K.STRING, K.TEXT}

    def text(self, key: Key) -> str:
        """The id of a key, whether the server takes it or not."""
        if not self.single:
            parts = [self._part(value, i) for i, value in enumerate(key)]
            return self.prefix + json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        (value,) = key
        part = value if self._is_text else self._part(value, 0)
        return self.prefix + (part if isinstance(part, str) else json.dumps(part))

    def leading(self, values: Sequence[Any]) -> str:
        """What the ids begin with whose keys begin with these values, of a key of several."""
        parts = [self._part(value, i) for i, value in enumerate(values)]
        return self.prefix + json.dumps(parts, ensure_ascii=False, separators=(",", ":"))[:-1] + ","

    def find(self, key: Key) -> str | None:
        """The id of a key, None for one that no document can have."""
        text = self.text(key)
        return None if self._problem(text) else text

    def make(self, key: Key) -> str:
        """The id of a key.

        Raises:
            InvalidValueError: ``invalid-key``, before anything is sent.
        """
        text = self.text(key)
        wrong = self._problem(text)
        if wrong or any(part is None for part in key):
            raise InvalidValueError(
                f"{self.model.name} cannot have the key {text!r:.80}: {wrong or 'a part is null'}",
                code="invalid-key",
                field=self.model.key.names[0],
                model=self.model.name,
                key=key,
                hint="a document's id is a text that is not empty, not '.' or '..', and does not "
                "begin with '_'" + (", 'partition:rest' here" if self.home.partitioned else ""),
                connector="cloudant",
            )
        return text

    def _problem(self, text: str) -> str:
        wrong = problem(text, self.keeps)
        if not wrong and self.home.partitioned and not partition_of(text):
            return "in a partitioned database an id is 'partition:rest'"
        return wrong

    def key(self, text: str) -> Key:
        """The key of an id.

        Raises:
            DecodeError: the id is none of the model's key type.
        """
        body = text.removeprefix(self.prefix)
        if self._is_text:
            return (body,)
        try:
            if not self.single:
                return tuple(
                    c(p) if c else p
                    for (_, c, _), p in zip(self._codecs, json.loads(body), strict=True)
                )
            _, read, kind = self._codecs[0]
            part = json.loads(body) if kind in NUMERIC - {K.DECIMAL} or kind in _JSON else body
            return (read(part) if read else part,)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise DecodeError(
                f"the id {text!r:.80} is no key of {self.model.name}",
                hint="the document was written by others; declare the key as a string",
                model=self.model.name,
                key=text,
                connector="cloudant",
            ) from error

    def _part(self, value: Any, index: int) -> Any:
        write, _, kind = self._codecs[index]
        if value is None:
            return None
        if kind in {K.NUMBER, K.FLOAT}:
            return int(value) if value == int(value) else value
        if kind is K.DECIMAL:
            return plain_decimal(value)
        return write(value) if write else value


_JSON: Final = frozenset({K.BOOLEAN, K.DURATION})


def partition_of(text: str) -> str:
    """The partition of an id that is ``partition:rest``; empty for any other text."""
    name, colon, rest = text.partition(":")
    return name if colon and rest else ""


def problem(text: str, keeps: Keeps = KEEPS) -> str:
    """Why the server, or a URL, cannot have that id; empty when it can."""
    if not text:
        return "an empty id"
    if text in {".", ".."}:
        return "a URL would lose it"
    if text.startswith("_"):
        return "ids that begin with '_' are the server's own"
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        return "it is no well-formed text"
    if size > MAX_ID_BYTES:
        return f"longer than {MAX_ID_BYTES} bytes"
    if keeps.first is not None and text[0] > keeps.first:
        return f"this server loses ids that begin with {text[0]!r}"
    if keeps.highest is not None and max(text) > keeps.highest:
        return f"this server misplaces ids with {max(text)!r}"
    return ""
