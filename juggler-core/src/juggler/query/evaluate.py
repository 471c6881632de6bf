"""Evaluation of a bound tree on row tuples: one generated Python expression per shape of filter.

The constants of a filter are parameters of the expression, so filters that differ only in them
share the compiled code, which is kept in a cache.  The logic is two-valued (``Not`` is the exact
complement) and null-safe (an order comparison with null is false).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import InvalidQueryError
from juggler.query import _undeclared
from juggler.query._expression import Writer
from juggler.query.tree import All, Nothing, Where
from juggler.values.equality import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler.spec import ModelSpec

    Row = tuple[Any, ...]

_LONGEST_KEPT = 20_000
_BODIES = {
    "test": "    def run(r): return {}",
    "keep": "    def run(rows): return [r for r in rows if {}]",
    "count": "    def run(rows): return len([1 for r in rows if {}])",
}
_HELPERS = {
    "same": matches,
    "holds": _undeclared.holds,
    "dig": _undeclared.dig,
    "elements": _undeclared.elements,
}


@frozen
class Layout:
    """Which property stands where in a row tuple.

    Attributes:
        model: the rows' model.
        fields: names in the order of the tuple: some or all of the model's, with ``EXTRA`` where
            undeclared properties are asked for.
    """

    model: ModelSpec
    fields: tuple[str, ...]

    def position(self, name: str) -> int:
        """The place of a property in the tuple.

        Raises:
            InvalidQueryError: the rows do not have it (a plan left out what its residual needs).
        """
        model = self.model
        if self.fields == model.names and name in model.position:
            return model.position[name]
        try:
            return self.fields.index(name)
        except ValueError:
            raise InvalidQueryError(
                f"the rows of {model.name} that were read do not have {name!r}",
                code="field-not-read",
                hint="a plan's fields have to name what its residual and order need",
                model=model.name,
            ) from None


def predicate(layout: Layout, where: Where) -> Callable[[Row], bool]:
    """A function that says whether a row fulfils a bound tree."""
    if isinstance(where, All | Nothing):
        answer = isinstance(where, All)
        return lambda _: answer
    return _make("test", layout, where)


def select(layout: Layout, where: Where) -> Callable[[Iterable[Row]], list[Row]]:
    """A function that keeps the rows (the same tuples, in their order) that fulfil a bound tree."""
    if isinstance(where, All):
        return list
    if isinstance(where, Nothing):
        return lambda _: []
    return _make("keep", layout, where)


def counter(layout: Layout, where: Where) -> Callable[[Iterable[Row]], int]:
    """A function that counts the rows that fulfil a bound tree."""
    if isinstance(where, All):
        return lambda rows: sum(1 for _ in rows)
    if isinstance(where, Nothing):
        return lambda _: 0
    return _make("count", layout, where)


def _make(kind: str, layout: Layout, where: Where) -> Callable[[Any], Any]:
    writer = Writer(layout)
    expression = writer.write(where)
    run: Callable[[Any], Any] = compiled(kind, expression, len(writer.values))(*writer.values)
    return run


def compiled(kind: str, expression: str, size: int) -> Callable[..., Any]:
    """The factory of a function around an expression, from its ``size`` parameters."""
    compile_it = _compiled if len(expression) <= _LONGEST_KEPT else _compiled.__wrapped__
    return compile_it(kind, expression, size)


@lru_cache(maxsize=1024)
def _compiled(kind: str, expression: str, size: int) -> Callable[..., Any]:
    parameters = ", ".join(f"a{i}" for i in range(size))
    source = f"def make({parameters}):\n{_BODIES[kind].format(expression)}\n    return run\n"
    namespace: dict[str, Any] = dict(_HELPERS)
    # The text is made of positions and parameter names alone: no text of the user's gets into it.
    exec(compile(source, f"<filter {kind}>", "exec"), namespace)  # noqa: S102
    make: Callable[..., Any] = namespace["make"]
    return make
