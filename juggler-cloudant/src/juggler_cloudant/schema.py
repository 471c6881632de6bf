"""The steps from what a server has to what the models declare.  Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import field, frozen

from juggler.connector import SchemaStep, SchemaSteps
from juggler_cloudant.home import home_of, is_loopback, own_indexes, owns, stands_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from juggler.connector.schema import Mode, Safety
    from juggler.spec import IndexInfo, ModelSpec, RelationInfo, StoreSchema
    from juggler_cloudant.home import Home, MangoIndex
    from juggler_cloudant.settings import CloudantSettings


@frozen
class Work:
    """What applying a step needs."""

    model: ModelSpec = field(repr=lambda model: model.name)
    home: Home
    index: MangoIndex | None = None
    ddoc: str = ""
    name: str = ""


@frozen
class Misfit:
    """Values that are not of a property's type, or not in its form, in a sample of documents.

    Attributes:
        kind: what the first of them is: its type, or the value itself.
        ids: of the documents that have them.
        among: how many documents have a value there.
    """

    kind: str
    ids: Sequence[str]
    among: int

    @property
    def told(self) -> str:
        """How many they are, and the first of them."""
        shown = ", ".join(map(repr, self.ids[:_NAMED])) + (", …" if self.ids[_NAMED:] else "")
        return f"{len(self.ids)} of the {self.among} documents looked at with a value ({shown})"


#: Documents that a step names.
_NAMED = 3


def plan_steps(
    desired: Sequence[ModelSpec],
    actual: StoreSchema,
    mode: Mode,
    settings: CloudantSettings,
    *,
    indexed: bool = True,
) -> SchemaSteps:
    """Databases first, then indexes to make, then those to drop.

    Args:
        desired: the models.
        actual: what was read.
        mode: ``recreate`` deletes the models' documents.
        settings: of the data source.
        indexed: whether the server's indexes are used.
    """
    first: list[SchemaStep] = []
    later: list[SchemaStep] = []
    made: set[str] = set()
    naming: dict[str, set[str]] = {}
    for home in (home_of(model, settings) for model in desired):
        naming.setdefault(home.database, set()).add(home.field)
    for model in desired:
        if not model.managed:
            continue
        home = home_of(model, settings)
        relation = actual.relation(model.storage_name)
        if relation is not None and relation.facts.get("database") != home.database:
            relation = None
        if relation is None and home.database not in made:
            made.add(home.database)
            native = f"PUT {database_path(home)}"
            first.append(_step("create-database", home.database, "safe", Work(model, home), native))
        if relation is not None and mode == "recreate" and not relation.facts.get("empty"):
            first.append(_deletion(model, home))
        if relation is not None and mode != "recreate":
            later += _findings(model, home, relation)
            fields = naming.pop(home.database, None)
            if fields == {home.field} and relation.facts.get("unnamed"):
                later.append(_unnamed(model, home, relation.facts["unnamed"]))
        if indexed:
            later += _indexes(model, home, relation, adopt=settings.adopt_indexes)
    return SchemaSteps((*first, *later), _fingerprint(actual))


def _deletion(model: ModelSpec, home: Home) -> SchemaStep:
    return _step(
        "delete-documents", f"{home.database}/{home.name}", "destructive", Work(model, home),
        reason="its documents are lost" if home.field else "all the database's documents are lost",
        reversible=False,
    )  # fmt: skip


def _findings(model: ModelSpec, home: Home, relation: RelationInfo) -> Iterator[SchemaStep]:
    """What a sample of the documents has against the model."""
    facts = relation.facts
    if bool(facts.get("partitioned")) != home.partitioned:
        is_so, should = ("", " not") if facts.get("partitioned") else (" not", "")
        yield _step(
            "partitioned-database", home.database, "impossible", Work(model, home),
            reason=f"it is{is_so} partitioned and the model says that it is{should}: a database "
            "stays as it was made; name another one, or correct the model's option partitioned",
        )  # fmt: skip
    if facts.get("collators", 1) > 1:
        yield _step(
            "collation-changed", f"{home.database}/{home.name}", "info", Work(model, home),
            reason="its indexes were built by several versions of the server's ICU, which order "
            "texts otherwise: POST /database/_compact/design-document makes them one",
        )  # fmt: skip
    for name, misfit in dict(facts.get("misfits") or {}).items():
        yield _misfit(model, home, name, misfit)
    for name, misfit in dict((home.dense and facts.get("forms")) or {}).items():
        yield _other_form(model, home, name, misfit)
    if facts.get("sparse") and home.dense:
        names = ", ".join(facts["sparse"])
        yield _step(
            "sparse-documents", f"{home.database}/{home.name}", "info", Work(model, home),
            reason=f"of {facts.get('sampled')} documents some lack {names}, and are not in indexes "
            f"on them: {_once(model, facts['sparse'])}, or set dense=False",
        )  # fmt: skip


def _misfit(model: ModelSpec, home: Home, name: str, misfit: Misfit) -> SchemaStep:
    """Most values of another type: the declaration is wrong; a few: those documents are."""
    found = f"{misfit.told} hold a {misfit.kind} there, which is no {model.field[name].type}: "
    target = f"{home.database}/{home.name}.{name}"
    if 2 * len(misfit.ids) < misfit.among:
        return _step(
            "stray-documents", target, "info", Work(model, home),
            reason=f"{found}to read them is a DecodeError; correct them, or declare it as any",
        )  # fmt: skip
    return _step(
        "change-type", target, "impossible", Work(model, home),
        reason=f"{found}declare another property and copy the values, or declare it as any",
    )  # fmt: skip


def _once(model: ModelSpec, names: Sequence[str]) -> str:
    """How documents get properties as this connector writes them, and keep the rest."""
    values = ", ".join(f"{name!r}: row[{name!r}]" for name in names)
    return f"write them once (for row in {model.name}.find(): row.patch({{{values}}}))"


def _other_form(model: ModelSpec, home: Home, name: str, misfit: Misfit) -> SchemaStep:
    return _step(
        "other-forms", f"{home.database}/{home.name}.{name}", "info", Work(model, home),
        reason=f"{misfit.told} hold it otherwise than Juggler writes it, as {misfit.kind:.60}, so "
        f"that indexes on it miss them: {_once(model, [name])}, or set dense=False",
    )  # fmt: skip


def _unnamed(model: ModelSpec, home: Home, count: int) -> SchemaStep:
    return _step(
        "unnamed-documents", home.database, "info", Work(model, home),
        reason=f"{count} documents have no field {home.field!r}, so that no model sees them: "
        "modelIndex= says which field names a document's model",
    )  # fmt: skip


def _indexes(
    model: ModelSpec, home: Home, relation: RelationInfo | None, *, adopt: bool
) -> Iterator[SchemaStep]:
    there = {str(i.facts.get("ddoc")): i for i in (relation.indexes if relation else ())}
    wanted = {index.ddoc: index for index in own_indexes(model, home)}
    adopted = _adopted(home, there, wanted) if adopt else {}
    for ddoc, index in wanted.items():
        if ddoc not in there or not _same(there[ddoc], index):
            yield _create(model, home, index)
    for ddoc, info in there.items():
        if ddoc not in wanted:
            yield from _other(model, home, info, wanted, adopted.get(ddoc))


def _adopted(
    home: Home, there: Mapping[str, IndexInfo], wanted: dict[str, MangoIndex]
) -> dict[str, MangoIndex]:
    """Indexes of LoopBack's that stand for ours, which are then not wanted."""
    found: dict[str, MangoIndex] = {}
    for index in list(wanted.values()):
        for ddoc, info in there.items():
            if stands_for(home, ddoc, info.facts.get("fields", ()), index):
                found[ddoc] = index
                wanted.pop(index.ddoc, None)
    return found


def _other(
    model: ModelSpec,
    home: Home,
    info: IndexInfo,
    wanted: Mapping[str, MangoIndex],
    adopted: MangoIndex | None,
) -> Iterator[SchemaStep]:
    """What is to be said of an index that no model declares."""
    ddoc = str(info.facts.get("ddoc"))
    work = Work(model, home, None, ddoc, info.name)
    native = (
        f"DELETE /{quote(home.database, safe='')}/_index/_design/{quote(ddoc, safe='')}"
        f"/json/{quote(info.name, safe='')}"
    )
    target = f"{home.database}/{ddoc}"
    if owns(home, ddoc, info.name):
        changed = any(index.name == info.name for index in wanted.values())
        why = "its definition changed" if changed else "no model declares it any more"
        yield _step("drop-index", target, "online", work, native, reason=why)
    elif adopted is not None:
        yield _step(
            "foreign-index", target, "info", work,
            reason=f"LoopBack's connector made it; it is the model's {adopted.label}",
        )  # fmt: skip
    elif is_loopback(home, ddoc):
        yield _step(
            "drop-foreign-index", target, "info", work, native,
            reason=f"LoopBack's connector made it on {_fields(info)}; plans use it as it is, "
            "allow={'drop'} drops it, adopt_indexes=True keeps it instead of our own",
        )  # fmt: skip
    elif {*home.mark} <= {*info.facts.get("fields", ())} and not ddoc.startswith("jx-"):
        yield _step(
            "foreign-index", target, "info", work,
            reason=f"somebody else made it on {_fields(info)}; plans use it as it is",
        )  # fmt: skip


def _same(info: IndexInfo, index: MangoIndex) -> bool:
    facts = info.facts
    return (
        tuple(facts.get("fields", ())) == index.fields
        and info.name == index.name
        and all(way == "asc" for _, way in info.keys)
        and not facts.get("partial")
        and bool(facts.get("partitioned")) == index.partitioned
    )


def _fields(info: IndexInfo) -> str:
    return ", ".join(info.facts.get("fields", ()))


def _create(model: ModelSpec, home: Home, index: MangoIndex) -> SchemaStep:
    body = json.dumps(index_body(index, home), ensure_ascii=False)
    native = f"POST /{quote(home.database, safe='')}/_index {body}"
    target = f"{home.database}/{index.ddoc}"
    return _step("create-index", target, "online", Work(model, home, index), native)


def database_path(home: Home) -> str:
    """The path that makes a model's database."""
    return f"/{quote(home.database, safe='')}" + ("?partitioned=true" if home.partitioned else "")


def index_body(index: MangoIndex, home: Home) -> dict[str, Any]:
    """The body of ``POST /db/_index``; in a partitioned database it would be partitioned."""
    body: dict[str, Any] = {
        "ddoc": index.ddoc,
        "name": index.name,
        "type": "json",
        "index": {"fields": [{field: "asc"} for field in index.fields]},
    }
    if home.partitioned:
        body["partitioned"] = index.partitioned
    return body


def _step(
    kind: str,
    target: str,
    safety: Safety,
    work: Work,
    *native: str,
    reason: str = "",
    reversible: bool = True,
) -> SchemaStep:
    return SchemaStep(kind, target, safety, native, reason, work.model.name, reversible, work)


def _fingerprint(actual: StoreSchema) -> str:
    """Of databases and indexes; documents may come and go."""
    text = repr(
        sorted(
            (
                name,
                str(info.facts.get("database")),
                sorted((i.name, str(i.facts)) for i in info.indexes),
            )
            for name, info in actual.relations.items()
        )
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
