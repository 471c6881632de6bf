"""Searching long texts in time proportional to their length.

Python's ``re`` tries every place of a text anew, so even a tame pattern such as ``[a-z]+x`` needs
time in the square of the text.  Here the parsed pattern becomes a nondeterministic automaton whose
sets of states are followed over the text once, and remembered.  What a single character matches is
still asked of ``re``, so that both agree on letters, digits and case.
"""

from __future__ import annotations

import re
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Test = Callable[[str], Any]
    States = frozenset[int]

#: What stands beside a place of the text.
_EDGE, _NEWLINE, _WORD, _OTHER, _LAST_NEWLINE = range(5)
_LINE_STARTS = {_EDGE, _NEWLINE, _LAST_NEWLINE}
_REMEMBERED = 20_000
_ACCEPT = 0


class Automaton:
    """The search of a parsed pattern of the regular subset.

    Args:
        tree: what ``re`` parsed.
    """

    def __init__(self, tree: Any) -> None:
        #: Per state: where to go after a character that passes the test.
        self._steps: dict[int, tuple[Test, int]] = {}
        #: Per state: where to go without a character.
        self._free: dict[int, list[int]] = {}
        #: Per state: the condition on the place, and where to go.
        self._places: dict[int, tuple[Any, int]] = {}
        self._states = 1
        self._tests: dict[Any, Test] = {}
        self._start = self._sequence(tree, tree.state.flags | re.UNICODE, _ACCEPT)
        self._closures: dict[Any, States] = {}
        self._moves: dict[tuple[States, str], States] = {}

    def search(self, text: str) -> bool | None:
        """True when the pattern is somewhere in the text, else None."""
        at_start = frozenset({self._start})
        states: States = at_start
        kinds = self._kinds(text) if self._places else None
        for place, char in enumerate(text):
            context = None if kinds is None else (kinds[place], kinds[place + 1])
            reached = self._closure(states, context)
            if _ACCEPT in reached:
                return True
            states = self._move(reached, char) | at_start
        context = None if kinds is None else (kinds[-2], kinds[-1])
        return True if _ACCEPT in self._closure(states, context) else None

    # ---------------------------------------------------------------- building

    def _new(self) -> int:
        self._states += 1
        return self._states - 1

    def _sequence(self, items: Any, flags: int, then: int) -> int:
        """The state from which the items lead to ``then``."""
        for code, argument in reversed(list(items)):
            then = self._item(code, argument, flags, then)
        return then

    def _item(self, code: Any, argument: Any, flags: int, then: int) -> int:
        if code is codes.SUBPATTERN:
            _, added, removed, items = argument
            return self._sequence(items, (flags | added) & ~removed, then)
        if code is codes.BRANCH:
            return self._choice([self._sequence(one, flags, then) for one in argument[1]])
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            low, high, body = argument
            return self._repeat(low, high, body, flags, then)
        state = self._new()
        if code is codes.AT:
            self._places[state] = (_place_test(argument, flags), then)
        else:
            self._steps[state] = (self._test(code, argument, flags), then)
        return state

    def _choice(self, states: list[int]) -> int:
        state = self._new()
        self._free[state] = states
        return state

    def _repeat(self, low: Any, high: Any, body: Any, flags: int, then: int) -> int:
        if high is codes.MAXREPEAT:
            after = self._choice([])
            self._free[after] = [self._sequence(body, flags, after), then]
        else:
            after = then
            for _ in range(int(high) - int(low)):
                after = self._choice([self._sequence(body, flags, after), then])
        for _ in range(int(low)):
            after = self._sequence(body, flags, after)
        return after

    def _test(self, code: Any, argument: Any, flags: int) -> Test:
        key = (code, repr(argument), flags)
        if key not in self._tests:
            state = parser.State()
            state.flags = flags
            one = parser.SubPattern(state, [(code, argument)])
            self._tests[key] = compiler.compile(one, flags).match
        return self._tests[key]

    # ---------------------------------------------------------------- following

    def _kinds(self, text: str) -> list[int]:
        """What each character is to its neighbours, with the edges of the text."""
        kinds = [_kind(char) for char in text]
        if kinds and kinds[-1] == _NEWLINE:
            kinds[-1] = _LAST_NEWLINE
        return [_EDGE, *kinds, _EDGE]

    def _closure(self, states: States, context: tuple[int, int] | None) -> States:
        """The states reached without a character."""
        key = (states, context)
        found = self._closures.get(key)
        if found is None:
            self._forget()
            found = self._closures[key] = self._reach(states, context)
        return found

    def _reach(self, states: States, context: tuple[int, int] | None) -> States:
        waiting, seen = list(states), set(states)
        while waiting:
            state = waiting.pop()
            following = self._free.get(state, [])
            if state in self._places:
                test, then = self._places[state]
                following = [then] if context is not None and test(*context) else []
            new = [one for one in following if one not in seen]
            seen.update(new)
            waiting.extend(new)
        return frozenset(one for one in seen if one == _ACCEPT or one in self._steps)

    def _move(self, states: States, char: str) -> States:
        """The states after a character."""
        key = (states, char)
        found = self._moves.get(key)
        if found is None:
            self._forget()
            steps = [self._steps[state] for state in states]
            found = self._moves[key] = frozenset(then for test, then in steps if test(char))
        return found

    def _forget(self) -> None:
        if len(self._moves) + len(self._closures) > _REMEMBERED:
            self._moves.clear()
            self._closures.clear()


def _kind(char: str) -> int:
    if char == "\n":
        return _NEWLINE
    return _WORD if char == "_" or char.isalnum() else _OTHER


def _place_test(code: Any, flags: int) -> Callable[[int, int], bool]:
    """A condition on what stands before and after a place."""
    if code is codes.AT_BOUNDARY:
        return lambda before, after: (before == _WORD) is not (after == _WORD)
    if code is codes.AT_NON_BOUNDARY:
        return lambda before, after: (before == _WORD) is (after == _WORD)
    if code is codes.AT_BEGINNING and flags & re.MULTILINE:
        return lambda before, _: before in _LINE_STARTS
    if code is codes.AT_BEGINNING or code is codes.AT_BEGINNING_STRING:
        return lambda before, _: before == _EDGE
    if code is codes.AT_END and flags & re.MULTILINE:
        return lambda _, after: after in _LINE_STARTS
    if code is codes.AT_END:
        return lambda _, after: after in {_EDGE, _LAST_NEWLINE}
    return lambda _, after: after == _EDGE
