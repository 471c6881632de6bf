"""Cases: one JSON object a line, plain or compressed."""

from __future__ import annotations

import gzip
import json
import zlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Op = Literal["find", "count", "updateAll", "destroyAll"]
OPS: tuple[Op, ...] = ("find", "count", "updateAll", "destroyAll")


@frozen
class Case:
    """One case.

    Attributes:
        number: its running number.
        tags: what it exercises.
        properties: LDL types by property name, without the id.
        id_type: ``Number`` or ``String``.
        rows: the rows to begin with.
        op: the operation.
        filter: its argument.
        expected: rows, a number, or ``{count, rows}``.
    """

    number: int
    tags: tuple[str, ...]
    properties: Mapping[str, Any]
    id_type: str
    rows: Sequence[Mapping[str, Any]]
    op: Op
    filter: Mapping[str, Any]
    expected: Any

    @property
    def types(self) -> dict[str, Any]:
        """LDL types by property name, the id among them."""
        return {"id": self.id_type, **{n: p["type"] for n, p in self.properties.items()}}


def packaged() -> Path:
    """The corpus that comes with this package."""
    return Path(str(files("juggler_conformance") / "data" / "queries.jsonl.gz"))


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file, ``.jsonl`` or ``.jsonl.gz``.

    Raises:
        ConfigurationError: the file cannot be read, or a line is no case; the line is named.
    """
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as lines
        ):
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _case(line, f"{path}:{number}", number)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{path} cannot be read: {why}", code="corpus-file") from error


def _case(line: str, where: str, number: int) -> Case:
    try:
        data = json.loads(line)
        model = data["model"]
        case = Case(
            number=data.get("case", number - 1),
            tags=tuple(data.get("tags", ())),
            properties=dict(model["properties"]),
            id_type=model.get("idType", "Number"),
            rows=list(data["rows"]),
            op=data["op"],
            filter=dict(data["filter"]),
            expected=data["expected"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{where} is no case: {type(error).__name__} {error}", code="corpus-line"
        ) from error
    if case.op not in OPS:
        raise ConfigurationError(f"{where} has an unknown op {case.op!r}", code="corpus-line")
    return case
