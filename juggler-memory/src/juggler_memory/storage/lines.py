"""One line of the file: a JSON object that ends with a number and a checksum.

``{"write": [...], "n": 17, "crc": "9ae0daaf"}``: ``n`` counts the lines from 0 on without a gap and
``crc`` is the CRC-32 of the text before it.  So a line proves that it is whole and that none before
it is missing.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from juggler.errors import DecodeError

_MARK = b', "crc": "'
_TAIL = len(_MARK) + 8 + len(b'"}\n')


def encode(record: dict[str, Any], number: int) -> bytes:
    """The line of a record, with its newline.

    Texts stay readable; a lone surrogate, which UTF-8 does not have, is kept as it is.
    """
    text = json.dumps({**record, "n": number}, ensure_ascii=False, allow_nan=False)
    body = text[:-1].encode("utf-8", "surrogatepass")
    return b'%b%b%08x"}\n' % (body, _MARK, zlib.crc32(body))


def decode(line: bytes, number: int) -> dict[str, Any]:
    """The record of a line with its newline.

    Raises:
        DecodeError: it is not whole, or not the line of that number.
    """
    if not looks_whole(line):
        raise DecodeError("the checksum is wrong", code="damaged-line")
    body = line[:-_TAIL]
    try:
        record = json.loads(body.decode("utf-8", "surrogatepass") + "}")
    except ValueError as error:
        raise DecodeError("the line is no JSON", code="damaged-line") from error
    if record.pop("n", None) != number:
        raise DecodeError(f"line number {number} was expected", code="damaged-line")
    return dict(record)


def looks_whole(line: bytes) -> bool:
    """Whether a line has its newline and the right checksum, whatever its number."""
    body, end = line[:-_TAIL], line[-_TAIL:]
    return bool(body) and end == b'%b%08x"}\n' % (_MARK, zlib.crc32(body))
