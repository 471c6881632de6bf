"""Seeded bugs: hooks, relations and include, in the store and in the layers that stand on it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve
from bugs_support import Rewriting, bug, patched_bug, rewrite

from juggler.connector import hookimpl
from juggler.datasource._schemas import declared_schema
from juggler.model.relations import scoping, through
from juggler.model.relations.kept import keep
from juggler.operations import _lifecycle, _loaders, include, on_delete, related
from juggler.operations._lifecycle import Life
from juggler.query.tree import TRUE, Cmp, In, IsNull, Not, Or, all_of, conjuncts
from juggler_memory import MemoryConnector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READS = ("related_rows_are_the_right_ones", "include_is_what_each_would_answer")
_SCOPE = ("links_go_with_their_rows", "writes_in_a_scope_stay_in_it")
_JOINS = ("links_go_with_their_rows", "rows_enter_and_leave_a_relation")
_INCLUDE = ("include_is_what_each_would_answer", "include_goes_on")


@contextmanager
def _instead(owner: Any, name: str, other: Any) -> Iterator[None]:
    """Something else in the place of a function, of a class, a module or a table."""
    table = isinstance(owner, dict)
    before = owner[name] if table else vars(owner)[name]
    put = owner.__setitem__ if table else partial(setattr, owner)
    put(name, other)
    try:
        yield
    finally:
        put(name, before)


def _replaced(owner: Any, name: str, *kills: str) -> Callable[[Any], Any]:
    """Register a function as a bug that stands in the place of another; it gets that one first."""

    def register(function: Any) -> Any:
        before = owner[name] if isinstance(owner, dict) else vars(owner)[name]

        def other(*args: Any, **options: Any) -> Any:
            return function(before, *args, **options)

        words = "".join(word.capitalize() for word in function.__name__.split("_"))
        patched_bug(words, *kills)(lambda: _instead(owner, name, other))
        return function

    return register


# ---------------------------------------------------------------- the store


class _Rewriting(Rewriting):
    @hookimpl
    def plan(self, query: Any, schema: Any) -> Any:
        return self.wrong(query, schema)


@bug("include_of_many_rows", *_INCLUDE)
class LongListsAreCut(_Rewriting):
    """A list of keys has room for 200, the others are left out."""

    def change(self, node):
        return In(node.path, node.values[:200]) if isinstance(node, In) else None


@bug(*_READS)
class TheLastConditionIsForgotten(_Rewriting):
    """Of a foreign key and its type only the first is compared."""

    def condition(self, where):
        parts = conjuncts(where)
        equal = [part for part in parts if isinstance(part, Cmp) and part.op == "eq"]
        return all_of(*(p for p in parts if p is not equal[-1])) if len(equal) > 1 else where


@bug("conditions_on_related_rows")
class NotInForgetsNull(_Rewriting):
    """What has no key is not outside of a list of keys."""

    def change(self, node):
        match node:
            case Not(In(path)) | Cmp(path, "ne"):
                return all_of(node, Not(IsNull(path)))
            case _:
                return None


@bug(*_SCOPE, "deletes_follow_the_rule")
class DeletesTakeTheUnowned(MemoryConnector):
    """A delete by a key takes the rows without a key along."""

    @hookimpl
    def write_where(self, model, plan, change, ctx):
        def wider(node):
            keyed = isinstance(node, Cmp) and node.path in {"ownerId", "lineOf", "imageableId"}
            return Or((node, IsNull(node.path))) if keyed else None

        if change.kind == "delete":
            query = plan.query
            where = rewrite(query.where, wider)
            plan = super().plan(evolve(query, where=where), declared_schema([model]))
        return super().write_where(model, plan, change, ctx)


# ---------------------------------------------------------------- hooks


@_replaced(Life, "persist", "changes_of_hooks_are_stored_and_returned")
async def what_persist_says_is_ignored(before, self, values):
    await before(self, values)
    return dict(values)


@_replaced(Life, "fire", "hooks_run_in_the_order_of_the_matrix")
async def hooks_run_twice(before, self, *names):
    await before(self, *names)
    if "after_save" in names:
        await before(self, *names)


@_replaced(Life, "fire", "a_failing_hook_leaves_nothing_behind")
async def errors_of_hooks_are_swallowed(before, self, *names):
    with suppress(Exception):
        await before(self, *names)


@_replaced(Life, "access", "access_hooks_narrow_every_question")
async def access_is_only_told(before, self, query):
    await before(self, query)
    return query


@_replaced(Life, "read", "loaded_hooks_change_what_is_shown")
async def what_is_read_has_no_hooks(before, self, instances):
    del before, self
    return instances


@_replaced(_lifecycle, "check", "rules_hold_for_every_write")
async def rules_are_for_instances_alone(before, instance, row, ops):
    if instance._row is not None:
        await before(instance, row, ops)


@_replaced(Life, "check", "hooks_run_in_the_order_of_the_matrix")
async def validation_comes_before_saving(before, self, instance, *, is_new, validate=True):
    fire, held = self.fire, []

    async def later(*names):
        if names == ("before_save",):
            held.append(names)
            return
        await fire(*names)
        if names == ("after_validate",) and held:
            await fire(*held.pop())

    with _instead(Life, "fire", lambda _, *names: later(*names)):
        return await before(self, instance, is_new=is_new, validate=validate)


# ---------------------------------------------------------------- relations


@_replaced(scoping, "typed", *_READS, *_SCOPE)
def types_of_polymorphic_rows_are_ignored(before, relation):
    del before, relation
    return TRUE


@_replaced(scoping, "forced", *_JOINS)
def given_keys_win(before, relation, instance, data):
    values = before(relation, instance, {n: v for n, v in data.items() if n != "ownerId"})
    return {**values, **data}


@_replaced(scoping, "check_values", "keys_cannot_leave_by_update")
def keys_are_values_like_others(before, relation, values):
    del before, relation, values


@_replaced(through.ThroughHandle, "_links", *_JOINS)
def removing_forgets_whose_it_is(before, self, *keys):
    query = before(self, *keys)
    names = [name for _, name in self._joining.other]
    return type(query)(query.model).where(through._one_of(names, list(keys))) if keys else query


@_replaced(through.ThroughHandle, "_delete", *_SCOPE)
async def links_are_left_behind(before, self, ops, query):
    class Deaf:
        def __init__(self, target):
            self.target = target

        def __getattr__(self, name):
            return getattr(self.target, name)

        async def delete_all(self, *args, **options):
            return None

    def heard(model):
        return Deaf(ops(model)) if model is self._joining.model else ops(model)

    return await before(self, heard, query)


@_replaced(on_delete, "rules", "deletes_follow_the_rule")
def rules_of_deletes_are_forgotten(before, model):
    return [rule for rule in before(model) if rule.options["onDelete"] != "nullify"]


@_replaced(related, "one_of", "conditions_on_related_rows", *_READS)
def the_last_key_is_lost(before, names, keys):
    keys = list(keys)
    return before(names, keys[:-1] if len(keys) > 1 else keys)


# ---------------------------------------------------------------- include


@_replaced(_loaders.Task, "slice", "limits_are_for_each")
def limits_are_forgotten(before, self, rows_):
    del before, self
    return rows_


@_replaced(_loaders._LOADERS, "hasMany", "limits_are_for_each")
async def the_limit_is_for_all(before, task, instances):
    fetch = task.fetch

    class Limited:
        def __getattr__(self, name):
            return getattr(task, name)

        async def fetch(self, query, names, keys, *, limited=False):
            found, hidden = await fetch(query, names, keys, limited=limited)
            end = None if query.limit_ is None else query.skip_ + query.limit_
            return found[:end], hidden

    await before(Limited(), instances)


@_replaced(_loaders, "hide", "include_strips_what_it_added")
def keys_are_shown(before, instances, names):
    del before, instances, names


@_replaced(_loaders.Task, "finish", "include_goes_on")
async def nested_includes_end(before, self, instances, hidden):
    del before, self, instances, hidden


@_replaced(_loaders, "_chunks", "include_asks_once_for_a_relation", "include_of_many_rows")
def each_key_is_asked_alone(before, keys):
    del before
    return [[key] for key in keys]


@_replaced(_loaders._LOADERS, "referencesMany", *_INCLUDE)
async def lists_lose_their_order(before, task, instances):
    await before(task, instances)
    for instance in instances:
        loaded = getattr(instance, task.relation.name).loaded
        query = task.node.query
        if loaded and (query is None or not query.order_):
            keep(instance, task.relation, sorted(loaded, key=lambda one: one["id"]))


@_replaced(include, "check", "wrong_includes_are_refused")
def scopes_are_not_looked_at(before, nodes):
    del before, nodes
