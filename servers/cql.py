"""As much of CQL's wire protocol (version 4) as it takes to ask whether a node is ready."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[bytes | None, ...]

_VERSION = 4
_STARTUP, _AUTHENTICATE, _QUERY, _RESULT, _AUTH_RESPONSE = 0x01, 0x03, 0x07, 0x08, 0x0F
_ERROR = 0x00
_CONSISTENCY_ONE = 0x0001
_ROWS = 2
_ELEMENTS = {0x20: 1, 0x21: 2, 0x22: 1}
"""Type parameters of list, map and set; no other nested type is read here."""
_TIMEOUT_SECONDS = 10


class RefusedError(OSError):
    """The node answered with an error: it does not know the login, or the statement failed."""


def query(host: str, port: int, statement: str, login: tuple[str, str] | None) -> list[Row]:
    """Return the rows that a node answers with, each value as its bytes.

    Raises:
        OSError: nobody answers; RefusedError: with an error.
    """
    with socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as connection:
        opcode, _ = _ask(connection, _STARTUP, _string_map({"CQL_VERSION": "3.0.0"}))
        if opcode == _AUTHENTICATE:
            username, password = login or ("", "")
            token = f"\0{username}\0{password}".encode()
            _ask(connection, _AUTH_RESPONSE, struct.pack(">i", len(token)) + token)
        text = statement.encode()
        body = struct.pack(">i", len(text)) + text + struct.pack(">HB", _CONSISTENCY_ONE, 0)
        _, answer = _ask(connection, _QUERY, body)
        return list(_rows(answer))


def _ask(connection: socket.socket, opcode: int, body: bytes) -> tuple[int, bytes]:
    connection.sendall(struct.pack(">BBhBi", _VERSION, 0, 0, opcode, len(body)) + body)
    _, _, _, answer, length = struct.unpack(">BBhBi", _receive(connection, 9))
    text = _receive(connection, length)
    if answer == _ERROR:
        raise RefusedError(text[6:].decode(errors="replace"))
    return answer, text


def _receive(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionResetError("the node ended the connection")
        data += piece
    return data


def _string_map(entries: dict[str, str]) -> bytes:
    texts = [text.encode() for pair in entries.items() for text in pair]
    strings = b"".join(struct.pack(">H", len(text)) + text for text in texts)
    return struct.pack(">H", len(entries)) + strings


def _rows(answer: bytes) -> Iterator[Row]:
    reader = _Reader(answer)
    if reader.number(">i") != _ROWS:
        return
    reader.number(">i")  # flags: one table, named once, as always in a simple SELECT
    columns = reader.number(">i")
    reader.text()
    reader.text()
    for _ in range(columns):
        reader.text()
        reader.type()
    for _ in range(reader.number(">i")):
        yield tuple(reader.value() for _ in range(columns))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return int(value)

    def text(self) -> None:
        length = self.number(">H")
        self._place += length

    def type(self) -> None:
        for _ in range(_ELEMENTS.get(self.number(">H"), 0)):
            self.type()

    def value(self) -> bytes | None:
        length = self.number(">i")
        if length < 0:
            return None
        self._place += length
        return self._data[self._place - length : self._place]
