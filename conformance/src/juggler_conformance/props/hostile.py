"""Ten thousand inputs that nobody means well: only JugglerErrors, none after a request, no hang."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
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


def _throws(session: Session, share: float, part: str, body: Callable[[Draw], None]) -> None:
    """Run a body on its share of the profile's hostile inputs."""
    wanted = session.profile.hostile * share
    session.examples(body, scale=wanted / session.profile.examples, part=part)
    session.reach.saw("hostile", part)


def _survives(act: Callable[[], Any]) -> JugglerError | None:
    """Whatever happens, it is an answer or a JugglerError, and it comes."""
    with _in_time():
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
    shape = session.shapes[0]
    text = next(name for name in shape.types if str(shape.types[name].kind) == "string")
    model = session.model(shape)
    row = {name: "k1" if name == "id" else None for name in shape.types}
    model.replace_or_create({**row, text: _LONG} if text != "id" else row)

    def body(draw: Draw) -> None:
        given = draw(hostile_filters())
        name = draw(st.sampled_from(("find", "find", "find", "count", "exists", "explain")))
        where = given.get("where", given) if isinstance(given, dict) else given
        with session.recording() as recorder:
            error = _survives(
                lambda: getattr(model, name)(where if name in {"count", "exists"} else given)
            )
        assert error is None or not recorder.hooks, f"{error!r} only after {recorder.hooks}"

    try:
        _throws(session, 0.7, "filters", body)
        for pattern in CATASTROPHES:
            _survives(lambda pattern=pattern: model.find({"where": {text: {"regexp": pattern}}}))
            _survives(lambda pattern=pattern: model.find({"where": {text: {"like": pattern}}}))
        for word in ("and", "or", "nor", "not", "elemMatch", "x"):
            for levels in (100, 100_000):
                error = _survives(
                    lambda word=word, levels=levels: model.find({"where": deep(word, levels)})
                )
                assert error is not None, f"{levels} levels of {word} went through"
    finally:
        session.inside.delete(session.inside.spec(model), [("k1",)])


@conforms("core", usually="a definition whose parts are used before they are checked")
def hostile_definitions_are_survived(session: Session) -> None:
    """Arbitrary JSON as properties, settings or an LDL document is a model or a JugglerError."""

    def body(draw: Draw) -> None:
        builder = ModelBuilder()
        given = draw(hostile_json())
        match draw(st.integers(0, 3)):
            case 0:
                _survives(lambda: builder.define("Hostile", given))
            case 1:
                _survives(lambda: builder.define("Hostile", {"id": {"type": "string", "id": True}}, given))
            case 2:
                _survives(lambda: builder.define("Hostile", {"id": "string", "p": {"type": given}}))
            case _:
                document = given if isinstance(given, dict) else {"name": given}
                _survives(lambda: builder.from_ldl({"name": "Hostile", **document}))

    _throws(session, 0.1, "definitions", body)


@conforms("core", usually="a setting that is used before it is checked")
def hostile_settings_are_survived(session: Session) -> None:
    """Arbitrary JSON as settings or a URL is a data source or a JugglerError; nothing is sent."""
    name = session.inside.name

    def body(draw: Draw) -> None:
        given = draw(hostile_json())
        if draw(st.booleans()):
            settings = given if isinstance(given, dict) else {"url": given}
            arguments: tuple[Any, ...] = (name, {"lazy_connect": True, **settings})
        else:
            arguments = (draw(st.sampled_from((given, f"{name}:{given}", f"{name}://{given}", str(given)))),)
        _survives(lambda: connect(*arguments).close())

    _throws(session, 0.1, "settings", body)


@conforms("core", usually="a token that is parsed before its signature is checked")
def hostile_tokens_are_survived(session: Session) -> None:
    """Anything at all as a page token is refused before any request."""
    if not session.caps.paging:
        return
    model = session.model(session.shapes[0])

    def body(draw: Draw) -> None:
        token = draw(hostile_json() | st.binary(max_size=100) | st.text(max_size=200))
        if token is None:
            return
        with session.recording() as recorder:
            error = _survives(lambda: Query.of(model, {}).page(1, token))
        assert error is not None, f"{token!r} was taken for a token"
        assert not recorder.hooks

    _throws(session, 0.1, "tokens", body)
