"""The rules of materialized views, checked before the server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from juggler.values.types import TypeKind as K
from juggler_cassandra.types import column_type, is_static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.spec import ModelSpec

_NO_VIEW_KEYS: Final = frozenset({"duration", "counter"})


def view_problems(model: ModelSpec) -> Iterator[str]:
    """What keeps a view, or the views of a base table, from being made."""
    if model.view is not None:
        yield from _alone(model)
    names = {model.storage_name: model.name}
    for view in model.views:
        other = names.setdefault(view.storage_name, view.name)
        if other != view.name:
            yield f"view {view.name} has the name of {other}: tables and views share their names"
        yield from _of_base(view, model)


def _alone(view: ModelSpec) -> Iterator[str]:
    """What a view shows without its base."""
    if not view.key.partition:
        yield "a view needs a partition key: key=Key(partition=(…))"
    for name in ("default_time_to_live",):
        if name in view.options:
            yield f"a view has no {name}: rows live as long as in its base"
    for field in view.fields:
        if is_static(field):
            yield (
                f"{field.name} is static in its base, and a view has no static columns: list the "
                "others, fields=(…)"
            )


def _of_base(view: ModelSpec, base: ModelSpec) -> Iterator[str]:
    """What a view shows over its base."""
    if base.view is not None:
        yield f"view {view.name} is of {base.name}, a view itself: views are of tables"
        return
    if any(field.type.kind is K.COUNTER for field in base.fields):
        yield f"view {view.name} is of {base.name}, a table of counters, which has no views"
    keys = set(base.key.names)
    missing = [name for name in base.key.names if name not in view.key.names]
    if missing:
        yield f"view {view.name} lacks {', '.join(missing)} of its base's key in its own key"
    added = [name for name in view.key.names if name not in keys]
    if len(added) > 1:
        yield (
            f"the key of view {view.name} has {', '.join(added)} beside its base's key: only one "
            "such column is possible"
        )
    for name in added:
        yield from _added(view, base, name)
    for name in view.names:
        if name not in base.field:
            yield f"view {view.name} has {name}, which {base.name} does not have"


def _added(view: ModelSpec, base: ModelSpec, name: str) -> Iterator[str]:
    """The column that a view's key has beside its base's."""
    field = base.field.get(name)
    if field is None:
        yield f"the key of view {view.name} names {name}, which {base.name} does not have"
        return
    cql = column_type(base, field)
    if is_static(field):
        yield f"the key of view {view.name} has {name}, which is static in its base"
    elif not cql.is_scalar or cql.name in _NO_VIEW_KEYS or field.type.kind in {K.ANY, K.OBJECT}:
        yield f"the key of view {view.name} has {name} of type {cql}, which cannot be in a key"
