"""The negative machine: what a connector does not claim is refused, unsent, and changes nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from juggler.connector.capabilities import UNDECLARED
from juggler.errors import CapabilityError, JugglerError, UnsupportedModelError
from juggler.query.tree import TRUE
from juggler.values.types import TypeKind, TypeSpec, simple
from juggler_conformance.definitions import ldl_type
from juggler_conformance.props._draws import any_shape, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.shapes import embedded, kinds_of
from juggler_conformance.strategies import rows
from juggler_conformance.strategies.queries import DrawnQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

_STRING = simple(TypeKind.STRING)
_PARAMETERS: dict[TypeKind, TypeSpec] = {
    TypeKind.ARRAY: TypeSpec(TypeKind.ARRAY, of=_STRING),
    TypeKind.SET: TypeSpec(TypeKind.SET, of=_STRING),
    TypeKind.MAP: TypeSpec(TypeKind.MAP, of=_STRING),
    TypeKind.TUPLE: TypeSpec(TypeKind.TUPLE, items=(_STRING, _STRING)),
    TypeKind.VECTOR: TypeSpec(TypeKind.VECTOR, of=simple(TypeKind.FLOAT), length=3),
    TypeKind.EMBEDDED: embedded("ConfInner", {"a": _STRING}),
}


@conforms("core", usually="a kind of type in the claims that bind refuses, or the other way round")
def types_are_as_claimed(session: Session) -> None:
    """A model with a type that is claimed is attached; with any other it is refused, unsent."""
    kinds = kinds_of(session.caps)
    for kind in TypeKind:
        spec = _PARAMETERS.get(kind, simple(kind))
        claimed = kind in kinds and (spec.of is None or spec.of.kind in kinds | {kind})
        if kind is TypeKind.COUNTER:
            claimed = claimed and bool(session.caps.counters)
        properties = {"id": {"type": "string", "id": True}, "value": {"type": ldl_type(spec)}}
        _attached(session, f"ConfType{kind.name.title()}", properties, {}, claimed=claimed)


@conforms("core", usually="a feature of models that is accepted and then ignored")
def model_features_are_as_claimed(session: Session) -> None:
    """Composite keys, unique, versions, open models, indexes: attached if claimed, else refused."""
    caps = session.caps
    one = {"type": "string", "id": True}
    parts = {"a": {"type": "string", "id": 1}, "b": {"type": "string", "id": 2}, "c": "string"}
    unique = {"id": one, "email": {"type": "string", "unique": True}}
    indexed = {"id": one, "name": {"type": "string", "index": True}}
    plain = {"id": one, "name": "string"}
    anywhere = bool(caps.unique) and caps.unique.get("kind", "any") == "any"
    _attached(session, "ConfPlain", plain, {}, claimed=True)
    _attached(session, "ConfParts", parts, {}, claimed=bool(caps.composite_keys))
    _attached(session, "ConfEmail", unique, {}, claimed=anywhere)
    _attached(session, "ConfIndexed", indexed, {}, claimed=bool(caps.indexes))
    _attached(session, "ConfCounted2", plain, {"versioned": True}, claimed=bool(caps.versions))
    _attached(session, "ConfLoose", plain, {"strict": False}, claimed=bool(caps.open_models))
    _attached(session, "ConfKeyless", {"name": "string"}, {"idInjection": False}, claimed=False)


def _attached(
    session: Session,
    name: str,
    properties: dict[str, Any],
    settings: dict[str, Any],
    *,
    claimed: bool,
) -> None:
    document = {"name": name, "strict": True, **settings, "properties": properties}
    session.fresh()
    with session.explained(), session.recording() as recorder:
        session.journal.model(name, document)
        try:
            session.db.from_ldl(document)
        except UnsupportedModelError as error:
            assert not claimed, f"{name} is refused, and claimed: {error}"
            assert error.problems
            session.reach.refusal(error)
        else:
            assert claimed, f"{name} is attached, and nothing like it is claimed"
    assert not recorder.hooks, f"attaching {name} sent {recorder.hooks}"


@conforms("core", usually="an option that the store does not know is dropped silently")
def options_are_as_claimed(session: Session) -> None:
    """ttl, timestamp, versions, consistency and raw statements: refused, unsent, unless claimed."""
    caps = session.caps

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            some_rows(draw, bench, max_size=4)
            row = draw(rows(shape, session.limits))
            for option, value in (("ttl", 60.0), ("timestamp", 1_700_000_000_000_000)):
                if not getattr(caps, option):
                    with session.db.options(**{option: value}):
                        _refused(bench, lambda: bench.model.replace_or_create(dict(row)))
            for level in ("eventual", "session", "strong"):
                if caps.consistency and level not in caps.consistency.get("levels", ()):
                    _refused(bench, partial(bench.model.find, {}, consistency=level))
            if not caps.versions:
                made = (
                    bench.create(row) if bench.table.key_of(row) not in bench.table.rows else None
                )
                if made is not None:
                    made[shape.plain_names[0]] = None
                    _refused(
                        bench, lambda: made.patch({shape.plain_names[-1]: None}, if_unchanged=True)
                    )
            if not caps.native_query:
                _refused(bench, lambda: session.db.execute("SELECT 1"))
            if not caps.transactions:
                _refused(bench, lambda: session.db.transaction().__enter__())
            _queries(bench)
            bench.find(DrawnQuery(TRUE))

    session.examples(body, scale=0.3)


def _queries(bench: Bench) -> None:
    caps, shape = bench.session.caps, bench.shape
    kinds = {spec.kind: name for name, spec in shape.types.items()}
    if not caps.geo and TypeKind.GEO in kinds:
        where = {kinds[TypeKind.GEO]: {"near": "0,0"}}
        _refused(bench, lambda: bench.model.find({"where": where}))
    if not caps.nested_paths and TypeKind.EMBEDDED in kinds:
        path = f"{kinds[TypeKind.EMBEDDED]}.city"
        _refused(bench, lambda: bench.model.find({"where": {path: "a"}}))


def _refused(bench: Bench, act: Callable[[], Any]) -> None:
    with bench.session.recording() as recorder:
        try:
            answer = act()
        except CapabilityError as error:
            bench.session.reach.refusal(error)
            bench.session.reach.saw("feature", error.feature)
        except JugglerError as error:
            message = f"refused as {error!r}, a CapabilityError is due"
            raise AssertionError(message) from error
        else:
            message = f"not claimed, and it went through: {answer!r}"
            raise AssertionError(message)
    assert not recorder.hooks, f"refused only after {recorder.hooks}"


#: What a claim needs: the hook without which it cannot be true.
_HOOKS = {
    "native_query": "native",
    "changes_feed": "changes",
    "discovery": "discover",
    "transactions": "transact",
}


@conforms("core", usually="a claim without a hook, or a hook that nobody may use")
def claims_have_hooks(session: Session) -> None:
    """What is claimed is implemented, what is implemented is claimed, and reasons are given."""
    for name, hook in _HOOKS.items():
        claimed = bool(getattr(session.caps, name))
        there = session.inside.has(hook)
        assert claimed == there, (
            f"{name} is {'claimed' if claimed else 'not claimed'}, "
            f"and the hook {hook} is {'there' if there else 'not there'}"
        )
    for name, cap, _ in session.caps.table():
        if not cap and cap is not UNDECLARED:
            assert cap.why.strip(), f"{name} is impossible without a reason"
