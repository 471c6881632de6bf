"""Rows of LoopBack's memory connector: its file is read once, into memory.

The file is ``{"ids": {model: next}, "models": {model: {key: "row as JSON text"}}}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.connector.port import drive
from juggler.connector.writes import WriteOp, WriteOptions
from juggler.errors import ConfigurationError, JugglerError
from juggler.loopback.salvage import because

if TYPE_CHECKING:
    from juggler.loopback.files import Folder
    from juggler.loopback.report import Report
    from juggler.loopback.sources import Sources


def read(folder: Folder, sources: Sources, models: Mapping[str, Any], report: Report) -> None:
    """Put the rows of the files that data sources name into their models.

    Args:
        folder: the project; files are looked for in it and in its server's folder.
        sources: the data sources and their files.
        models: the project's models by name.
        report: says how many rows were read, and names those that were not.
    """
    for name, file in sources.files.items():
        path = next((p for p in (folder.root / file, folder.server / file) if p.is_file()), None)
        hint = f'load(…, sources={{"{name}": "memory:?file=PATH"}}) keeps rows'
        if path is None:
            report.change(name, f"nothing is written to the file {file!r}", hint)
            continue
        try:
            held = folder.mapping(path).get("models")
        except ConfigurationError as error:
            report.lose(name, f"its rows are not read: {error.message}")
            continue
        attached = {n: m for n, m in models.items() if _is_on(m, sources.all[name])}
        count = sum(_into(attached, model, rows, report) for model, rows in _mapping(held).items())
        report.change(
            name, f"{count} rows of {folder.shown(path)} are read, none is written to it", hint
        )


def _into(models: Mapping[str, Any], name: str, rows: Any, report: Report) -> int:
    """Write the rows of one model; how many there were that could be."""
    model = models.get(name)
    ops = []
    for key, text in _mapping(rows).items():
        place = f"{name} {key!r:.60}"
        if model is None:
            report.lose(place, "its row is not read: its model is not on this data source")
            continue
        try:
            ops.append(_write(model, text))
        except (JugglerError, ValueError, RecursionError) as error:
            why = because(error) if isinstance(error, JugglerError) else "it is no JSON object"
            report.lose(place, f"its row is not read: {why}")
    if ops:
        link = model.__link__  # type: ignore[union-attr]
        drive(link.sync.port.call("write", link.spec, ops, WriteOptions()))
    return len(ops)


def _write(model: Any, text: Any) -> WriteOp:
    """The write of a stored row; what it lacks is null, not the default."""
    values = json.loads(text) if isinstance(text, str) else text
    if not isinstance(values, dict):
        raise ValueError(text)  # noqa: TRY004 - as the decoder's own
    codec = model.__link__.codec
    row = codec.encode_map({**{part.name: None for part in codec.parts}, **codec.given(values)})
    return WriteOp("put", codec.coerce_key(codec.key_of(row)), row)


def _is_on(model: Any, source: Any) -> bool:
    return getattr(model.__link__, "source", None) is source


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}
