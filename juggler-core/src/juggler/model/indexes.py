"""Declared indexes in all their forms: LoopBack's, and ``{"by_name": ("name", "-category")}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.spec import IndexSpec

if TYPE_CHECKING:
    from juggler.model.definition import PropertyDef


def parse_indexes(
    model: str, given: Any, properties: Mapping[str, PropertyDef], *, is_open: bool
) -> tuple[IndexSpec, ...]:
    """The indexes of a model.

    Args:
        model: the model's name.
        properties: its properties.
        given: name → a tuple of names (``"-name"`` is descending), a mapping name → 1 or -1, or
            ``{"keys": …, "options": {"unique": True}, …}``.
        is_open: whether an index may name undeclared properties.

    Raises:
        ConfigurationError: ``bad-index``.
    """
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        raise _bad(model, given)
    found = []
    for name, form in given.items():
        if not isinstance(name, str) or not name:
            raise _bad(model, name)
        found.append(_index(model, name, form))
    for index in found:
        for path, _ in index.keys:
            head = path.partition(".")[0]
            if head not in properties and not is_open:
                raise ConfigurationError(
                    f"{model}: the index {index.name!r} names {head!r}, which is no property",
                    code="bad-index",
                    hint=did_you_mean(head, properties),
                )
    return tuple(found)


def _index(model: str, name: str, form: Any) -> IndexSpec:
    options: dict[str, Any] = {}
    unique = False
    keys = form
    if isinstance(form, Mapping) and not _directions(form):
        options = (
            dict(form.get("options") or {}) if isinstance(form.get("options"), Mapping) else {}
        )
        options |= {
            k: v for k, v in form.items() if k not in {"keys", "columns", "options", "unique"}
        }
        unique = bool(options.pop("unique", False) or form.get("unique"))
        keys = form.get("keys", form.get("columns"))
    terms = _terms(keys)
    if not terms:
        raise _bad(model, form)
    return IndexSpec(name, tuple(terms), unique=unique, options=options)


def _directions(form: Mapping[Any, Any]) -> bool:
    return bool(form) and all(_direction(value) for value in form.values())


def _direction(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return {"1": "asc", "asc": "asc", "-1": "desc", "desc": "desc"}.get(str(value).lower(), "")


def _terms(keys: Any) -> list[tuple[str, Any]]:
    if isinstance(keys, Mapping):
        if not _directions(keys) or not all(isinstance(k, str) and k for k in keys):
            return []
        return [(name, _direction(value)) for name, value in keys.items()]
    if isinstance(keys, str):
        keys = [part.strip() for part in keys.split(",")]
    if not isinstance(keys, list | tuple):
        return []
    terms: list[tuple[str, Any]] = []
    for term in keys:
        text = term.strip() if isinstance(term, str) else ""
        name, _, word = text.partition(" ")
        descending = name.startswith("-")
        direction = "desc" if descending else _direction(word.strip() or "asc")
        if not name.lstrip("-") or not direction:
            return []
        terms.append((name[descending:], direction))
    return terms


def _bad(model: str, form: Any) -> ConfigurationError:
    return ConfigurationError(
        f"{model}: {form!r:.80} is no index",
        code="bad-index",
        hint='indexes={"by_name": ("name", "-category")} or {"by_name": {"keys": {"name": 1}}}',
    )
