"""What keeps a model from being held in documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from juggler.connector.checks import model_problems
from juggler.errors import UnsupportedModelError, did_you_mean
from juggler.spec import EXTRA
from juggler.values import TypeKind as K
from juggler_cloudant.home import BASE, DATABASE_NAME, OPTIONS, home_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector import Capabilities
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home
    from juggler_cloudant.settings import CloudantSettings


#: What LoopBack's options are here.
_INSTEAD: Final = {
    "modelSelector": "modelIndex names the field that says of which model a document is; False: "
    "every document of the database is a row",
}


def check_model(model: ModelSpec, settings: CloudantSettings, claims: Capabilities) -> None:
    """Refuse a model that cannot be held.

    Raises:
        UnsupportedModelError: with all the problems, each a sentence.
    """
    checked = model if claims.indexes else evolve(model, indexes=())
    problems = [*model_problems("cloudant", checked, claims), *_own(model, settings)]
    if problems:
        raise UnsupportedModelError(
            f"connector 'cloudant' cannot hold model {model.name!r}: {'; '.join(problems[:3])}",
            problems=problems,
            hint="change the model, or attach it to a data source that can",
            connector="cloudant",
            model=model.name,
        )


def _own(model: ModelSpec, settings: CloudantSettings) -> Iterator[str]:
    for name in model.options:
        if name not in OPTIONS:
            instead = _INSTEAD.get(name) or did_you_mean(str(name), OPTIONS)
            yield f"option {name!r} is unknown: {instead}"
    home = home_of(model, settings)
    if not DATABASE_NAME.fullmatch(home.database):
        yield (
            f"its database is named {home.database!r}: lower-case letters, digits and _$()+-/ "
            "are allowed, a letter first"
        )
    if home.field.startswith("_"):
        yield f"modelIndex {home.field!r} begins with '_', which is the server's own"
    if not home.name or not home.name.isprintable():
        yield f"its name {home.name!r} has characters that the server's order overlooks"
    for field in model.fields:
        if field.name == EXTRA or (field.storage_name == "_rev" and not _is_key(model, field.name)):
            continue
        if field.storage_name.startswith("_") and not _is_sole_key(model, field.name):
            yield f"{field.name} is stored as {field.storage_name!r}: '_' is the server's own"
        if field.storage_name == home.field:
            yield f"{field.name} is stored where the model's name stands"
    yield from _partitions(model, home)
    yield from _indexes(model, settings)


def _partitions(model: ModelSpec, home: Home) -> Iterator[str]:
    if home.partitioned and (
        home.prefixed
        or len(model.key.names) != 1
        or model.field[model.key.names[0]].type.kind not in {K.STRING, K.TEXT}
    ):
        yield "ids of a partitioned database are 'partition:rest': its key has to be one text"
    for index in model.indexes:
        if index.options.get("partitioned") and not home.partitioned:
            yield f"index {index.name} is partitioned, and the model's database is not"


def _is_key(model: ModelSpec, name: str) -> bool:
    return name in model.key.names


def _is_sole_key(model: ModelSpec, name: str) -> bool:
    return model.key.names == (name,)


def _indexes(model: ModelSpec, settings: CloudantSettings) -> Iterator[str]:
    for index in model.indexes:
        ways = {way for _, way in index.keys}
        if len(ways) > 1 and not settings.coerce_directions:
            yield (
                f"index {index.name} has keys of both directions: the server reads an index one "
                "way or the other; make them one, or set coerce_directions"
            )
        if index.name == BASE or not index.name:
            yield f"an index cannot be named {index.name!r}"
        for path, _ in index.keys:
            if model.key.names == (path,):
                yield f"index {index.name} names the key {path}, which every index ends with"
