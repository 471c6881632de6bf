"""Requests over IBM's SDK: its authentication and sessions, with deadlines and errors of our own.

The SDK's retries stay off: they would repeat writes.  Paths are built here and quoted by whoever
builds them; ids of documents that a URL would change never get into one.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

import requests
from ibm_cloud_sdk_core import ApiException

from juggler.errors import AuthenticationError, DeadlineError, InvalidValueError
from juggler_cloudant.io.errors import (
    no_json,
    of_answer,
    of_login,
    of_transport,
    unknown,
)
from juggler_cloudant.io.limits import Bucket
from juggler_cloudant.io.service import service_of
from juggler_cloudant.io.streams import Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from juggler.connector import OpContext
    from juggler_cloudant.settings import CloudantSettings

Class = Literal["read", "write", "query"]
_CHUNK: Final = 1 << 16


class Client:
    """One service: a pool of connections, buckets per class of request.  Threads may share it.

    Args:
        settings: of the data source.
    """

    def __init__(self, settings: CloudantSettings) -> None:
        self.settings = settings
        self.pid = os.getpid()
        #: The largest integer of the server; what looks like a larger one was a float.
        self.largest: int | None = None
        #: Whether ``_find`` can be told to take no other index: CouchDB before 3.4 cannot.
        self.pins = True
        self.service = service_of(settings)
        self._buckets = {
            "read": Bucket(settings.rate_read),
            "write": Bucket(settings.rate_write),
            "query": Bucket(settings.rate_query),
        }

    def close(self) -> None:
        """Close the connections."""
        self.service.get_http_client().close()

    def send(
        self,
        method: str,
        path: str,
        ctx: OpContext,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        cls: Class = "query",
        write: bool = False,
    ) -> Any:
        """One request; its answer as data.

        Args:
            method: of HTTP.
            path: quoted, from the server's root.
            ctx: the operation's context; its deadline bounds the request.
            body: data to send as JSON, or a text that is JSON already.
            params: of the URL.
            cls: Cloudant's class of the request.
            write: whether the request changes something, so that no answer is an unknown outcome.

        Raises:
            NotThereError: 404.
            JugglerError: anything else that is no answer.
        """
        content, _ = self.raw(method, path, ctx, body=body, params=params, cls=cls, write=write)
        return self.data(content, write=write, request=f"{method} {path}")

    def data(self, content: bytes, *, write: bool, request: str) -> Any:
        """An answer's body as data; an answer that broke off is none, even if its head came."""
        try:
            return json.loads(content, parse_int=None if self.largest is None else self._integer)
        except ValueError as error:
            raise no_json(content, write=write, request=request) from error

    def _integer(self, text: str) -> int | float:
        number = int(text)
        return number if abs(number) <= (self.largest or 0) else float(text)

    def raw(
        self,
        method: str,
        path: str,
        ctx: OpContext,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        cls: Class = "query",
        write: bool = False,
    ) -> tuple[bytes, str]:
        """As :meth:`send`; the answer's bytes and media type."""
        left = ctx.remaining
        response = self.opened(
            method, path, ctx, body=body, params=params, headers=headers, cls=cls, write=write
        )
        if response is None:
            return b"", ""
        with self._told(left, write=write, request=f"{method} {path}"):
            content = _read(response, ctx)
        return content, str(response.headers.get("Content-Type", ""))

    def opened(
        self,
        method: str,
        path: str,
        ctx: OpContext,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        cls: Class = "query",
        write: bool = False,
    ) -> requests.Response | None:
        """As :meth:`raw`; the answer whose body is still to be read, None where it has none."""
        ctx.note(f"{method} {path}", _shown(body, params))
        self._buckets[cls].take(ctx)
        given = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        described = {"method": method, "url": path, "headers": given}
        for again in (False, True):
            left = ctx.remaining
            request = self._prepared(**described, params=dict(params or {}), data=_data(body))
            if isinstance(body, Upload):
                request["data"] = body.begin()
            try:
                with self._told(left, write=write, request=f"{method} {path}"):
                    answer = self.service.send(request, stream=True, timeout=self._timeouts(left))
                    response: requests.Response | None = answer.get_result()
                    return response
            except AuthenticationError:
                if again or not self._forget_login():
                    raise
        raise AssertionError  # the second turn returns or raises

    def _forget_login(self) -> bool:
        """Log in anew for the next request: the server may have forgotten the login, as restarted.

        Returns whether there was a login; a name and a password are sent with every request.
        """
        manager = getattr(self.service.authenticator, "token_manager", None)
        if manager is None or not manager.expire_time:
            return False
        manager.expire_time = 0
        return True

    @contextmanager
    def _told(self, left: float | None, *, write: bool, request: str) -> Iterator[None]:
        """Whatever goes wrong inside is one of our errors.

        Args:
            left: seconds that the operation had.
            write: whether no answer means an unknown outcome.
            request: for the error.
        """
        try:
            yield
        except InvalidValueError:  # of content that is read while it is sent
            raise
        except ApiException as error:
            told = of_answer(error, write=write, request=request)
            if isinstance(told, AuthenticationError) and self.settings.way == "none":
                told.hint = "nobody was named: username= and password=, or api_key="
            raise told from error
        except DeadlineError as error:
            if write:
                raise unknown("the time is over", {"connector": "cloudant"}) from error
            raise
        except Exception as error:  # the SDK itself stumbles over answers that are no objects
            late = isinstance(error, requests.exceptions.Timeout) and self._is_end(left)
            raise of_transport(error, write=write, request=request, late=late) from error

    def _prepared(self, **given: Any) -> Any:
        """The request, with its authentication: that may need a request of its own."""
        try:
            return self.service.prepare_request(**given)
        except Exception as error:
            if manager := getattr(self.service.authenticator, "token_manager", None):
                manager.request_time = 0  # else the SDK lets the next login wait for a minute
            if isinstance(error, requests.RequestException | OSError):
                raise of_transport(error, write=False, request="login", late=False) from error
            raise of_login(error) from error

    def _is_end(self, left: float | None) -> bool:
        """Whether it was the operation's time that ended, not the patience with a silent server."""
        return left is not None and left <= self.settings.read_timeout

    def _timeouts(self, left: float | None) -> tuple[float, float]:
        connect, read = self.settings.connect_timeout, self.settings.read_timeout
        if left is None:
            return connect, read
        return max(min(connect, left), 0.001), max(min(read, left), 0.001)


def _read(response: requests.Response, ctx: OpContext) -> bytes:
    """The whole body, however slowly it comes, until the deadline."""
    parts = []
    try:
        for part in response.iter_content(_CHUNK):
            parts.append(part)
            _ = ctx.remaining  # raises when the time is over
    except BaseException:
        response.close()
        raise
    return b"".join(parts)


def _data(body: Any) -> Any:
    """A request's body as the SDK takes it."""
    if isinstance(body, Upload):
        return None  # the SDK takes no streams: it is added to the request
    return body if body is None or isinstance(body, str | bytes) else json.dumps(body)


def _shown(body: Any, params: Any) -> Any:
    if isinstance(body, Upload):
        return ("a stream",)
    if isinstance(body, str):
        return (body[:2000],)
    if isinstance(body, bytes):
        return (f"{len(body)} bytes",)
    return body if body is not None else dict(params or {})
