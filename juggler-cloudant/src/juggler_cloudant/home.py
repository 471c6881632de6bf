"""Where a model lives: its database, how its documents are told from others, its index names."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.spec import EXTRA, path_type
from juggler.values import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.spec import ModelSpec
    from juggler_cloudant.settings import CloudantSettings

#: Names of databases that the server takes.
DATABASE_NAME: Final = re.compile(r"[a-z][a-z0-9_$()+/-]*")
#: The view over the discriminator alone: all documents of a model, in the order of their ids.
BASE: Final = "base"
#: Options that a model may have for this connector.
OPTIONS: Final = frozenset(
    {"modelIndex", "database", "dense", "ids", "partitioned", "table", "writes"}
)


@frozen
class Home:
    """A model's place.

    Attributes:
        database: the database.
        field: the field that names the model of a document; empty where every document of the
            database is the model's.
        name: what stands in it.
        prefixed: whether ids have the name in front.
        dense: whether every document has all the declared properties.
        partitioned: whether the database is, so that ids are ``partition:rest``.
    """

    database: str
    field: str
    name: str
    prefixed: bool
    dense: bool
    partitioned: bool = False

    @property
    def mark(self) -> dict[str, str]:
        """What a document has that is the model's."""
        return {self.field: self.name} if self.field else {}


def home_of(model: ModelSpec, settings: CloudantSettings) -> Home:
    """The place of a model: its own options over the data source's settings."""
    options = model.options
    return Home(
        database=str(options.get("database") or settings.default_database),
        field=_field_of(options.get("modelIndex"), settings),
        name=model.storage_name,
        prefixed=(options.get("ids") or settings.ids) == "prefixed",
        dense=bool(options.get("dense", settings.dense)),
        partitioned=bool(options.get("partitioned", False)),
    )


def _field_of(option: Any, settings: CloudantSettings) -> str:
    if option is False:
        return ""
    return str(option or settings.model_index)


@frozen
class MangoIndex:
    """A JSON index of the server: its fields in order, the discriminator among them.

    Attributes:
        ddoc: its design document, without ``_design/``.
        name: its name, which is also the name of its view.
        fields: document fields, dotted where nested.
        label: the declared index's name, or its own for one of somebody else.
        partitioned: whether it serves one partition at a time.
    """

    ddoc: str
    name: str
    fields: tuple[str, ...]
    label: str = ""
    partitioned: bool = False


def own_indexes(model: ModelSpec, home: Home) -> tuple[MangoIndex, ...]:
    """The indexes that the connector makes for a model, the base index first where it has one."""
    place = (model.fingerprint, home)
    found = _MADE.get(place)
    if found is None:
        if len(_MADE) >= _MOST:
            _MADE.clear()
        found = _MADE[place] = _own_indexes(model, home)
    return found


#: Names of indexes are digests, and every plan asks for them.
_MADE: dict[tuple[str, Home], tuple[MangoIndex, ...]] = {}
_MOST: Final = 1000


def _own_indexes(model: ModelSpec, home: Home) -> tuple[MangoIndex, ...]:
    found = [_own(home, BASE, (home.field,))] if home.field else []
    for index in model.indexes:
        fields = [stored_path(model, path) for path, _ in index.keys]
        partitioned = home.partitioned and bool(index.options.get("partitioned"))
        wanted = (*home.mark, *(f for f in fields if f))
        found.append(_own(home, index.name, wanted, partitioned=partitioned))
    return tuple(found)


def _own(
    home: Home, name: str, fields: tuple[str, ...], *, partitioned: bool = False
) -> MangoIndex:
    definition = json.dumps(["json", fields, partitioned])
    digest = hashlib.sha256(definition.encode()).hexdigest()[:8]
    return MangoIndex(f"jx-{home.name}-{name}-{digest}", name, fields, name, partitioned)


def owns(home: Home, ddoc: str, name: str) -> bool:
    """Whether an index is one that this connector made for the model, now or before."""
    start = f"jx-{home.name}-{name}-"
    return ddoc.startswith(start) and len(ddoc) == len(start) + 8


def is_loopback(home: Home, ddoc: str) -> bool:
    """Whether LoopBack's connector made an index for the model."""
    return ddoc.startswith(f"LBModel__{home.name}__")


def stands_for(home: Home, ddoc: str, fields: Sequence[str], own: MangoIndex) -> bool:
    """Whether LoopBack made an index with the keys of one of ours; it has the model's name last."""
    keys = [name for name in fields if name != home.field]
    return (
        is_loopback(home, ddoc)
        and len(fields) > 1
        and keys == [name for name in own.fields if name != home.field]
    )


def is_of_another(home: Home, ddoc: str, name: str) -> bool:
    """Whether this connector, or LoopBack's, made an index for another model."""
    ours = ddoc.startswith("jx-") and not owns(home, ddoc, name)
    return ours or (ddoc.startswith("LBModel__") and not is_loopback(home, ddoc))


def stored_path(model: ModelSpec, path: str) -> str:
    """A property path as a path in the document; dots inside of names are escaped."""
    steps: list[str] = []
    current: Any = model
    for step in path.split("."):
        field = current.field.get(step) if current is not None else None
        if field is None or field.name == EXTRA:
            steps.append(step)
            current = None
            continue
        steps.append(field.storage_name.replace(".", "\\."))
        current = field.type.model if field.type.kind is TypeKind.EMBEDDED else None
    return ".".join(steps)


def is_dense(model: ModelSpec, home: Home, path: str) -> bool:
    """Whether every document of the model has that path: declared, and not inside of another."""
    return home.dense and path in model.field and path_type(model, path) is not None
