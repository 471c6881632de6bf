"""Reading the keys of relations out of instances; a loop over every row that an include loads."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from juggler.errors import InvalidValueError
from juggler.model.relations.kept import stored_value
from juggler.values.coerce import coercer
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable

Key = tuple[Any, ...]

#: Values of exactly this class are neutral already.
_EXACT: Final = {TypeKind.INTEGER: int, TypeKind.STRING: str}


def key_reader(
    model: Any, own: tuple[str, ...], target: Any, theirs: tuple[str, ...]
) -> Callable[[Any], Key | None]:
    """A function that reads a key of an instance as ``target`` has it; None for an empty one.

    Args:
        model: the class that most of the instances have.
        own: the properties to read.
        target: the model whose ``theirs`` they stand for.
        theirs: properties of ``target``, one for each of ``own``.
    """
    properties = target.__definition__.properties
    convert = [coercer(properties[name].type) if name in properties else _same for name in theirs]

    def read(instance: Any) -> Key | None:
        values = [stored_value(instance, name) for name in own]
        if any(value is None for value in values):
            return None
        try:
            return tuple(way(value) for way, value in zip(convert, values, strict=True))
        except InvalidValueError as error:
            raise error.at(f"{type(instance).__name__}.{', '.join(own)}") from None

    part = model.__codec__.part.get(own[0])
    exact = _EXACT.get(properties[theirs[0]].type.kind) if theirs[0] in properties else None
    if len(own) > 1 or exact is None or part is None or not part.slot:
        return read
    get = attrgetter(part.attribute)

    def read_one(instance: Any) -> Key | None:
        if instance.__class__ is model:
            try:
                value = get(instance)
            except AttributeError:  # it was not loaded
                return read(instance)
            if value.__class__ is exact:
                return (value,)
        return read(instance)

    return read_one


def _same(value: Any) -> Any:
    return value
