"""The lazy query: immutable, reusable, runs when it is iterated, awaited or asked for a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from attrs import evolve, field, frozen

from juggler.errors import InvalidQueryError, NotFoundError, did_you_mean
from juggler.model.conditions import conjunction, filter_of, include_of
from juggler.model.link import link_of
from juggler.model.options import OPTION_NAMES, run
from juggler.query import Filter, parse_fields, parse_order
from juggler.query.unparse import filter_to_dict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping

    from juggler.model.aio import QueryAio
    from juggler.model.options import Fields, OrderBy, WhereOptions
    from juggler.model.results import Count, Explanation
    from juggler.model.stream import Stream
    from juggler.query import Condition, FieldsSel, OrderTerm, Where

M_co = TypeVar("M_co", covariant=True)

#: Options that hold for every request of a call, also for those that are no query.
_OF_THE_CALL = ("timeout", "consistency")


@frozen(eq=False, repr=False)
class Query(Generic[M_co]):
    """Rows of a model, not read yet: ``User.where(User.age > 30).order(User.name).limit(10)``.

    Its parts can be read as ``where_ order_ fields_ limit_ skip_ include_ options``; the methods of
    those names without the underscore give a new query.

    Attributes:
        model: the model class.
        filter: the parsed filter, not bound.
        options: how to run it (``allow_scan``, ``index``, ``timeout``, …).
    """

    model: type[M_co]
    filter: Filter = field(factory=Filter)
    options: Mapping[str, Any] = field(factory=dict)

    @classmethod
    def of(
        cls,
        model: Any,
        given: Any = None,
        /,
        *conditions: Any,
        where_only: bool = False,
        **options: Any,
    ) -> Query[Any]:
        """A query out of what an operation was given.

        Args:
            model: the model class.
            given: a filter (a mapping with ``where``, ``order``, …), a condition, a query or None.
            conditions: more conditions.
            where_only: whether a mapping is a where instead of a filter.
            options: parts and options of the query by keyword.

        Raises:
            InvalidQueryError: what is not understood, with a suggestion.
        """
        base = given if isinstance(given, Query) else None
        parsed = base.filter if base is not None else filter_of(model, given, where_only=where_only)
        query: Query[Any] = cls(model, parsed, base.options if base is not None else {})
        if conditions:
            query = query.where(*conditions)
        return query._with(options) if options else query

    def _with(self, options: Mapping[str, Any]) -> Query[M_co]:
        query = self
        rest: dict[str, Any] = {}
        for name, value in options.items():
            if name in _PARTS:
                query = query if value is None else _PARTS[name](query, value)
            else:
                rest[name] = value
        return query.using(**rest) if rest else query

    # ------------------------------------------------------------ parts

    @property
    def where_(self) -> Where:
        """The condition, not bound to the model."""
        return self.filter.where

    @property
    def order_(self) -> tuple[OrderTerm, ...]:
        """The terms of the order."""
        return self.filter.order

    @property
    def fields_(self) -> FieldsSel | None:
        """The properties to load, None for all."""
        return self.filter.fields

    @property
    def limit_(self) -> int | None:
        """Rows at most, None for all."""
        return self.filter.limit

    @property
    def skip_(self) -> int:
        """Rows left out at the beginning."""
        return self.filter.skip

    @property
    def include_(self) -> tuple[Any, ...]:
        """The relations to load."""
        return include_of(self.filter.include)

    # ------------------------------------------------------------ refining

    def _but(self, **changes: Any) -> Query[M_co]:
        return evolve(self, filter=evolve(self.filter, **changes))

    def where(self, *conditions: Condition | Mapping[str, Any]) -> Query[M_co]:
        """Only rows that also fulfil these conditions."""
        return self._but(where=conjunction(self.model, self.filter.where, conditions))

    def order(self, *terms: OrderBy) -> Query[M_co]:
        """In this order, which replaces an earlier one; null comes first, the key breaks ties."""
        given: Any = terms[0] if len(terms) == 1 else list(terms)
        return self._but(order=parse_order(given))

    def limit(self, rows: int | None) -> Query[M_co]:
        """At most this many rows; None for all, 0 for none."""
        return self._but(limit=filter_of(self.model, {"limit": rows}).limit)

    def skip(self, rows: int) -> Query[M_co]:
        """Without the first rows."""
        return self._but(skip=filter_of(self.model, {"skip": rows}).skip)

    def fields(self, *names: Fields) -> Query[M_co]:
        """With these properties loaded only."""
        given: Any = names[0] if len(names) == 1 else list(names)
        return self._but(fields=parse_fields(given))

    def include(self, *relations: Any) -> Query[M_co]:
        """With these relations loaded too."""
        return self._but(
            include=(*self.include_, *(r for one in relations for r in include_of(one)))
        )

    def using(self, **options: Unpack[WhereOptions]) -> Query[M_co]:
        """With options such as ``allow_scan=True`` or ``index="by_name"``.

        Raises:
            InvalidQueryError: ``unknown-option`` with a suggestion.
        """
        for name in options:
            if name not in OPTION_NAMES:
                model: Any = self.model
                condition = f"a condition is {model.__name__}.{name} == …, or {{'{name}': …}}"
                known = did_you_mean(name, OPTION_NAMES | _PARTS.keys())
                raise InvalidQueryError(
                    f"a query has no option {name!r}",
                    code="unknown-option",
                    hint=condition if name in model.__definition__.properties else known,
                )
        given = {k: v for k, v in options.items() if v is not None}
        return evolve(self, options={**self.options, **given})

    def unscoped(self) -> Query[M_co]:
        """The same without the model's default scope; its relations are loaded without theirs."""
        return self.using(unscoped=True)

    # ------------------------------------------------------------ results

    @property
    def _call(self) -> dict[str, Any]:
        options = self.options
        return {name: options[name] for name in _OF_THE_CALL if name in options}

    @property
    def aio(self) -> QueryAio[M_co]:
        """The asynchronous twins: ``await query.aio.count()``."""
        from juggler.model.aio import QueryAio  # noqa: PLC0415 - loads on first use

        return QueryAio(self)

    def all(self) -> list[M_co]:
        """All instances."""
        return run(link_of(self.model).sync.find(self), self._call)

    def first(self) -> M_co | None:
        """The first instance, None when there is none."""
        found: M_co | None = run(link_of(self.model).sync.find_one(self), self._call)
        return found

    def one(self) -> M_co:
        """The only instance.

        Raises:
            NotFoundError: there is none.
            InvalidQueryError: ``not-one`` when there are several.
        """
        return only(self, self.limit(2).all())

    def count(self) -> int:
        """How many rows fulfil the condition."""
        return run(link_of(self.model).sync.count(self), self._call)

    def exists(self) -> bool:
        """Whether any row fulfils the condition."""
        return run(link_of(self.model).sync.exists(self), self._call)

    def ids(self) -> list[Any]:
        """The keys: values of a key of one property, else tuples in key order."""
        return keys_of(self, self.fields(*key_names(self)).all())

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dicts."""
        return [instance.to_object() for instance in self.all()]  # type: ignore[attr-defined]

    def page(self, size: int, token: str | None = None) -> tuple[list[M_co], str | None]:
        """One page, and the token of the next; None after the last."""
        return run(link_of(self.model).sync.page(self, size, token), self._call)

    def pages(self, size: int, token: str | None = None) -> Iterator[list[M_co]]:
        """Page after page."""
        more = True
        while more:
            rows, token = self.page(size, token)
            if rows:
                yield rows
            more = token is not None

    def stream(self, page_size: int = 1000, *, resume: str | None = None) -> Stream[M_co]:
        """Instances one by one in bounded memory; ``.token`` goes on after a crash."""
        from juggler.model.stream import Stream  # noqa: PLC0415 - loads on first use

        return Stream(self, page_size, resume)

    def explain(self, *, analyze: bool = False) -> Explanation:
        """The plan: what the store does, what is left for Python, what it costs.

        Args:
            analyze: run the query too, and say what it did.
        """
        return run(link_of(self.model).sync.explain(self, analyze=analyze), self._call)

    def update_all(self, values: Mapping[str, Any], /, *, all: bool = False) -> Count:
        """Change properties of every row that fulfils the condition.

        Raises:
            InvalidQueryError: without a condition, unless ``all=True``.
        """
        return run(link_of(self.model).sync.update_all(self, values, all=all), self._call)

    def delete_all(self, *, all: bool = False) -> Count:
        """Delete every row that fulfils the condition.

        Raises:
            InvalidQueryError: without a condition, unless ``all=True``.
        """
        return run(link_of(self.model).sync.delete_all(self, all=all), self._call)

    # ------------------------------------------------------------ Python's own

    def to_dict(self) -> dict[str, Any]:
        """The filter as a JSON-able dict."""
        return filter_to_dict(self.filter)

    def __iter__(self) -> Iterator[M_co]:
        return iter(self.all())

    def __aiter__(self) -> AsyncIterator[M_co]:
        return self.stream().__aiter__()

    def __await__(self) -> Generator[Any, None, list[M_co]]:
        return self.aio.all().__await__()

    def __bool__(self) -> bool:
        raise InvalidQueryError(
            "a query has no truth value", code="truth-value", hint="ask it: query.exists()"
        )

    def __repr__(self) -> str:
        options = "".join(f" {k}={v!r}" for k, v in self.options.items())
        return f"<query {self.model.__name__} {self.to_dict()}{options}>"


def only(query: Query[M_co], found: list[M_co]) -> M_co:
    """The one instance of at most two."""
    name = query.model.__name__
    if not found:
        raise NotFoundError(
            f"no {name} fulfils the condition", hint="first() gives None", model=name
        )
    if len(found) > 1:
        raise InvalidQueryError(
            f"more than one {name} fulfils the condition",
            code="not-one",
            hint="narrow the condition, or take first()",
            model=name,
        )
    return found[0]


def key_names(query: Query[Any]) -> tuple[str, ...]:
    """Names of the properties of the key."""
    names: tuple[str, ...] = query.model.__definition__.ids
    return names


def keys_of(query: Query[Any], found: list[Any]) -> list[Any]:
    """The keys of instances."""
    names = key_names(query)
    if len(names) == 1:
        return [instance[names[0]] for instance in found]
    return [tuple(instance[name] for name in names) for instance in found]


_PARTS: dict[str, Any] = {
    "where": Query.where,
    "order": Query.order,
    "limit": Query.limit,
    "skip": Query.skip,
    "fields": Query.fields,
    "include": Query.include,
}
