"""Ten thousand inputs that nobody means well: only JugglerErrors, none after a request, no hang."""

from __future__ import annotations

import base64
import signal
import threading
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler import ModelBuilder, Query, connect
from juggler.errors import JugglerError
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import hostile_filters, hostile_json
from juggler_conformance.strategies.hostile import CATASTROPHES, deep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler_conformance.session import Draw, Session

#: Seconds after which something hangs; each input takes milliseconds.
_PATIENCE = 30
_LONG = "a" * 3000 + "!"
_OPERATORS = (
    "eq", "neq", "gt", "gte", "lt", "lte", "between", "inq", "nin", "like", "nlike", "ilike",
    "nilike",
    "regexp", "exists", "near", "contains", "containsKey", "elemMatch", "any", "and", "or", "nor",
    "not",
)  # fmt: skip
_SETTINGS = (
    "url", "host", "port", "username", "password", "database", "debug", "timeout",
    "connect_timeout",
    "page_size", "consistency", "token_secret", "scan", "max_sort", "naive", "nope",
)  # fmt: skip


def _throws(
    session: Session, share: float, part: str, body: Callable[[Draw], None], *, each: int = 1
) -> None:
    """Run a body, which throws ``each`` inputs at a time, on a share of the hostile inputs."""
    wanted = session.profile.hostile * share / each
    scale = wanted / session.profile.examples
    session.examples(body, scale=scale, part=part, least=int(wanted))


def _opened(arguments: tuple[Any, ...]) -> None:
    connect(*arguments).close()


def _survives(act: Callable[[], Any]) -> JugglerError | None:
    """Whatever happens, it is an answer or a JugglerError, and it comes."""
    with _in_time(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown keys of definitions are kept, with a warning
        try:
            act()
        except JugglerError as error:
            assert str(error)
            return error
    return None


@contextmanager
def _in_time() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(signum: int, frame: Any) -> None:
        del signum, frame
        message = f"no answer after {_PATIENCE} seconds"
        raise AssertionError(message)

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@conforms("core", usually="a filter that is walked before it is checked")
def hostile_filters_are_survived(session: Session) -> None:
    """Arbitrary JSON as a filter gives an answer or a JugglerError before any request."""
    shape = session.simple()
    text = next(n for n in shape.plain_names if str(shape.types[n].kind) == "string")
    model = session.model(shape)
    model.replace_or_create({"id": "k1", text: _LONG})

    def throw(given: Any, name: str = "find") -> JugglerError | None:
        session.reach.saw("hostile", name)
        with session.recording() as recorder:
            error = _survives(lambda: getattr(model, name)(given))
        assert error is None or not recorder.hooks, f"{error!r} only after {recorder.hooks}"
        return error

    def body(draw: Draw) -> None:
        given = draw(hostile_filters())
        words = draw(st.lists(st.sampled_from(_OPERATORS), min_size=4, max_size=4, unique=True))
        path = draw(st.sampled_from(list(shape.types)))
        throw(given, draw(st.sampled_from(("find", "explain", "find_one"))))
        throw(given, draw(st.sampled_from(("count", "exists"))))
        for part in ("where", "order", "fields", "limit", "skip"):
            throw({part: given})
        throw({path: given}, "count")
        for word in words:
            throw({path: {word: given}}, "count")

    try:
        _throws(session, 0.7, "filters", body, each=12)
        for pattern in CATASTROPHES:
            for word in ("regexp", "like", "ilike"):
                throw({"where": {text: {word: pattern}}})
        for word in ("and", "or", "nor", "not", "elemMatch", "x"):
            for levels in (100, 20_000):
                error = throw({"where": deep(word, levels)})
                assert error is not None, f"{levels} levels of {word} went through"
    finally:
        session.inside.delete(session.inside.spec(model), [("k1",)])


@conforms("core", usually="a definition whose parts are used before they are checked")
def hostile_definitions_are_survived(session: Session) -> None:
    """Arbitrary JSON as properties, settings or an LDL document is a model or a JugglerError."""

    def body(draw: Draw) -> None:
        builder = ModelBuilder()
        given = draw(hostile_json())
        document = given if isinstance(given, dict) else {"name": given}
        for act in (
            lambda: builder.define("Hostile", given),
            lambda: builder.define("Hostile", {"id": "string"}, given),
            lambda: builder.define("Hostile", {"id": "string", "p": given}),
            lambda: builder.define("Hostile", {"id": "string", "p": {"type": given}}),
            lambda: builder.from_ldl({"name": "Hostile", **document}),
        ):
            session.reach.saw("hostile", "definitions")
            _survives(act)

    _throws(session, 0.1, "definitions", body, each=5)


@conforms("core", usually="a setting that is used before it is checked")
def hostile_settings_are_survived(session: Session) -> None:
    """Arbitrary JSON as settings or a URL is a data source or a JugglerError; nothing is sent."""
    name = session.inside.name

    def body(draw: Draw) -> None:
        given = draw(hostile_json())
        settings = given if isinstance(given, dict) else {"url": given}
        word = draw(st.sampled_from(_SETTINGS))
        ways: list[tuple[Any, ...]] = [(name, settings), (name, {word: given}), (given,)]
        ways += [({"connector": name, word: given},), (f"{name}:{given}",)]
        for arguments in ways:
            session.reach.saw("hostile", "settings")
            _survives(partial(_opened, arguments))

    _throws(session, 0.1, "settings", body, each=5)


@conforms("core", usually="a token that is parsed before its signature is checked")
def hostile_tokens_are_survived(session: Session) -> None:
    """Anything at all as a page token is refused before any request."""
    if not session.caps.paging:
        return
    model = session.model(session.shapes[0])

    def body(draw: Draw) -> None:
        page: Callable[..., Any] = Query.of(model, {}).page
        given = draw(hostile_json() | st.binary(max_size=100) | st.text(max_size=200))
        for token in (
            given,
            str(given),
            repr(given).encode(),
            base64.urlsafe_b64encode(repr(given).encode()),
        ):
            if token is None:
                continue
            session.reach.saw("hostile", "tokens")
            with session.recording() as recorder:
                error = _survives(partial(page, 1, token))
            assert error is not None, f"{token!r} was taken for a token"
            assert not recorder.hooks

    _throws(session, 0.1, "tokens", body, each=4)
