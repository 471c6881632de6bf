"""What a connector can do, declared once: drives planner, errors, docs, tests and badge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, fields, frozen

from juggler.errors import CapabilityError, ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Level = Literal["full", "emulated", "partial", "impossible"]


@frozen
class Cap:
    """One capability: a level, the reason when it is below full, and details (value sets)."""

    level: Level
    why: str = ""
    detail: Mapping[str, Any] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.level in {"partial", "impossible"} and not self.why:
            msg = f"a capability that is {self.level} needs a reason (why=...)"
            raise ConfigurationError(msg, code="capability-reason")

    def __bool__(self) -> bool:
        return self.level != "impossible"

    def __getitem__(self, name: str) -> Any:
        return self.detail[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The detail of that name, or the default."""
        return self.detail.get(name, default)


def full(**detail: Any) -> Cap:
    """The store does it."""
    return Cap("full", detail=detail)


def emulated(why: str = "", **detail: Any) -> Cap:
    """The connector or the core does it, correctly, at the cost that plans show."""
    return Cap("emulated", why, detail)


def partial(why: str, **detail: Any) -> Cap:
    """Done within the limits that ``why`` names."""
    return Cap("partial", why, detail)


def impossible(why: str, **detail: Any) -> Cap:
    """Refused; ``why`` is what the user reads."""
    return Cap("impossible", why, detail)


UNDECLARED = impossible("not declared by this connector")


def _cap(doc: str) -> Any:
    return field(default=UNDECLARED, metadata={"doc": doc})


@frozen(kw_only=True)
class Capabilities:
    """The closed list.  What is not named is impossible (``not declared by this connector``)."""

    # -- reading
    push: Cap = _cap(
        "conditions evaluated in the store; ops={(kind, op): 'exact'|'superset'|'none'}"
    )
    order: Cap = _cap("orders given by the store; kind='any'|'pattern'|'none'")
    paging: Cap = _cap("page tokens; kind='keyset'|'state'")
    skip: Cap = _cap("skip; kind='native'|'stream'")
    count: Cap = _cap("counting; kind='exact-fast'|'scan'")
    union: Cap = _cap("or/in as unions of paths; max_branches=n")
    nested_paths: Cap = _cap("dotted paths into objects and arrays")
    open_models: Cap = _cap("properties that were not declared are kept")
    geo: Cap = _cap("near and distance order (may be emulated by the core)")
    views: Cap = _cap("declared views")
    async_views: Cap = _cap("views lag behind their base")
    vector: Cap = _cap("nearest-neighbour search")
    # -- values
    types: Cap = _cap("kinds=frozenset of TypeKind that a property may have")
    string_order: Cap = _cap("order of texts in the store; kind='codepoint'|'icu'")
    datetime_precision: Cap = _cap("kind='ms'|'us'")
    decimal: Cap = _cap("kind='exact'|'scaled'|'string'")
    integer_range: Cap = _cap("min=, max= (None: any size)")
    nonfinite: Cap = _cap("NaN and infinities")
    empty_collection: Cap = _cap("kind='kept'|'null'")
    key_limits: Cap = _cap(
        "limits of key values; max_bytes=, empty=, shared= (models share keys), apart=options"
    )
    value_limits: Cap = _cap("limits of values and rows; max_bytes=")
    # -- writing
    insert_if_absent: Cap = _cap("insert never overwrites, atomically")
    patch: Cap = _cap("kind='native'|'rmw'")
    put: Cap = _cap("full overwrite whatever is there")
    update_where: Cap = _cap("update by condition; kind='native'|'by-key'")
    delete_where: Cap = _cap("delete by condition; kind='native'|'by-key'")
    affected: Cap = _cap("counts; kind='exact'|'unknown'|'exact-if-conditional'")
    versions: Cap = _cap("optimistic locking; kind='native'|'column'")
    atomic: Cap = _cap("levels=frozenset out of 'row', 'partition', 'batch'")
    unique: Cap = _cap("unique values; kind='key'|'any'")
    transactions: Cap = _cap("several operations as one; isolation=...")
    ttl: Cap = _cap("time to live in seconds")
    timestamp: Cap = _cap("a write time given by the caller")
    counters: Cap = _cap("counter properties")
    collection_deltas: Cap = _cap("add to and remove from collections")
    generated_keys: Cap = _cap("keys made by the store; kind='counter'|'uuid'")
    composite_keys: Cap = _cap("keys of several properties")
    # -- the rest
    indexes: Cap = _cap("kinds=frozenset of index kinds that can be declared")
    schema: Cap = _cap("steps={kind: safety}")
    discovery: Cap = _cap("models read from the store; foreign_keys=bool, owners=bool")
    native_query: Cap = _cap("db.execute; language=...")
    changes_feed: Cap = _cap("a stream of changes")
    consistency: Cap = _cap("levels=frozenset of consistency levels")
    relational: Cap = _cap("tables with fixed columns and foreign keys")
    persistence: Cap = _cap("data outlives the process; stored=False: nothing is kept at all")

    def require(
        self, name: str, *, connector: str, what: str = "", alternatives: Sequence[str] = ()
    ) -> Cap:
        """The capability, or a :class:`CapabilityError` with its reason."""
        cap: Cap = getattr(self, name)
        if cap:
            return cap
        raise CapabilityError(
            f"connector {connector!r} cannot do {what or name.replace('_', ' ')}: {cap.why}",
            feature=name,
            alternatives=alternatives,
            connector=connector,
        )

    def table(self) -> list[tuple[str, Cap, str]]:
        """Rows (name, capability, what it is about) for documentation."""
        return [(a.name, getattr(self, a.name), a.metadata["doc"]) for a in fields(Capabilities)]


NAMES = frozenset(a.name for a in fields(Capabilities))


def check_name(name: str) -> str:
    """The name of a capability, or a ConfigurationError with a suggestion."""
    if name not in NAMES:
        raise ConfigurationError(
            f"there is no capability {name!r}",
            code="unknown-capability",
            hint=did_you_mean(name, NAMES),
        )
    return name
