"""What every instance can do without a store: values, changes, JSON, display."""

from __future__ import annotations

import html
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from juggler.errors import InvalidValueError
from juggler.model import naming
from juggler.model.access import held, hold, is_relation, no_attribute, not_loaded
from juggler.model.codec.parts import plain_copy
from juggler.model.equality import equal, hashed
from juggler.model.hooks import initialize
from juggler.model.names import INSTANCE_ALIASES, update_attribute
from juggler.values.equality import stores_same
from juggler.values.jsonable import to_jsonable
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from juggler.model.codec.codec import Codec
    from juggler.model.codec.parts import Part

_LONGEST = 60


class Instance:
    """Values of a row, as attributes and as items.

    Stored rows are equal when their keys are, and may be in sets; new and embedded instances are
    equal when their values are.
    """

    __slots__ = (
        "__weakref__",
        "_embedded",
        "_errors",
        "_extra",
        "_more",
        "_parent",
        "_rel",
        "_row",
        "_version",
    )

    if TYPE_CHECKING:
        __codec__: ClassVar[Codec]
        __link__: ClassVar[Any]
        _row: Any
        _version: str | None
        _extra: dict[str, Any] | None
        _more: dict[str, Any] | None
        _rel: dict[str, Any] | None
        _embedded: dict[str, Any]
        _parent: Any

    else:

        def __init__(self, data: Any = None, /, **values: Any) -> None:
            if data.__class__ is dict and not values:
                values = data  # nobody changes it
            elif data is not None:
                values = {**_mapping(self, data), **values}
            cls = type(self)
            if cls.__initialized__:
                initialize(self, dict(values))
            else:
                cls.__codec__.init(self, values)

        def __getattr__(self, name: str) -> Any:
            raise_for_attribute = _missing_attribute(self, name)
            if isinstance(raise_for_attribute, AttributeError):
                raise raise_for_attribute
            return raise_for_attribute.value

    @property
    def __parent__(self) -> Any:
        """The instance that an embedded one is in, where the model says ``parentRef``."""
        return getattr(self, "_parent", None)

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and equal(self, other, plain_values))

    def __hash__(self) -> int:
        return hashed(self)

    # ------------------------------------------------------------ items

    def __getitem__(self, name: str) -> Any:
        """The value of a property by its own name, undeclared ones of open models included."""
        part = self.__codec__.part.get(name)
        if part is not None:
            return held(self, part)
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        if self.__codec__.spec.open and isinstance(name, str):
            return None
        raise self.__codec__.unknown(name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a property by its own name; an open model keeps undeclared ones in ``extra``."""
        part = self.__codec__.part.get(name)
        if part is not None:
            hold(self, part, value)
        elif is_relation(type(self), name):
            setattr(self, name, value)
        elif self.__codec__.spec.open:
            self.extra[name] = value
        else:
            raise self.__codec__.unknown(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a property, declared or kept."""
        return name in self.__codec__.part or (self._extra is not None and name in self._extra)

    __iter__ = None

    @property
    def extra(self) -> dict[str, Any]:
        """Undeclared properties that an open model keeps, to read and to change.

        A strict model has none: what is put here is refused when the instance is saved.
        """
        if self._extra is None:
            self._extra = {}
        return self._extra

    # ------------------------------------------------------------ changes

    @property
    def is_new(self) -> bool:
        """Whether the instance was neither read from a store nor written to one."""
        return stored_row(self) is None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What differs from the stored row: ``{"age": (41, 42)}``, stored value first.

        Of a new instance, every value that is set.
        """
        found: dict[str, tuple[Any, Any]] = {}
        for part, stored, current in _stored_and_current(self):
            if not stores_same(stored, current):
                found[part.name] = (_shown(part, stored), _shown(part, current))
        old, new = _stored_extra(self), self._extra or {}
        for name in {**old, **new}:
            if not stores_same(old.get(name), new.get(name)):
                found[name] = (plain_copy(old.get(name)), plain_copy(new.get(name)))
        return found

    def property_changed(self, name: str) -> bool:
        """Whether a property differs from the stored row.

        Raises:
            InvalidValueError: ``unknown-property``.
        """
        codec = self.__codec__
        if name not in codec.part and not codec.spec.open:
            raise codec.unknown(name)
        return name in self.changes

    def reset(self) -> None:
        """Give every property its stored value again; a new instance gets its defaults."""
        codec = self.__codec__
        stored = stored_row(self)
        if stored is None:
            codec.init(self, {})
            return
        for part, value in zip(codec.parts, stored, strict=False):
            if value is not MISSING:
                shown = value if value is None or part.copy is None else part.copy(value)
                hold(self, part, shown)
        self._extra = plain_copy(_stored_extra(self)) or None

    # ------------------------------------------------------------ plain data

    def to_object(self, *, only_schema: bool = False) -> dict[str, Any]:
        """The values as a dict of coerced Python values; embedded and loaded instances as dicts.

        Args:
            only_schema: leave out undeclared properties and loaded relations.

        Raises:
            InvalidValueError: a value does not fit its property.
        """
        found = plain_values(self, only_schema=only_schema)
        if self._rel and not only_schema:
            found.update(_relations(self, lambda one: one.to_object()))
        return found

    def to_json(self) -> dict[str, Any]:
        """The values as JSON-able data, without hidden properties (nested: nor protected ones)."""
        return _json(self, top=True)

    # ------------------------------------------------------------ display

    def __repr__(self) -> str:
        cls = type(self)
        shown = ", ".join(f"{name}={text}" for name, text in _texts(self))
        state = "new " if self._row is None and cls.__link__ is not None else ""
        return f"<{state}{cls.__name__} {shown}>"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        rows = "".join(
            f"<tr><th align='left'>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
            for name, text in _texts(self)
        )
        return f"<table><caption>{html.escape(type(self).__name__)}</caption>{rows}</table>"


def plain_values(instance: Any, *, only_schema: bool = False) -> dict[str, Any]:
    """The values of an instance by property, without relations."""
    codec = instance.__codec__
    found: dict[str, Any] = {}
    for part, value in zip(codec.parts, codec.encode(instance), strict=False):
        if value is not MISSING:
            found[part.name] = set(value) if value.__class__ is frozenset else value
    if not only_schema and instance._extra:
        found.update(codec.extra_neutral(instance._extra))
    return found


def _json(instance: Any, *, top: bool) -> dict[str, Any]:
    data = plain_values(instance)
    strip_hidden(data, instance.__codec__, top=top)
    found: dict[str, Any] = to_jsonable(data)
    if instance._rel:
        found.update(_relations(instance, lambda one: _json(one, top=False)))
    return found


def _relations(instance: Any, plain: Any) -> Any:
    from juggler.model.relations.kept import shown  # noqa: PLC0415 - loads with relations

    return shown(instance, plain)


class _Found:
    def __init__(self, value: Any) -> None:
        self.value = value


def _missing_attribute(instance: Any, name: str) -> Any:
    """What ``__getattr__`` answers: an AttributeError, or a value found elsewhere."""
    cls = type(instance)
    if (name.startswith("__") and name.endswith("__")) or name in naming.STATE:
        return AttributeError(name)
    canonical = INSTANCE_ALIASES.get(name)
    if canonical is not None:
        return _Found(getattr(instance, canonical))
    if name == "update_attribute":
        return _Found(update_attribute(instance))
    if name == "is_new_record":
        return _Found(lambda: instance.is_new)
    definition = cls.__definition__
    for prop in definition.properties.values():
        if prop.attribute == name:
            return not_loaded(cls, name)
    if name == "id" and definition.ids:
        parts = {n: instance[n] for n in definition.ids}
        return _Found(parts if len(parts) > 1 else next(iter(parts.values())))
    extra = instance._extra
    if extra is not None and name in extra:
        return _Found(extra[name])
    if name.startswith("_"):  # what notebooks and debuggers ask for
        return AttributeError(name)
    known = {p.attribute for p in definition.properties.values()}
    return no_attribute(cls, name, known | {n for n in dir(cls) if not n.startswith("_")})


def _mapping(instance: Any, data: Any) -> Mapping[str, Any]:
    if data.__class__ is dict or isinstance(data, Mapping):
        return data
    if isinstance(data, Instance):
        return plain_values(data)
    name = type(instance).__name__
    one = f"{name}(name=…) or {name}({{'name': …}})"
    several = f"several rows: {name}.create_all([{{…}}, {{…}}])"
    raise InvalidValueError(
        f"{data!r:.60} is no mapping of values for {name}",
        code="not-values",
        hint=several if isinstance(data, list | tuple) else one,
        model=name,
    )


def _stored_and_current(instance: Any) -> Any:
    """Per loaded property: part, stored neutral value, current value (neutral where it fits)."""
    codec = instance.__codec__
    stored: Any = stored_row(instance) or (None,) * len(codec.parts)
    for part, old in zip(codec.parts, stored, strict=False):
        current = _loaded(instance, part)
        if current is MISSING or (old is MISSING and current is None):
            continue
        with suppress(InvalidValueError):  # a value that does not fit is shown as it is
            current = part.neutral(current)
        yield part, None if old is MISSING else old, current


def _loaded(instance: Any, part: Part) -> Any:
    """What an instance holds for a property, MISSING when it is not loaded."""
    try:
        return held(instance, part)
    except AttributeError:
        return MISSING


def _stored_extra(instance: Any) -> dict[str, Any]:
    row = stored_row(instance)
    if row is None or not instance.__codec__.spec.open or row[-1] is MISSING:
        return {}
    return row[-1] or {}


def stored_row(instance: Any) -> Any:
    """What is stored of an instance, None of a new one; an embedded one remembers its mapping."""
    if instance._row is not None:
        return instance._row
    data = getattr(instance, "_embedded", None)
    return None if data is None else instance.__codec__.row_of(data)


def _shown(part: Part, value: Any) -> Any:
    """A neutral value as an instance would hold it; others as they are."""
    if value is None or part.copy is None:
        return value
    try:
        return part.copy(value)
    except (TypeError, AttributeError, ValueError):
        return value


def strip_hidden(data: dict[str, Any], codec: Codec, *, top: bool) -> None:
    """Take hidden properties out of plain data, and protected ones out of what is nested."""
    for part in codec.parts:
        if part.prop.hidden or (part.prop.protected and not top):
            data.pop(part.name, None)
        elif part.inner is not None and data.get(part.name) is not None:
            for nested in _dicts(data[part.name]):
                strip_hidden(nested, part.inner, top=False)


def _dicts(value: Any) -> Any:
    """The mappings of embedded instances in a value of any depth."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from _dicts(element)


def _texts(instance: Any) -> list[tuple[str, str]]:
    """Name and short text of each property that is loaded and not hidden."""
    found = []
    for part in instance.__codec__.parts:
        prop = part.prop
        value = _loaded(instance, part)
        if value is MISSING or (prop.injected and value is None):
            continue
        text = "…" if prop.hidden else repr(value)
        found.append((prop.name, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"))
    for name, value in (instance._extra or {}).items():
        found.append((name, f"{value!r:.60}"))
    return found
