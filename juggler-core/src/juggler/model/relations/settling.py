"""Foreign keys of relations, added as soon as the models of both sides are there."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from juggler.errors import ConfigurationError
from juggler.model.relations.resolve import names, relation

_waiting: weakref.WeakSet[Any] = weakref.WeakSet()
_busy = threading.local()
#: What waits for another model; every other mistake is raised where it is made.
_LATER = frozenset({"unresolved-model", "not-attached", "ambiguous-model"})


def settle(model: Any) -> None:
    """Resolve a model's relations and those that waited for it.

    A relation whose other model is not there yet is left for later.  Keys that a data source gives
    their type are waited for, too.

    Raises:
        ConfigurationError: ``missing-key`` and other mistakes of a definition.
    """
    if getattr(_busy, "now", False):
        return
    if not names(model) and not _waiting:
        return
    _busy.now = True
    try:
        if names(model):
            _waiting.add(model)
        for one in list(_waiting):
            _waiting.discard(one)  # one that is wrong is not tried again
            if not one.__replaced__ and not _settled(one):
                _waiting.add(one)
    finally:
        _busy.now = False


def _settled(model: Any) -> bool:
    """Resolve all of a model's relations; whether none has to wait."""
    if model.__definition__.abstract:
        return True
    if model.__link__ is None:
        return False
    done = True
    for name in names(model):
        try:
            found = relation(model, name)
        except ConfigurationError as error:
            if error.code not in _LATER:
                raise
            done = False
            continue
        through = found.through.model if found.through is not None else None
        if any(m is not None and m.__link__ is None for m in (found.target, through)):
            done = done and found.kind.embedded
    return done
