"""Keys of a codec: in any form as their tuple, in values, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.errors import ConfigurationError, InvalidQueryError, InvalidValueError
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from juggler.connector.results import Key, Row
    from juggler.model.codec.parts import Part
    from juggler.spec import ModelSpec

Values = dict[str, Any]
#: Types whose values are no other form of a key of one property.
_SCALARS = frozenset({str, int, UUID})


class Keys:
    """What a codec does with keys."""

    model: Any
    spec: ModelSpec
    part: dict[str, Part]
    renamed: dict[str, str]
    coerce_key: Callable[[Any], Key]
    key_of: Callable[[Row], Key]

    def coerce_key_slow(self, key: Any) -> Key:
        """A key in any form as its tuple; ``coerce_key`` is the same with a fast way in.

        Args:
            key: the value of a key of one property; a tuple in key order, a mapping, an instance.

        Raises:
            InvalidValueError: ``bad-key`` when parts are missing, null or too many.
            ConfigurationError: ``no-key`` when the model has none.
        """
        names = self.spec.key.names
        if not names:
            raise ConfigurationError(
                f"{self.spec.name} has no key", code="no-key", model=self.spec.name,
                hint="declare one: prop(id=True), or idInjection",
            )  # fmt: skip
        parts = self._key_parts(key, names)
        found = tuple(
            self.part[name].neutral(value) for name, value in zip(names, parts, strict=True)
        )
        if None in found or MISSING in found:
            raise self._bad_key(key, f"has no value for {names[_first_none(found)]!r}")
        return found

    def _key_parts(self, key: Any, names: tuple[str, ...]) -> Sequence[Any]:
        if isinstance(key, self.model):
            key = {name: key[name] for name in names}
        if isinstance(key, Mapping):
            given: dict[Any, Any] = {self.renamed.get(k, k): v for k, v in key.items()}
            strange = given.keys() - set(names)
            if strange:
                raise self._bad_key(
                    key, f"names {min(map(str, strange))!r}, which is no part of it"
                )
            return [given.get(name) for name in names]
        if isinstance(key, tuple | list):
            if len(key) != len(names):
                raise self._bad_key(key, f"has {len(key)} parts instead of {len(names)}")
            return key
        if len(names) > 1:
            raise self._bad_key(key, f"is one value instead of {len(names)}")
        return (key,)

    def _bad_key(self, key: Any, problem: str) -> InvalidValueError:
        names = self.spec.key.names
        form = ", ".join(names) if len(names) == 1 else f"({', '.join(names)})"
        return InvalidValueError(
            f"the key {key!r:.60} of {self.spec.name} {problem}",
            code="bad-key",
            hint=f"the key is {form}: a tuple in that order or a dict",
            field=next(iter(names), ""),
            model=self.spec.name,
        )

    def key_in(self, values: Mapping[str, Any]) -> Key | None:
        """The complete key in given values, None when a part is missing or null."""
        names = self.spec.key.names
        if len(names) == 1 and values.get(names[0]).__class__ in _SCALARS:
            return self.coerce_key(values[names[0]])
        if not names or any(values.get(name) is None for name in names):
            return None
        return self.coerce_key(tuple(values[name] for name in names))

    def without_key(self, changes: Mapping[str, Any]) -> Values:
        """The changes but for the key's properties."""
        if changes.keys().isdisjoint(self.spec.key.names):
            return dict(changes)
        return {name: value for name, value in changes.items() if name not in self.spec.key.names}

    def with_key_values(self, values: Mapping[str, Any], key: Key) -> Values:
        """Given values with the key's; other key values in them are refused."""
        mine = dict(zip(self.spec.key.names, key, strict=True))
        for name, value in mine.items():
            if values.get(name) is not None and self.part[name].neutral(values[name]) != value:
                raise self._key_change(name)
        return {**values, **mine}

    def same_key(self, row: Row, changes: Mapping[str, Any]) -> None:
        """Refuse changes of the key's properties.

        Raises:
            InvalidQueryError: ``key-change``.
        """
        if changes.keys().isdisjoint(self.spec.key.names):
            return
        for name, position in zip(self.spec.key.names, self.spec.key_positions, strict=True):
            if name in changes and changes[name] != row[position]:
                raise self._key_change(name)

    def _key_change(self, name: str) -> InvalidQueryError:
        return InvalidQueryError(
            f"the key property {name!r} of {self.spec.name} cannot change",
            code="key-change",
            hint="create the row under its new key and delete the old one",
            model=self.spec.name,
        )


def _first_none(values: Iterable[Any]) -> int:
    return next(i for i, value in enumerate(values) if value is None or value is MISSING)
