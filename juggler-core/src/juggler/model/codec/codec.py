"""A model's codec: instances and mappings ↔ rows of neutral values in the order of its fields.

The hot functions are generated (see ``generated.py``); what is written here is their slow side, and
the small steps that operations are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError, did_you_mean
from juggler.model import naming
from juggler.model.access import held, is_relation, related_values
from juggler.model.codec.generated import generate, shower
from juggler.model.codec.keys import Keys
from juggler.model.codec.partial import partial_decoder
from juggler.model.codec.parts import make_part, plain_copy
from juggler.model.codec.rules import Failure, validation_error
from juggler.model.deltas import apply_delta, is_delta, neutral_delta
from juggler.spec import EXTRA
from juggler.values.coerce import coercer
from juggler.values.equality import stores_same
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind, simple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from juggler.connector.results import Key, Row, Version
    from juggler.model.codec.parts import Part
    from juggler.model.definition import ModelDefinition
    from juggler.spec import ModelSpec

Values = dict[str, Any]


class Codec(Keys):
    """Everything between a model's instances and its rows.

    Args:
        model: the model class.
        spec: the model as the connector sees it; its fields are the order of rows.
        definition: its definition, embedded models resolved.
        inner: codec of each property's embedded model, by property.
        naive_utc: whether datetimes without zone are taken as UTC.
    """

    init: Callable[[Any, Mapping[str, Any]], None]
    decode: Callable[..., Any]
    decode_all: Callable[..., list[Any]]
    encode: Callable[[Any], Row]
    encode_map: Callable[[Mapping[str, Any]], Row]
    failures: Callable[[Row], list[Failure] | None]
    fill: Callable[[Any, Row], None]
    source: str
    has_rules: bool
    with_key: Callable[[Row, Key], Row]

    def __init__(
        self,
        model: Any,
        spec: ModelSpec,
        definition: ModelDefinition,
        inner: Mapping[str, Codec],
        *,
        naive_utc: bool = False,
    ) -> None:
        self.model = model
        self.spec = spec
        self.definition = definition
        self.strict_filter = definition.strict_filter
        self._extra = coercer(simple(TypeKind.OBJECT), naive_utc=naive_utc)
        self._plain = coercer(simple(TypeKind.ANY), naive_utc=naive_utc)
        slots = model.__slot_names__
        self.parts: tuple[Part, ...] = tuple(
            make_part(
                field,
                definition.properties[field.name],
                inner.get(field.name),
                slot=definition.properties[field.name].attribute in slots,
                naive_utc=naive_utc,
            )
            for field in spec.fields
            if field.name != EXTRA
        )
        self.part = {part.name: part for part in self.parts}
        self._showers = {part.name: (i, shower(part)) for i, part in enumerate(self.parts)}
        self.renamed = {p.attribute: p.name for p in self.parts if p.attribute != p.name}
        self._partial: dict[Any, Any] = {}
        absent = [
            p.attribute
            for p in definition.properties.values()
            if p.name not in self.part and p.attribute in slots
        ]
        self.absent = absent
        vars(self).update(generate(self, self.parts, absent))

    # ------------------------------------------------------------ called by generated code

    def load(self, instance: Any) -> Row:
        """The values of an instance of which not everything is loaded."""
        more = instance._more or {}
        return tuple(
            getattr(instance, part.attribute, MISSING)
            if part.slot
            else more.get(part.name, MISSING)
            for part in self.parts
        )

    def split(self, data: Mapping[str, Any]) -> tuple[Values, Values | None]:
        """Declared values and undeclared ones; a strict model refuses or drops the latter.

        Raises:
            InvalidValueError: ``unknown-property`` with a suggestion.
        """
        known: Values = {}
        extra: Values = {}
        for given, value in data.items():
            name = self.renamed.get(given, given)
            if name in self.part:
                known[name] = value
            elif is_relation(self.model, name):
                known.update(related_values(self.model, name, value))
            elif self.spec.open:
                extra[name] = value
            elif not self.strict_filter:
                raise self.unknown(name)
        return known, self.extra_neutral(extra) if extra else None

    def init_extra(self, instance: Any, data: Mapping[str, Any]) -> Values:
        """Put undeclared values into a new instance; the declared ones are returned."""
        known, extra = self.split(data)
        instance._extra = extra
        return known

    def extra_neutral(self, extra: Mapping[str, Any]) -> Values:
        """Undeclared values as JSON-like copies."""
        for name in extra:
            problem = naming.problem_of(name)
            if problem:
                raise InvalidValueError(
                    f"{self.spec.name} cannot keep a value under {name!r:.60}: {problem}",
                    code="property-name", field=str(name)[:60], model=self.spec.name,
                )  # fmt: skip
        found: Values = self._extra(extra)
        return found

    extra_copy = staticmethod(plain_copy)

    # ------------------------------------------------------------ embedded models

    def embed(self, value: Any) -> Values:
        """An embedded instance, or a mapping for one, as its neutral mapping."""
        if not isinstance(value, self.model):
            if not isinstance(value, Mapping):
                raise InvalidValueError(
                    f"{value!r:.60} is no {self.spec.name}",
                    code="not-an-object",
                    hint=f"a dict or an instance of {self.spec.name}",
                )
            value = self.model(value)
        row = self.encode(value)
        found = {
            part.name: None if item is MISSING else item
            for part, item in zip(self.parts, row, strict=False)
        }
        if self.spec.open and row[-1]:
            found.update(row[-1])
        return found

    def unfold(self, data: Mapping[str, Any]) -> Any:
        """A neutral mapping as an embedded instance, which remembers it."""
        instance = self.decode(self.row_of(data))
        instance._row = None
        instance._embedded = data
        return instance

    def remember(self, current: Any, value: Any) -> None:
        """Let embedded instances know that this is what is stored of them."""
        if isinstance(current, self.model):
            current._embedded = value
            for part in self.parts:
                if part.inner is not None and value.get(part.name) is not None:
                    part.inner.remember(getattr(current, part.attribute, None), value[part.name])
        elif isinstance(current, list):
            for one, stored in zip(current, value, strict=False):
                self.remember(one, stored)
        elif isinstance(current, dict):
            for name, one in current.items():
                self.remember(one, value.get(name))

    def adopt(self, instance: Any) -> None:
        """Let embedded instances know the one that they are in."""
        for part in self.parts:
            if part.inner is not None:
                for one in _instances(self._shown(instance, part)):
                    one._parent = instance
                    part.inner.adopt(one)

    @staticmethod
    def _shown(instance: Any, part: Part) -> Any:
        try:
            return held(instance, part)
        except AttributeError:  # not loaded
            return None

    def row_of(self, data: Mapping[str, Any]) -> Row:
        """A neutral mapping as a row."""
        row = tuple(data.get(part.name) for part in self.parts)
        if not self.spec.open:
            return row
        extra = {k: v for k, v in data.items() if k not in self.part}
        return (*row, extra or None)

    def check_embedded(self, data: Mapping[str, Any]) -> list[Failure] | None:
        """The failed rules of a neutral mapping."""
        return self.failures(self.row_of(data))

    # ------------------------------------------------------------ rows

    def decode_partial(
        self, fields: Sequence[str], wanted: Sequence[str] | None = None
    ) -> Callable[..., list[Any]]:
        """A function ``(rows, versions) → instances`` for rows of some fields.

        Args:
            fields: what the row tuples hold.
            wanted: the properties that the instances show, None for all of them.
        """
        shape = (tuple(fields), None if wanted is None else tuple(wanted))
        found = self._partial.get(shape)
        if found is None:
            found = self._partial[shape] = partial_decoder(self, *shape)
        return found

    def apply(self, row: Row, changes: Mapping[str, Any]) -> Row:
        """The row with changes of properties, undeclared ones included."""
        values = list(row)
        for name, change in changes.items():
            position = self.spec.position.get(name)
            if position is not None:
                old = values[position]
                values[position] = apply_delta(change, old) if is_delta(change) else change
            else:
                extra = dict(values[-1] or {})
                extra[name] = change
                values[-1] = extra
        return tuple(values)

    def changed(self, instance: Any, row: Row) -> Values:
        """What differs between an instance's stored row and ``row``; undeclared ones by name."""
        stored = instance._row
        found: Values = {}
        for part, old, new in zip(self.parts, stored, row, strict=False):
            if old is not new and new is not MISSING and not stores_same(old, new):
                found[part.name] = new
        if self.spec.open and stored[-1] is not MISSING:
            old_extra, extra = stored[-1] or {}, row[-1] or {}
            for name in {**old_extra, **extra}:
                if not stores_same(old_extra.get(name), extra.get(name)):
                    found[name] = extra.get(name)
        return found

    def settle(
        self,
        instance: Any,
        row: Row,
        version: Version | None,
        *,
        only: Mapping[str, Any] | None = None,
    ) -> None:
        """Make an instance show a row that is stored now.

        Args:
            instance: the instance.
            row: what is stored; MISSING where nothing is known.
            version: its version, None where the store has none.
            only: the properties that were written; others keep what the instance shows.
        """
        old = instance._row
        if old is not None and MISSING in row:
            row = tuple(o if n is MISSING else n for o, n in zip(old, row, strict=True))
        if only is None and MISSING not in row:
            self.fill(instance, row)
        else:
            self._show(instance, row, self.part if only is None else only)
        instance._row = row
        instance._version = version

    def forget(self, instance: Any) -> None:
        """Nothing is stored of an instance but its key: ``save`` finds out that the row is gone."""
        held_by = self.spec.key_positions
        instance._row = tuple(
            value if i in held_by else MISSING for i, value in enumerate(instance._row)
        )

    def _show(self, instance: Any, row: Row, names: Iterable[str]) -> None:
        """Make an instance show a part of a row."""
        showers = self._showers
        for name in names:
            if name in showers:
                position, show = showers[name]
                if row[position] is not MISSING:
                    show(instance, row[position])
        if self.spec.open and row[-1] is not MISSING:
            instance._extra = plain_copy(row[-1]) if row[-1] else None

    # ------------------------------------------------------------ values that a caller gives

    def given(self, data: Any) -> Values:
        """Given values by property name: out of a mapping or an instance.

        Raises:
            InvalidValueError: ``not-values`` for anything else.
        """
        if data.__class__ is dict or isinstance(data, Mapping):
            if not self.renamed:
                return dict(data)
            given: dict[Any, Any] = {self.renamed.get(k, k): v for k, v in data.items()}
            return given
        if isinstance(data, self.model):
            row = self.encode(data)
            values = {p.name: v for p, v in zip(self.parts, row, strict=False) if v is not MISSING}
            return {**values, **(data._extra or {})}
        raise InvalidValueError(
            f"{data!r:.60} is neither a mapping nor a {self.spec.name}",
            code="not-values",
            hint=f"{{'{self.parts[0].name if self.parts else 'name'}': …}}",
            model=self.spec.name,
        )

    def encode_patch(self, values: Mapping[str, Any]) -> Values:
        """Given values as neutral changes; dotted paths and deltas are kept as such."""
        found: Values = {}
        for given, value in values.items():
            name = self.renamed.get(given, given)
            part = self.part.get(name)
            if part is not None:
                if is_delta(value):
                    found[name] = neutral_delta(value, part)
                else:
                    found[name] = part.neutral(value if part.shape is None else part.shape(value))
            elif is_relation(self.model, name):
                found.update(self.encode_patch(related_values(self.model, name, value)))
            elif self.spec.open and not naming.problem_of(name):
                found[name] = self._plain(value)
            elif not self.strict_filter:
                raise self.unknown(name)
        return found

    def unknown(self, name: Any) -> InvalidValueError:
        """The error for a property that a strict model does not have."""
        return InvalidValueError(
            f"{self.spec.name} has no property {name!r:.60}",
            code="unknown-property",
            hint=did_you_mean(str(name)[:60], self.part),
            field=str(name)[:60],
            model=self.spec.name,
        )

    # ------------------------------------------------------------ rules

    def validate(self, row: Row) -> None:
        """Check a row by the definition's rules.

        Raises:
            ValidationError: with details in LoopBack's shape.
        """
        failed = self.failures(row)
        if failed:
            raise validation_error(self.spec.name, failed)

    def validate_patch(self, changes: Mapping[str, Any]) -> None:
        """Check changed properties by their rules.

        Raises:
            ValidationError: as :meth:`validate`.
        """
        row = [MISSING] * len(self.spec.fields)
        for name, value in changes.items():
            position = self.spec.position.get(name)
            if position is not None and not is_delta(value):
                row[position] = value
        self.validate(tuple(row))


def _instances(value: Any) -> list[Any]:
    """The embedded instances in a value of any depth."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [one for element in value for one in _instances(element)]
    return [value] if hasattr(type(value), "__definition__") else []
