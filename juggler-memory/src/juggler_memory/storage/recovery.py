"""Reading a file back: every whole line, and a report of what an interrupted write left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import ConfigurationError, DecodeError
from juggler_memory.storage import lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: First key of the first line, with the format's number.
FORMAT = "juggler-memory"
NUMBER = 1
_BEGIN = b'{"%b": ' % FORMAT.encode()
_RECORD = re.compile(rb'\{"(?:write|table)": ')
_SHOWN = 200


@frozen
class Recovery:
    """What opening a file found.

    Attributes:
        path: the file.
        lines: whole lines read.
        size: bytes of them.
        dropped: bytes after them that were cut off.
        text: the beginning of what was cut off, readable as far as it goes.
        saved: where what was cut off is kept, None when it was an unfinished last line.
    """

    path: Path
    lines: int = 0
    size: int = 0
    dropped: int = 0
    text: str = ""
    saved: Path | None = None

    def __str__(self) -> str:
        if not self.dropped:
            return f"{self.path.name}: {self.lines} lines"
        what = (
            f"kept in {self.saved.name}"
            if self.saved
            else "an unfinished write that was never acknowledged"
        )
        return f"{self.path.name}: dropped {self.dropped} bytes after line {self.lines} ({what})"


def read(path: Path, apply: Callable[[dict[str, Any]], object], *, repair: bool) -> Recovery:
    """Apply the records of a file in order and cut off an unfinished end.

    Args:
        path: the file; one that is missing or empty has no lines.
        apply: called with each record but the first, which names the format.
        repair: whether to cut the file at a damaged line even if whole lines come after it.  What
            is cut off is then kept beside the file.

    Raises:
        ConfigurationError: it is no file of this format.
        DecodeError: a line in the middle is damaged and ``repair`` is off.
    """
    size = count = 0
    if not path.exists():
        return Recovery(path)
    with path.open("rb") as file:
        for line in file:
            try:
                record = lines.decode(line, count)
            except DecodeError as error:
                _check_begin(path, line, count)
                later = _whole_within(line) + _whole_lines(file.read())
                if later and not repair:
                    raise _damaged(path, count, later, error) from error
                return _cut(path, count, size, keep=bool(later))
            if count == 0:
                _check_format(path, record)
            else:
                apply(record)
            size += len(line)
            count += 1
    return Recovery(path, count, size)


def _check_begin(path: Path, line: bytes, count: int) -> None:
    """Refuse a file of somebody else's; a torn first line is the beginning of ours."""
    if count == 0 and not line.startswith(_BEGIN) and not _BEGIN.startswith(line):
        raise ConfigurationError(
            f"{path.name} is no file of the memory connector",
            code="foreign-file",
            hint="name another file: nothing was changed in this one",
        )


def _check_format(path: Path, record: dict[str, Any]) -> None:
    if record.get(FORMAT) != NUMBER:
        raise ConfigurationError(
            f"{path.name} has format {record.get(FORMAT)!r}; this version reads {NUMBER}",
            code="file-format",
            hint="pip install --upgrade juggler-memory",
        )


def _whole_within(line: bytes) -> int:
    """Whether a whole line ends a damaged one: the newline between the two is what was damaged."""
    return int(any(lines.looks_whole(line[found.start() :]) for found in _RECORD.finditer(line, 1)))


def _whole_lines(rest: bytes) -> int:
    """How many lines after a damaged one look whole: they were acknowledged, so it was no tear."""
    return sum(lines.looks_whole(line) for line in rest.splitlines(keepends=True))


def _damaged(path: Path, count: int, later: int, error: DecodeError) -> DecodeError:
    return DecodeError(
        f"line {count + 1} of {path.name} is damaged ({error.message}), {later} whole lines follow",
        code="damaged-file",
        hint="restore a copy of the file, or open it with repair=True: it then ends before that "
        "line, and what is cut off is kept beside it",
    )


def _cut(path: Path, count: int, size: int, *, keep: bool) -> Recovery:
    with path.open("r+b") as file:
        file.seek(size)
        rest = file.read()
        saved = _save(path, rest) if keep else None
        file.truncate(size)
    text = rest[:_SHOWN].decode("utf-8", "replace")
    return Recovery(path, count, size, len(rest), text, saved)


def _save(path: Path, rest: bytes) -> Path:
    number = 1
    while (saved := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    saved.write_bytes(rest)
    return saved
