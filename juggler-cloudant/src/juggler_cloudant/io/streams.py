"""Bodies that are not held in memory: what is sent piece by piece, and answers that come so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from juggler.errors import InvalidValueError, UnavailableError
from juggler_cloudant.io.errors import of_transport

if TYPE_CHECKING:
    import requests

_CHUNK: Final = 1 << 16


class Upload:
    """The content of a request: a binary file, or pieces; a file is read again from where it was.

    Args:
        content: has ``read``, or is iterable.

    Raises:
        InvalidValueError: it is neither.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        self._is_file = hasattr(content, "read")
        if not self._is_file and (isinstance(content, str) or not isinstance(content, Iterable)):
            raise InvalidValueError(
                f"an attachment's content cannot be a {type(content).__name__}",
                hint="bytes, a file opened with 'rb', or an iterable of bytes",
                connector="cloudant",
            )
        self._start = self.content.tell() if self._is_file and self.content.seekable() else None
        self._begun = False

    def begin(self) -> Iterator[bytes]:
        """The pieces, from the beginning.

        Raises:
            UnavailableError: the server refused them for now, and they cannot be had again.
        """
        if self._begun:
            if self._start is None:
                raise UnavailableError(
                    "the server refused it for now, and its content cannot be read again",
                    hint="give bytes or a file, which can be sent again",
                    retryable=False,
                    connector="cloudant",
                )
            self.content.seek(self._start)
        self._begun = True
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        if not self._is_file:
            yield from (_checked(piece) for piece in self.content if piece)
            return
        while piece := self.content.read(_CHUNK):
            yield _checked(piece)


def _checked(piece: Any) -> bytes:
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise InvalidValueError(
            f"an attachment's content has a {type(piece).__name__} in it, where bytes are needed",
            hint="open the file with 'rb'",
            connector="cloudant",
        )
    return bytes(piece)


def download(response: requests.Response, request: str) -> Iterator[bytes]:
    """The pieces of an answer, as they come; the connection is given back at the end.

    Raises:
        UnavailableError: the answer broke off.
    """
    try:
        yield from response.iter_content(_CHUNK)
    except Exception as error:
        raise of_transport(error, write=False, request=request, late=False) from error
    finally:
        response.close()
