"""Models, plans of filters, and strategies for rows, filters and schemas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import strategies as st

from juggler.query import QuerySpec, ReadOptions, bind_order, bind_where, parse_order, parse_where
from juggler.query.normalise import normalise
from juggler.spec import FieldSpec, IndexSpec, KeySpec, ModelSpec, StoreSchema, ViewSpec
from juggler.values import TypeKind, TypeSpec, simple
from juggler_cassandra.declared import relation_of
from juggler_cassandra.planning import Planner
from juggler_cassandra.settings import CassandraSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import Plan

K = TypeKind
UTC = dt.UTC
DECLARED = StoreSchema(declared=True)


def field(name: str, kind: Any, **options: Any) -> FieldSpec:
    """A property; keywords that FieldSpec does not have are Cassandra options."""
    spec = kind if isinstance(kind, TypeSpec) else simple(TypeKind(kind))
    own = {k: options.pop(k) for k in ("storage_name", "unique", "generated") if k in options}
    hints = {"cassandra": options} if options else {}
    return FieldSpec(name, own.pop("storage_name", name), spec, hints=hints, **own)


def model(
    name: str,
    fields: Sequence[FieldSpec] | Mapping[str, Any],
    key: Sequence[str] = ("id",),
    clustering: Sequence[str] = (),
    indexes: Sequence[str | IndexSpec] = (),
    **more: Any,
) -> ModelSpec:
    """A model; ``-at`` in the clustering is descending, an index's text is its property."""
    if not isinstance(fields, list | tuple):
        fields = [field(n, kind) for n, kind in fields.items()]
    made = [
        i if isinstance(i, IndexSpec) else IndexSpec(f"{i}_index", ((i, "asc"),)) for i in indexes
    ]
    spec = KeySpec(
        tuple(key), tuple((c.lstrip("-"), "desc" if c[0] == "-" else "asc") for c in clustering)
    )
    return ModelSpec(name, more.pop("storage_name", name), tuple(fields), spec, tuple(made), **more)


def view(
    name: str, of: ModelSpec, key: Sequence[str], clustering: Sequence[str], fields: Any = ()
) -> ModelSpec:
    """A declared view with the base's missing key columns behind its own clustering."""
    named = [c.lstrip("-") for c in clustering]
    missing = [n for n in of.key.names if n not in (*key, *named)]
    made = model(name, of.fields, key, [*clustering, *missing])
    names = dict.fromkeys((*made.key.names, *(fields or of.names)))
    return evolve(
        made,
        fields=tuple(of.field[n] for n in names if n in of.field),
        view=ViewSpec(of.name, made.key, tuple(fields)),
    )


def with_views(base: ModelSpec, *views: ModelSpec) -> ModelSpec:
    """The base that knows its views."""
    return evolve(base, views=views)


def read_schema(*models: ModelSpec, **profile: Any) -> StoreSchema:
    """The schema as a server would have it: what the models declare, made."""
    relations = {}
    for one in models:
        for spec in (one, *one.views):
            info = relation_of(spec)
            base = next((m.storage_name for m in models if m.name == info.base), info.base)
            relations[spec.storage_name] = evolve(info, base=base)
    return StoreSchema(relations, profile)


def query(
    of: ModelSpec, where: Any = None, order: Any = (), limit: int | None = None, **more: Any
) -> QuerySpec:
    """A bound query; keywords are read options, ``skip`` and ``fields``."""
    bound = normalise(bind_where(of, parse_where(where or {})))
    terms = bind_order(of, parse_order(order)) if order else ()
    skip, fields = more.pop("skip", 0), more.pop("fields", None)
    return QuerySpec(of, bound, terms, fields, limit, skip, ReadOptions(**more))


def plan(of: ModelSpec, where: Any = None, order: Any = (), **more: Any) -> Plan:
    """The plan of a filter; ``schema`` and ``settings`` as keywords."""
    schema = more.pop("schema", DECLARED)
    settings = CassandraSettings(**more.pop("settings", {}))
    return Planner(settings).plan(query(of, where, order, **more), schema)


def texts(found: Plan) -> list[str]:
    """The CQL of a plan."""
    return [statement.text for statement in found.statements]


def params(found: Plan) -> list[tuple[Any, ...]]:
    """The values of a plan's statements."""
    return [tuple(statement.params) for statement in found.statements]


# ---------------------------------------------------------------- the tutorial

ALL_INFO = model(
    "allInfo",
    {
        "team": K.STRING,
        "league": K.STRING,
        "member": K.STRING,
        "zipCode": K.NUMBER,
        "registered": K.BOOLEAN,
    },
    ("team", "member"),
)
MEMBERS = view("members", ALL_INFO, ("team",), ("registered", "member"), ("zipCode",))
TEAMS = view("teams", ALL_INFO, ("league",), ("team", "member"))

# ---------------------------------------------------------------- one table of everything

_NAMES = {
    "tenant": K.STRING,
    "day": K.INTEGER,
    "at": K.DATETIME,
    "seq": K.INTEGER,
    "who": K.UUID,
    "kind": K.STRING,
    "n": K.NUMBER,
    "price": K.DECIMAL,
    "ok": K.BOOLEAN,
    "tags": TypeSpec(K.SET, of=simple(K.STRING), frozen=False),
    "props": TypeSpec(K.MAP, of=simple(K.STRING), frozen=False),
}
EVENTS = model("events", _NAMES, ("tenant", "day"), ("-at", "seq", "who"))
BY_KIND = view("events_by_kind", EVENTS, ("kind",), ("-at", "tenant"))
BY_NUMBER = view("events_by_n", EVENTS, ("tenant",), ("n", "day"), ("kind",))

_DAY = dt.datetime(2024, 5, 1, tzinfo=UTC)
DOMAINS: dict[str, list[Any]] = {
    "tenant": ["", "a", "b"],
    "day": [1, 2, 3],
    "at": [_DAY + dt.timedelta(milliseconds=n) for n in (0, 1, 86_400_000)],
    "seq": [0, 1, 2],
    "who": [
        __import__("uuid").UUID(text)
        for text in (
            "00000000-0000-1000-8000-000000000001",
            "00000001-0000-4000-8000-000000000000",
            "f0000000-0000-4000-8000-000000000000",
        )
    ],
    "kind": ["", "k", "kx", "l%"],
    "n": [-1, 0, 0.5, 2**53],
    "price": [__import__("decimal").Decimal(t) for t in ("0", "0.5", "0.50", "7")],
    "ok": [True, False],
}


def rows() -> st.SearchStrategy[tuple[Any, ...]]:
    """A row of EVENTS: keys from small domains, the rest also null."""
    keys = set(EVENTS.key.names)
    parts: list[Any] = []
    for name in EVENTS.names:
        if name == "tags":
            some = st.frozensets(st.sampled_from(["x", "y"]), max_size=2)
            parts.append(some.map(lambda s: s or None))
        elif name == "props":
            some_map = st.dictionaries(st.sampled_from(["c", "d"]), st.sampled_from(["1", "2"]))
            parts.append(some_map.map(lambda m: m or None))
        else:
            domain = st.sampled_from(DOMAINS[name])
            parts.append(domain if name in keys else st.none() | domain)
    return st.tuples(*parts)


def tables() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Rows with distinct keys."""
    at = EVENTS.key_positions
    return st.lists(rows(), max_size=14, unique_by=lambda row: tuple(row[i] for i in at))


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    """A condition on one path."""
    scalar = st.sampled_from(list(DOMAINS)).flatmap(_on)
    inside = st.one_of(
        st.sampled_from(["x", "y", "z"]).map(lambda v: {"tags": {"contains": v}}),
        st.sampled_from(["c", "d"]).map(lambda v: {"props": {"containsKey": v}}),
        st.sampled_from(["1", "2"]).map(lambda v: {"props": {"contains": v}}),
        st.sampled_from(["1", "2"]).map(lambda v: {"props.c": v}),
    )
    return st.one_of(scalar, scalar, scalar, scalar, inside)


def _on(name: str) -> st.SearchStrategy[dict[str, Any]]:
    value = st.sampled_from(DOMAINS[name])
    several = st.lists(value | st.none(), max_size=3)
    pair = st.tuples(value, value).map(list)
    choices: list[st.SearchStrategy[Any]] = [
        value, value, value, st.none(), several.map(lambda v: {"inq": v}),
        value.map(lambda v: {"neq": v}),
    ]  # fmt: skip
    if name == "who":
        choices += [value.map(lambda v: {"gt": v}), value.map(lambda v: {"lte": v})]
    else:
        words = st.sampled_from(["gt", "gte", "lt", "lte"])
        choices += [
            st.tuples(words, value).map(lambda t: {t[0]: t[1]}),
            pair.map(lambda v: {"between": v}),
        ]
    if name in {"tenant", "kind"}:
        choices += [
            st.sampled_from(["k%", "%x", "l\\%%", "k_", "%"]).map(lambda v: {"like": v}),
            st.just({"nlike": "k%"}),
        ]
    if name == "n":
        choices += [st.sampled_from([0.25, 2**60, 2**70, -(2**70)]).map(lambda v: {"gt": v})]
        choices += [st.sampled_from([1.5, 2**60, 2**70]).map(lambda v: {"lte": v})]
    if name == "day":
        choices += [st.sampled_from([2**63, -(2**70)]).map(lambda v: {"gt": v})]
    return st.one_of(choices).map(lambda form: {name: form})


def filters() -> st.SearchStrategy[dict[str, Any]]:
    """A filter: whole partitions, keys and indexed values often, and/or below."""
    partition = st.fixed_dictionaries(
        {
            "tenant": st.sampled_from(["", "a", "b"]),
            "day": st.sampled_from([1, 2, {"inq": [1, 2]}, {"inq": [3, 1, 2]}]),
        }
    )
    key = st.fixed_dictionaries(
        {name: st.sampled_from(DOMAINS[name]) for name in EVENTS.key.names[:4]},
        optional={"who": st.sampled_from(DOMAINS["who"])},
    )
    kind = st.fixed_dictionaries({"kind": st.sampled_from(["", "k", {"inq": ["k", "kx"]}])})
    numbered = st.fixed_dictionaries(
        {"tenant": st.sampled_from(["a", "b"]), "n": st.sampled_from([0, -1, {"gte": 0}])}
    )
    place = st.one_of(partition, partition, partition, key, kind, numbered)
    some = st.lists(conditions(), max_size=3).map(lambda parts: {"and": parts})
    placed = st.tuples(place, some).map(lambda t: {"and": list(t)})
    either = st.lists(placed, min_size=1, max_size=3).map(lambda parts: {"or": parts})
    both = st.tuples(placed, either).map(lambda t: {"and": list(t)})
    return st.one_of(some, placed, placed, placed, placed, either, both)


def orders() -> st.SearchStrategy[list[str]]:
    """Orders: often what the clustering gives."""
    free = st.lists(
        st.tuples(st.sampled_from(list(DOMAINS)), st.sampled_from(["ASC", "DESC"])).map(" ".join),
        max_size=3,
        unique_by=lambda term: term.split()[0],
    )
    given_ = st.sampled_from(
        [
            ["at DESC"], ["at ASC"], ["at DESC", "seq ASC"], ["at ASC", "seq DESC"],
            ["seq ASC"], ["day ASC", "at DESC"], ["tenant ASC", "day DESC"], ["who ASC"],
            ["at DESC", "day ASC", "seq ASC"], ["kind ASC", "at DESC"], [],
        ]
    )  # fmt: skip
    return st.one_of(free, given_, given_)


def indexes() -> st.SearchStrategy[tuple[IndexSpec, ...]]:
    """Some indexes of several kinds."""
    made = [
        ("n", {}), ("kind", {}), ("ok", {}), ("price", {}), ("seq", {}), ("day", {}), ("at", {}),
        ("kind", {"kind": "legacy"}), ("n", {"kind": "legacy"}), ("ok", {"kind": "legacy"}),
        ("kind", {"kind": "sasi"}), ("kind", {"case_sensitive": False}), ("tags", {}),
        ("props", {"target": "entries"}), ("props", {"target": "keys"}), ("props", {}),
    ]  # fmt: skip
    chosen = st.lists(st.sampled_from(range(len(made))), max_size=3, unique=True)

    def build(places: list[int]) -> tuple[IndexSpec, ...]:
        kept: dict[str, IndexSpec] = {}
        for place in places:
            name, options = made[place]
            kept.setdefault(
                f"{name}{options.get('target', '')}",
                IndexSpec(f"i{place}", ((name, "asc"),), options=options),
            )
        return tuple(kept.values())

    return chosen.map(build)
