"""Copying the rows of models to another data source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import fields, frozen

from juggler.connector.settings import Settings
from juggler.datasource import schema
from juggler.datasource._attach import ModelLink
from juggler.datasource._models import Attached
from juggler.errors import ConfigurationError, InvalidQueryError, SchemaMissingError
from juggler.model.binding import make_codec
from juggler.model.keys import with_id_type
from juggler.operations._prepare import is_count
from juggler.operations.copying import (
    Copier,
    CopyResult,
    check_query,
    everything,
    read_pages,
    total,
)
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector.capabilities import Capabilities
    from juggler.connector.port import Port
    from juggler.datasource.source import DataSource
    from juggler.model.query import Query
    from juggler.operations import Operations
    from juggler.spec import ModelSpec

    #: Called with the model's name, the rows read so far, and how many there are (None: unknown).
    CopyProgress = Callable[[str, int, int | None], object]

#: Rows per request.
BATCH = 500
_PLACE = frozenset({"url", "host", "port", "database"})


@frozen
class _Job:
    """One model: what is read, and as what it is written."""

    query: Query[Any]
    link: ModelLink
    claims: Capabilities


async def copy(
    reading: Operations,
    writing: Operations,
    models: Sequence[Any],
    *,
    where: Any = None,
    replace: bool = False,
    create: bool = False,
    batch: int = BATCH,
    progress: CopyProgress | None = None,
) -> list[CopyResult]:
    """Copy rows; see :meth:`DataSource.copy_to`."""
    source: Any = reading.source
    target: Any = writing.source
    _check(models, where, batch)
    named = {link.spec.name: link for link in map(source.link_of, models)}
    links = list(named.values()) or source.links()
    if not links:
        raise ConfigurationError(
            "the source has no models to copy", code="copy-models", hint="db.attach(User)"
        )
    todo: list[_Job | CopyResult] = []
    for link in links:
        reason = _left_out(link.spec)
        if not reason:
            todo.append(_job(source, target, link, where, replace=replace))
        elif models:
            raise ConfigurationError(
                f"{link.spec.name} cannot be copied: {reason}",
                code="copy-models",
                hint="leave it out",
                model=link.spec.name,
            )
        else:
            todo.append(CopyResult(link.spec.name, left_out=reason))
    jobs = [job for job in todo if isinstance(job, _Job)]
    await _tables(target, writing.port, [job.link.spec for job in jobs], create=create)
    return [
        await _run(reading, writing, job, batch, progress, replace=replace)
        if isinstance(job, _Job)
        else job
        for job in todo
    ]


async def _run(
    reading: Operations,
    writing: Operations,
    job: _Job,
    batch: int,
    progress: CopyProgress | None,
    *,
    replace: bool,
) -> CopyResult:
    copier = Copier(writing, job.link, job.claims, replace)
    many = None if progress is None else await total(reading, job.query)
    async for names, rows in read_pages(reading, job.query, batch):
        await copier.take(names, rows)
        if progress is not None:
            progress(job.link.spec.name, copier.read, many)
    return copier.result()


# ---------------------------------------------------------------- before anything is sent


def target_of(source: DataSource, target: DataSource) -> DataSource:
    """The target, which has to be another data source.

    Raises:
        ConfigurationError: ``copy-target``.
    """
    if not isinstance(target, Attached):
        raise ConfigurationError(
            f"{target!r:.80} is no data source to copy to",
            code="copy-target",
            hint="db.copy_to(connect('…'), 'User')",
        )
    if target is source:
        raise _onto_itself(source)
    return target


def _check(models: Sequence[Any], where: Any, batch: Any) -> None:
    if not is_count(batch):
        raise InvalidQueryError(
            f"copy_to(batch={batch!r:.60})", code="bulk-option", hint="batch is 1 or more"
        )
    if where is not None and len(set(models)) != 1:
        raise InvalidQueryError(
            "a condition goes with one model",
            code="copy-where",
            hint="name the model that it is about",
        )


def _onto_itself(source: DataSource) -> ConfigurationError:
    return ConfigurationError(
        f"source and target are the same place: {source!r}",
        code="copy-target",
        hint="copy to another data source",
        connector=source.name,
    )


def _left_out(spec: ModelSpec) -> str:
    """Why a model's rows cannot be copied; empty when they can."""
    if spec.view is not None:
        return f"it is a view of {spec.view.of}, and the store fills it"
    if not spec.key.names:
        return "it has no key and is part of other models"
    if any(field.type.kind is TypeKind.COUNTER for field in spec.fields):
        return "it has counters, which can be added to and not be set"
    return ""


def _job(source: DataSource, target: DataSource, link: Any, where: Any, *, replace: bool) -> _Job:
    """What is to be done for a model.

    Raises:
        UnsupportedModelError: the target cannot hold it.
        CapabilityError: the source has no pages, or the target cannot leave rows alone.
    """
    name = link.spec.name
    source.capabilities_of(link.spec).require(
        "paging", connector=source.name, what=f"pages of {name}, which a copy reads"
    )
    aim = _target_link(target, link)
    reason = _left_out(aim.spec)
    if reason:
        raise ConfigurationError(
            f"{name} cannot be copied to its namesake in the target: {reason}",
            code="copy-models",
            hint="leave it out",
            model=name,
        )
    if _same_place(source, target) and aim.spec.storage_name == link.spec.storage_name:
        raise _onto_itself(source)
    claims = target.host.capabilities(aim.spec)
    if not replace:
        claims.require(
            "insert_if_absent",
            connector=target.name,
            what=f"a copy of {name} that leaves rows alone which are there",
            alternatives=("replace=True (--replace)",),
        )
    query = everything(link.model, where)
    check_query(source, query)
    return _Job(query, aim, claims)


def _same_place(source: DataSource, target: DataSource) -> bool:
    if source.name != target.name or not source.capabilities_of(None).persistence:
        return False
    common = {a.name for a in fields(Settings)} - _PLACE
    mine, theirs = (
        {name: value for name, value in db.settings.items() if name not in common}
        for db in (source, target)
    )
    return mine == theirs


def _target_link(target: DataSource, link: Any) -> ModelLink:
    """The target's model of that name; without one, the source's as the target would hold it.

    The keys are those of the source, whatever type of ids the target would have chosen.
    """
    if link.spec.name in target.models:
        return target.link_of(link.spec.name)
    definition = link.model.__definition__
    properties = dict(definition.properties)
    for name in definition.ids:
        prop = properties[name]
        if with_id_type(prop, target.default_id_type).type != prop.type:
            properties[name] = prop.evolve(generated=False)  # nothing there makes such keys
    info = target.host.info
    spec = definition.evolve(properties=properties).spec(
        info.name,
        open_models=bool(target.capabilities_of(None).open_models),
        aliases=info.aliases,
    )
    target.host.bind(spec)
    codec = make_codec(link.model, spec, naive_utc=target.policy.naive_utc)
    return ModelLink(target, link.model, spec, codec, target.operations_table)


# ---------------------------------------------------------------- the target's tables


async def _tables(
    target: DataSource, port: Port, specs: Sequence[ModelSpec], *, create: bool
) -> None:
    """See that the target has what the models need, or create it.

    Raises:
        SchemaMissingError: it has not.
        UnsafeMigrationError: what is there would have to be changed in a way that is not safe.
    """
    todo = await schema.plan_specs(target, port, tuple(s for s in specs if s.managed))
    if create:
        await schema.apply(target, port, todo)
        return
    if todo.pending:
        steps = ", ".join(f"{step.kind} {step.target}" for step in todo.pending)
        raise SchemaMissingError(
            f"the target is not ready for the copy: {steps}",
            hint="copy_to(…, create=True); on the command line `juggler copy --create`, "
            "or `juggler apply --on TARGET`",
            connector=target.name,
        )
