"""The order and the fields of a filter, in all the forms that LoopBack and expressions have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import frozen

from juggler.query._refusal import MAX_LIST, check_path, invalid, too_long
from juggler.values._refusal import show

if TYPE_CHECKING:
    from juggler.query.spec import OrderTerm

_ORDER = "'name', 'name DESC', 'age DESC, name', ['age DESC', 'name'] or User.age.desc()"
_FIELDS = "['name', 'age'], {'name': True} to keep or {'secret': False} to leave out"
_DIRECTIONS: dict[str, Any] = {"asc": "asc", "desc": "desc"}
_TERM = 2


class Ordering(NamedTuple):
    """An order term: what ``User.age.desc()`` gives; a pair (path, ``asc`` or ``desc``)."""

    path: str
    direction: Any = "asc"


@frozen
class FieldsSel:
    """The properties to keep, or with ``exclude`` to leave out."""

    names: tuple[str, ...]
    exclude: bool = False


def parse_order(data: Any) -> tuple[OrderTerm, ...]:
    """An order in any form as terms (path, direction), the most significant first.

    Args:
        data: None, ``"a"``, ``"a DESC"``, ``"a DESC, b"``, a list of such texts, an expression's
            ``asc()`` or ``desc()``, an expression, a pair (path, direction), or a list of these.

    Raises:
        InvalidQueryError: another form, a direction other than asc and desc, surplus words.
    """
    if data is None:
        return ()
    if isinstance(data, list | tuple) and not _is_term(data):
        if len(data) > MAX_LIST:
            raise too_long("order", len(data))
        return tuple(term for part in data for term in _terms(part))
    return tuple(_terms(data))


def _is_term(data: Any) -> bool:
    return isinstance(data, Ordering) or (
        isinstance(data, tuple)
        and len(data) == _TERM
        and isinstance(data[0], str)
        and isinstance(data[1], str)
        and data[1].lower() in _DIRECTIONS
    )


def _terms(data: Any) -> list[OrderTerm]:
    if isinstance(data, str):
        return [_term(text) for text in data.split(",")] if data.strip() else []
    if _is_term(data):
        return [(check_path(data[0]), _DIRECTIONS[data[1].lower()])]
    ascending = getattr(data, "asc", None)  # an expression
    if callable(ascending) and not isinstance(data, type):
        return _terms(ascending())
    raise invalid(f"{show(data)} is no order", "bad-order", _ORDER)


def _term(text: str) -> OrderTerm:
    words = text.split()
    if not words or len(words) > _TERM:
        raise invalid(f"{show(text)} is no order", "bad-order", _ORDER)
    direction = words[1].lower() if len(words) == _TERM else "asc"
    if direction not in _DIRECTIONS:
        raise invalid(f"{show(words[1])} is no direction", "bad-order", "ASC or DESC")
    return (check_path(words[0]), _DIRECTIONS[direction])


def parse_fields(data: Any) -> FieldsSel | None:
    """A field selection in any form; None, ``[]`` and ``{}`` select everything.

    Args:
        data: a name, a list of names or expressions, a map of names to True (keep these) or to
            False (keep the others).

    Raises:
        InvalidQueryError: another form, or a map that mixes True and False.
    """
    if data is None or isinstance(data, FieldsSel):
        return data
    if isinstance(data, Mapping):
        return _fields_map(data)
    names = [data] if isinstance(data, str) or hasattr(data, "path") else data
    if not isinstance(names, list | tuple | set | frozenset):
        raise invalid(f"{show(data)} is no field list", "bad-fields", _FIELDS)
    if len(names) > MAX_LIST:
        raise too_long("fields", len(names))
    return _selection([_name(name) for name in names], exclude=False)


def _fields_map(data: Mapping[Any, Any]) -> FieldsSel | None:
    if len(data) > MAX_LIST:
        raise too_long("fields", len(data))
    wanted = set()
    for name, value in data.items():
        if not isinstance(value, bool) and (not isinstance(value, int) or value not in (0, 1)):
            raise invalid(
                f"{show(value)} for the field {show(name)} is no boolean", "bad-fields", _FIELDS
            )
        wanted.add(bool(value))
    if len(wanted) > 1:
        raise invalid(
            "fields has both names to keep and names to leave out", "mixed-fields", _FIELDS
        )
    return _selection([_name(name) for name in data], exclude=wanted == {False})


def _selection(names: list[str], *, exclude: bool) -> FieldsSel | None:
    return FieldsSel(tuple(dict.fromkeys(names)), exclude) if names else None


def _name(name: Any) -> str:
    return check_path(getattr(name, "path", name))
