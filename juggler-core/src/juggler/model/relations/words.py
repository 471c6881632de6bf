"""Words for relations: plural and singular, foreign keys, attribute names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet",
    "tooth": "teeth", "goose": "geese", "mouse": "mice", "ox": "oxen", "medium": "media",
    "datum": "data", "analysis": "analyses", "crisis": "crises", "quiz": "quizzes",
}  # fmt: skip
_SINGULAR = {many: one for one, many in _IRREGULAR.items()}
_SAME = frozenset({"sheep", "fish", "series", "species", "news", "equipment", "information"})
_ES = ("s", "x", "z", "ch", "sh")


def plural(word: str) -> str:
    """The plural of an English word, a word that is plural already as it is."""
    stem, last = _last_word(word)
    low = last.lower()
    if low in _SAME or low in _SINGULAR or singular(last) != last:
        return word
    if low in _IRREGULAR:
        return stem + _cased(last, _IRREGULAR[low])
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if low.endswith(_ES) else "s")


def singular(word: str) -> str:
    """The singular of an English word, a word that is singular already as it is."""
    stem, last = _last_word(word)
    low = last.lower()
    if low in _SAME or low in _IRREGULAR:
        return word
    if low in _SINGULAR:
        return stem + _cased(last, _SINGULAR[low])
    if low.endswith("ies") and len(low) > len("ties"):
        return word[:-3] + "y"
    if low.endswith(("sses", "xes", "zes", "ches", "shes", "uses")):
        return word[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _last_word(word: str) -> tuple[str, str]:
    """``userPerson`` → ``user``, ``Person``."""
    found = re.search(r"[A-Z]?[^A-Z_\-]*$", word)
    at = found.start() if found else 0
    return word[:at], word[at:]


def _cased(like: str, word: str) -> str:
    return word.capitalize() if like[:1].isupper() else word


def camel(name: str) -> str:
    """``BookShop``, ``book_shop``, ``book-shop`` → ``bookShop``."""
    first, *rest = [part for part in re.split(r"[^0-9A-Za-z\u0080-\uffff]+", name) if part] or [""]
    return first[:1].lower() + first[1:] + "".join(part[:1].upper() + part[1:] for part in rest)


def snake(name: str) -> str:
    """``BookShop``, ``bookShop``, ``book-shop`` → ``book_shop``."""
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    text = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", text)
    return re.sub(r"[^0-9A-Za-z\u0080-\uffff]+", "_", text).strip("_").lower()


def joined(parts: Iterable[str], *, typed: bool) -> str:
    """Names as one: ``book``, ``id`` → ``bookId``, of a typed class ``book_id``."""
    text = "_".join(snake(part) for part in parts)
    return text if typed else camel(text)


def key_names(base: str, parts: tuple[str, ...], *, typed: bool) -> tuple[str, ...]:
    """Foreign keys to a model: ``bookId``, and one for each part of a key of several properties."""
    if len(parts) == 1:
        return (joined((base, "id"), typed=typed),)
    return tuple(joined((base, part), typed=typed) for part in parts)


def list_name(base: str, *, typed: bool) -> str:
    """The property of a list of keys: ``tagIds``, of a typed class ``tag_ids``."""
    return joined((singular(base), "ids"), typed=typed)
