"""Whether a table, its indexes and views can be what a model declares: all problems at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from juggler.connector.checks import model_problems
from juggler.errors import ConfigurationError, UnsupportedModelError, did_you_mean
from juggler.values.types import TypeKind as K
from juggler_cassandra.bind_indexes import index_problems
from juggler_cassandra.bind_types import type_problems
from juggler_cassandra.bind_views import view_problems
from juggler_cassandra.declared import TABLE_OPTIONS, version_column
from juggler_cassandra.settings import LEVELS, NEUTRAL_LEVELS, SERIAL
from juggler_cassandra.types import hints_of, is_static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.connector import Capabilities
    from juggler.spec import ModelSpec

MAX_NAME: Final = 222
_NAME: Final = re.compile(r"\w+", re.ASCII)
#: Options of a property, and what each takes.
FIELD_OPTIONS: Final = {
    "dataType": "a CQL type",
    "static": "True: one value per partition",
    "frozen": "False: the elements of a collection are stored apart",
    "round": "True: numbers of a vector are rounded to 32 bits",
    "truncate": "True: a time is cut to microseconds when it is read",
    "renamed_from": "the column's old name",
    "column": "the column's name",
    "columnName": "the column's name",
    "collation": "codepoint",
    "dataLength": "not used",
    "dataPrecision": "not used",
    "dataScale": "not used",
    "nullable": "not used",
}
MODEL_OPTIONS: Final = {
    "clusteringKeys": "a list of properties, 'name DESC'",
    "consistency": "a level for reads and writes of this model",
    "schema": "the keyspace that it was discovered in",
    "table": "the table's name",
    "version": "the column that holds a row's version",
    "writes": "'safe' or 'blind'",
}


def check_model(model: ModelSpec, capabilities: Capabilities) -> None:
    """Refuse a model that Cassandra cannot hold.

    Raises:
        UnsupportedModelError: with all problems, each a sentence that names the property.
    """
    problems = [*_options(model)] or [
        *model_problems("cassandra", model, capabilities),
        *(text for check in _CHECKS for text in _checked(check, model)),
    ]
    if problems:
        shown = "; ".join(problems[:3]) + (" …" if len(problems) > 3 else "")  # noqa: PLR2004 - a line
        raise UnsupportedModelError(
            f"connector 'cassandra' cannot hold model {model.name!r}: {shown}",
            problems=problems,
            hint="change the model, or attach it to a data source that can",
            connector="cassandra",
            model=model.name,
        )


def check_place(model: ModelSpec, keyspace: str | None) -> None:
    """Refuse a model that was discovered in another keyspace than the data source's.

    Raises:
        UnsupportedModelError: with the URL's end that leads there.
    """
    said = model.options.get("schema")
    if said is not None and keyspace is not None and said != keyspace:
        problem = f"it is of the keyspace {said!r}, and the data source of {keyspace!r}"
        raise UnsupportedModelError(
            f"connector 'cassandra' cannot hold model {model.name!r}: {problem}",
            problems=[problem],
            hint=f"attach it to a data source of that keyspace: cassandra://…/{said}",
            connector="cassandra",
            model=model.name,
        )


def _checked(check: Callable[[ModelSpec], Iterator[str]], model: ModelSpec) -> Iterator[str]:
    try:
        yield from check(model)
    except ConfigurationError as error:  # a data type that is none, said once by the types' check
        if check is type_problems:
            yield error.message


def _options(model: ModelSpec) -> Iterator[str]:
    """Options that Cassandra does not know."""
    known: dict[str, Any] = {**MODEL_OPTIONS, **dict.fromkeys(TABLE_OPTIONS)}
    for name in model.options:
        if name not in known:
            yield f"the option cassandra.{name} is unknown: {did_you_mean(name, known)}"
    for field in model.fields:
        for name in hints_of(field):
            if name not in FIELD_OPTIONS:
                near = did_you_mean(name, FIELD_OPTIONS)
                yield f"{field.name} has the unknown option cassandra.{name}: {near}"


def _levels(model: ModelSpec) -> Iterator[str]:
    said = model.options.get("consistency")
    known = NEUTRAL_LEVELS | (LEVELS - SERIAL - {"ANY"})
    if said is not None and (not isinstance(said, str) or said not in known):
        near = did_you_mean(str(said), known)
        yield f"cassandra.consistency={said!r:.40} is no level of reads and writes: {near}"


def _names(model: ModelSpec) -> Iterator[str]:
    if not _NAME.fullmatch(model.storage_name) or len(model.storage_name) > MAX_NAME:
        yield (
            f"{model.storage_name[:60]!r} cannot be a table's name, which has letters, digits and "
            '_ alone: {"cassandra": {"table": "…"}}'
        )
    seen: dict[str, str] = {}
    for field in model.fields:
        other = seen.setdefault(field.storage_name, field.name)
        if other != field.name:
            yield f"{field.name} and {other} have the same column {field.storage_name!r}"
        if not field.storage_name:
            yield f"{field.name} has a column without a name"


def _keys(model: ModelSpec) -> Iterator[str]:
    for name in model.key.names:
        field = model.field.get(name)
        if field is None:
            continue
        if field.type.kind is K.DURATION:
            yield f"{name} of the key is a duration, which has no order"
        if is_static(field):
            yield f"{name} is in the key and cannot be static"


def _statics(model: ModelSpec) -> Iterator[str]:
    static = [field.name for field in model.fields if is_static(field)]
    if static and not model.key.clustering:
        yield (
            f"{static[0]} is static, but each partition is one row: "
            'key=Key(partition=(…), clustering=("at",))'
        )


def _counters(model: ModelSpec) -> Iterator[str]:
    kinds = {f.name: f.type.kind for f in model.fields if f.name not in model.key.names}
    counters = [name for name, kind in kinds.items() if kind is K.COUNTER]
    if not counters:
        return
    others = [name for name in kinds if name not in counters]
    if others:
        yield (
            f"{counters[0]} is a counter and {others[0]} is not: besides the key, a table has "
            "counters alone or none; give the counters a model of their own"
        )
    if version_column(model) is not None:
        yield f"{counters[0]} is a counter, and rows of counters have no versions"
    if model.indexes:
        yield f"{counters[0]} is a counter, and a table of counters has no index"
    if model.options.get("writes") == "safe":
        yield (
            f"{counters[0]} is a counter, which takes no light-weight transaction: writes='blind'"
        )


def _versions(model: ModelSpec) -> Iterator[str]:
    said = model.options.get("version")
    if said is None:
        return
    if not isinstance(said, str) or not said:
        yield f"cassandra.version={said!r:.40} is no column's name"
        return
    for field in model.fields:
        if field.storage_name == said and field.type.kind is not K.INTEGER:
            yield f"{field.name} is the version's column and has to be an integer"
        if field.storage_name == said and field.name in model.key.names:
            yield f"{field.name} is in the key and cannot be the version"


_CHECKS: tuple[Callable[[ModelSpec], Iterator[str]], ...] = (
    _names, _levels, _keys, type_problems, _statics, _counters, _versions, index_problems,
    view_problems,
)  # fmt: skip
