"""Rows as documents and back, for one model."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from juggler.errors import DecodeError, InvalidValueError
from juggler.spec import EXTRA
from juggler.values import MISSING
from juggler.values import TypeKind as K
from juggler_cloudant.capabilities import KEEPS, Keeps
from juggler_cloudant.ids import Ids
from juggler_cloudant.names import is_property
from juggler_cloudant.values import any_in, any_out, decoder, encoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from juggler.connector import Row
    from juggler.spec import FieldSpec, ModelSpec
    from juggler_cloudant.home import Home

    Document = dict[str, Any]

_JSON: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
#: Classes of values that need no conversion.
_AS_IS: Final[dict[K, frozenset[type]]] = {
    K.STRING: frozenset({str}),
    K.TEXT: frozenset({str}),
    K.INTEGER: frozenset({int}),
    K.NUMBER: frozenset({int, float}),
    K.FLOAT: frozenset({float}),
    K.BOOLEAN: frozenset({bool}),
}
_UNREADABLE = (ValueError, TypeError, ArithmeticError, AttributeError, KeyError)


@define(slots=False)
class Documents:
    """The documents of one model.

    A sole key property is the document's ``_id`` and stands nowhere else; the parts of a composite
    key are fields too, so that indexes can have them.  ``_rev`` may be declared to be read.
    """

    model: ModelSpec
    home: Home
    keeps: Keeps = KEEPS

    @cached_property
    def ids(self) -> Ids:
        """Keys as ids."""
        return Ids(self.model, self.home, self.keeps)

    @cached_property
    def _plain(self) -> list[tuple[str, str, Any, int]]:
        """(property, document field, encoder, row position) of what is a field."""
        keys = set(self.model.key.names) if self.ids.single else set()
        return [
            (f.name, f.storage_name, encoder(f.type), i)
            for i, f in enumerate(self.model.fields)
            if f.name != EXTRA and f.name not in keys and f.storage_name != "_rev"
        ]

    @cached_property
    def _known(self) -> frozenset[str]:
        """Fields that are no undeclared properties; one may have the name of another property."""
        stored = (stored for _, stored, _, _ in self._plain)
        return frozenset({*self._mark, *stored, *self.model.names})

    @cached_property
    def _mark(self) -> dict[str, str]:
        return self.home.mark

    # ------------------------------------------------------------ out

    def whole(self, doc_id: str, row: Sequence[Any]) -> Document:
        """The document of a whole row: every declared property is in it, null where None."""
        doc: Document = {"_id": doc_id, **self._mark}
        for name, stored, convert, at in self._plain:
            value = row[at]
            if value is not MISSING:
                doc[stored] = self._encoded(name, convert, value)
        if self.model.open and row[-1]:
            doc |= self._undeclared(row[-1])
        return doc

    def changed(self, doc: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
        """A copy of a document with new values of properties; everything else stays."""
        new = dict(doc)
        table = {name: (stored, convert) for name, stored, convert, _ in self._plain}
        for name, value in changes.items():
            if name in table:
                stored, convert = table[name]
                new[stored] = self._encoded(name, convert, value)
            elif name == EXTRA:
                new |= self._undeclared(value or {})
            elif name not in self.model.field:
                new |= self._undeclared({name: value})
        return new

    def tombstone(self, doc: Mapping[str, Any]) -> Document:
        """What a document is deleted with; it says of which model it was."""
        return {"_id": doc["_id"], "_rev": doc["_rev"], "_deleted": True, **self._mark}

    def _encoded(self, name: str, convert: Any, value: Any) -> Any:
        if value is None or convert is None:
            return value
        try:
            return convert(value)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise self._refused(name, str(error)) from error

    def _undeclared(self, values: Mapping[str, Any]) -> Document:
        for name in values:
            if name.startswith("_") or name == self.home.field or not name:
                raise self._refused(
                    name, "fields that begin with '_' and the model's name are not the rows'"
                )
        return {name: self._encoded(name, any_out, value) for name, value in values.items()}

    def _refused(self, name: str, why: str) -> InvalidValueError:
        return InvalidValueError(
            f"{self.model.name}.{name} cannot be stored: {why}",
            field=name,
            model=self.model.name,
            hint="a document holds JSON",
            connector="cloudant",
        )

    def text(self, doc: Document) -> str:
        """The document as JSON.

        Raises:
            InvalidValueError: something in it is no JSON: an ill-formed text, a number too long.
        """
        if self.keeps.largest is not None:
            self._bounded(doc, self.keeps.largest)
        try:
            text = _JSON.encode(doc)
            text.encode()
        except (ValueError, TypeError, UnicodeEncodeError, RecursionError) as error:
            raise InvalidValueError(
                f"a row of {self.model.name} cannot be stored: {error}",
                model=self.model.name,
                key=doc.get("_id"),
                hint="texts have to be well-formed Unicode, numbers finite",
                connector="cloudant",
            ) from error
        return text

    def _bounded(self, doc: Document, largest: int) -> None:
        if rounded := next((n for n in integers(doc) if abs(n) > largest), None):
            raise InvalidValueError(
                f"a row of {self.model.name} cannot be stored: the server would round {rounded}",
                model=self.model.name,
                key=doc.get("_id"),
                hint=f"integers up to {largest} are kept; larger ones as texts or decimals",
                connector="cloudant",
            )

    # ------------------------------------------------------------ in

    def mine(self, doc: Any) -> bool:
        """Whether a document that was read is there and of this model."""
        home = self.home
        return (
            doc.__class__ is dict
            and (doc.get(home.field) == home.name if home.field else _is_data(doc))
            and "_deleted" not in doc
            and (not home.prefixed or str(doc.get("_id", "")).startswith(self.ids.prefix))
        )

    def reader(self, fields: Sequence[str]) -> _Reader:
        """Reads rows of these fields."""
        found = self._readers.get(tuple(fields))
        if found is None:
            found = self._readers[tuple(fields)] = _Reader(self, fields)
        return found

    @cached_property
    def _readers(self) -> dict[tuple[str, ...], _Reader]:
        return {}

    def row(self, doc: Mapping[str, Any]) -> Row:
        """The whole row of a document."""
        return self.reader(self.model.names).row(doc)


def _is_data(doc: Mapping[str, Any]) -> bool:
    """Whether a document is none of the server's own."""
    return not str(doc.get("_id", "")).startswith("_")


class _Reader:
    """Rows of some fields out of documents."""

    def __init__(self, documents: Documents, fields: Sequence[str]) -> None:
        self.documents = documents
        self.model = documents.model
        single = documents.ids.single
        keys = self.model.key.names
        self.steps: list[Any] = []
        for name in fields:
            field = self.model.field[name]
            if name == EXTRA:
                self.steps.append(self._extra)
            elif single and name == keys[0]:
                self.steps.append(self._key)
            else:
                self.steps.append(_field(field))

    def row(self, doc: Mapping[str, Any]) -> Row:
        """The row of a document.

        Raises:
            DecodeError: a field is not what its property's type says.
        """
        try:
            return tuple([step(doc) for step in self.steps])
        except _UNREADABLE as error:
            raise DecodeError(
                f"document {doc.get('_id')!r:.80} is no row of {self.model.name}: {error!s:.200}",
                hint="somebody else wrote it; declare the property as any, or correct the document",
                model=self.model.name,
                key=doc.get("_id"),
                connector="cloudant",
            ) from error

    def _key(self, doc: Mapping[str, Any]) -> Any:
        return self.documents.ids.key(doc["_id"])[0]

    def _extra(self, doc: Mapping[str, Any]) -> Any:
        known = self.documents._known  # noqa: SLF001 - of this module
        found = {
            name: any_in(value)
            for name, value in doc.items()
            if name not in known and is_property(name)
        }
        return found or None


def _field(field: FieldSpec) -> Any:
    stored, convert = field.storage_name, decoder(field.type)
    if convert is None:
        return lambda doc: doc.get(stored)

    as_is = _AS_IS.get(field.type.kind, frozenset())

    def read(doc: Mapping[str, Any]) -> Any:
        value = doc.get(stored)
        if value is None or value.__class__ in as_is:
            return value
        try:
            return convert(value)
        except _UNREADABLE as error:
            msg = f"{field.name} is {value!r:.80}, which is no {field.type}"
            raise ValueError(msg) from error

    return read


def integers(data: Any) -> Iterator[int]:
    """All the integers in JSON, however deep."""
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, int):
            yield one
