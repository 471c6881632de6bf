r"""SQL's LIKE: ``%`` any run, ``_`` one character, ``\`` makes the next character literal.

The whole text has to match, every other character is itself, and no regular expression is involved:
the parts between ``%`` are found from left to right, so the time is bounded by text times pattern.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from juggler.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable

#: A run between two ``%``: characters, None for ``_``.
_Run = tuple["str | None", ...]


#: Characters that fold to the same several characters and are not each other's lower case.
_TWINS = {"\u1fd3": "\u0390", "\u1fe3": "\u03b0", "\ufb05": "\ufb06"}


@lru_cache(maxsize=512)
def like_matcher(  # the flag is positional as in the tree's node
    pattern: str,
    ci: bool = False,  # noqa: FBT001, FBT002
) -> Callable[[str], bool]:
    """A function that says whether a text is like ``pattern``.

    Args:
        pattern: the pattern.
        ci: fold case, one character by one character (``É`` is ``é``; ``ß`` is not ``ss``).

    Raises:
        InvalidQueryError: the pattern ends in a lone backslash.
    """
    runs = [_folded_run(run) if ci else run for run in _runs(pattern)]
    match = _match_runs(runs)
    if ci:
        return lambda text: match(fold(text))
    return match


def like_prefix(pattern: str) -> tuple[str, bool]:
    """The literal text that a pattern begins with, and whether the pattern says no more than that.

    Returns:
        ``("ab", True)`` of ``ab%``; ``("ab", False)`` of ``ab``, ``ab_``, ``ab%c``.
    """
    first, *rest = _runs(pattern)
    literal = first[: first.index(None)] if None in first else first
    exact = len(literal) == len(first) and bool(rest) and not any(rest)
    return "".join(char for char in literal if char is not None), exact


def like_literal(pattern: str) -> str | None:
    """The only text that is like the pattern, None when there are several."""
    runs = _runs(pattern)
    first, *rest = runs
    if rest or None in first:
        return None
    return "".join(char for char in first if char is not None)


def escape_like(text: str) -> str:
    """The pattern that only ``text`` is like."""
    return "".join(f"\\{char}" if char in "%_\\" else char for char in text)


def fold(text: str) -> str:
    """The text with case folded and as many characters as before."""
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    return folded if len(folded) == len(text) else "".join(_fold_char(char) for char in text)


def _fold_char(char: str) -> str:
    folded = char.casefold()
    if len(folded) > 1:  # as one character all the same: ẞ is ß, but ß is not ss
        folded = _TWINS.get(char, char.lower())
    return folded if len(folded) == 1 else char


def _folded_run(run: _Run) -> _Run:
    return tuple(None if char is None else fold(char) for char in run)


@lru_cache(maxsize=512)
def _runs(pattern: str) -> tuple[_Run, ...]:
    runs: list[list[str | None]] = [[]]
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            literal = next(chars, None)
            if literal is None:
                raise InvalidQueryError(
                    f"the pattern {pattern[:60]!r} ends in a lone backslash",
                    code="bad-like",
                    hint=r"write \\ for a backslash",
                )
            runs[-1].append(literal)
        elif char == "%":
            runs.append([])
        else:
            runs[-1].append(None if char == "_" else char)
    return tuple(map(tuple, runs))


def _match_runs(runs: list[_Run]) -> Callable[[str], bool]:
    if len(runs) == 1:
        return _match_whole(runs[0])
    first, last = runs[0], runs[-1]
    middle = [_finder(run) for run in runs[1:-1] if run]
    begins, ends = _at(first), _at(last)
    shortest = len(first) + len(last)

    def match(text: str) -> bool:
        end = len(text) - len(last)
        if len(text) < shortest or not begins(text, 0) or not ends(text, end):
            return False
        start = len(first)
        for find in middle:
            start = find(text, start, end)
            if start < 0:
                return False
        return True

    return match


def _match_whole(run: _Run) -> Callable[[str], bool]:
    fits, length = _at(run), len(run)
    return lambda text: len(text) == length and fits(text, 0)


def _at(run: _Run) -> Callable[[str, int], bool]:
    """Whether a run stands at a place of a text that is long enough."""
    if None not in run:
        literal = "".join(char for char in run if char is not None)
        return lambda text, start: text.startswith(literal, start)
    pieces = _pieces(run)
    return lambda text, start: all(
        text.startswith(piece, start + offset) for offset, piece in pieces
    )


def _finder(run: _Run) -> Callable[[str, int, int], int]:
    """The end of the first occurrence of a run within ``text[start:end]``, or -1."""
    length, pieces = len(run), _pieces(run)
    if not pieces:
        return lambda _, start, end: start + length if start + length <= end else -1
    offset, literal = max(pieces, key=lambda piece: len(piece[1]))
    others = [piece for piece in pieces if piece != (offset, literal)]

    def find(text: str, start: int, end: int) -> int:
        if end - start < length:  # a bound below zero would count from the text's end
            return -1
        after = length - offset - len(literal)
        at = text.find(literal, start + offset, end - after)
        while at >= 0:
            begin = at - offset
            if all(text.startswith(piece, begin + place) for place, piece in others):
                return begin + length
            at = text.find(literal, at + 1, end - after)
        return -1

    return find


def _pieces(run: _Run) -> list[tuple[int, str]]:
    """The literal stretches of a run with their offsets."""
    pieces: list[tuple[int, str]] = []
    start = 0
    for place, char in enumerate((*run, None)):
        if char is None:
            if place > start:
                pieces.append((start, "".join(c for c in run[start:place] if c is not None)))
            start = place + 1
    return pieces
