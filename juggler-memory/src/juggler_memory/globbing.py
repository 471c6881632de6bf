"""Patterns of keys: ``*`` any run, ``?`` one character, ``[a-z]`` or ``[!a-z]`` one of a set.

A backslash takes the next character as it is.  Matching is greedy and linear in each part, so that
no pattern can hang the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from juggler.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    Part = Callable[[str], bool]

#: Longer patterns are mistakes.
LONGEST: Final = 1_000


def glob_matcher(pattern: str) -> Callable[[str], bool]:
    """The function that says whether a whole text fits a pattern.

    Raises:
        InvalidQueryError: a set is not closed, a backslash ends it, or it is very long.
    """
    if len(pattern) > LONGEST:
        raise _invalid(pattern[:20] + "…", f"it has more than {LONGEST} characters")
    return _Matcher(_parse(pattern)).fits


#: Stands for ``*`` among the parts.
_ANY: Final = None


class _Matcher:
    def __init__(self, parts: list[Part | None]) -> None:
        self.parts = parts

    def fits(self, text: str) -> bool:
        parts, end = self.parts, len(self.parts)
        at = part = 0
        star, resume = -1, 0
        while at < len(text):
            here = parts[part] if part < end else None
            if part < end and here is _ANY:
                star, resume = part, at
                part += 1
            elif here is not None and here(text[at]):
                at, part = at + 1, part + 1
            elif star >= 0:
                resume += 1
                at, part = resume, star + 1
            else:
                return False
        return all(rest is _ANY for rest in parts[part:])


def _parse(pattern: str) -> list[Part | None]:
    parts: list[Part | None] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if not parts or parts[-1] is not _ANY:
                parts.append(_ANY)
        elif char == "?":
            parts.append(lambda _: True)
        elif char == "[":
            part, at = _set(pattern, at)
            parts.append(part)
        elif char == "\\":
            if at == len(pattern):
                raise _invalid(pattern, "it ends with a backslash")
            parts.append(pattern[at].__eq__)
            at += 1
        else:
            parts.append(char.__eq__)
    return parts


def _set(pattern: str, at: int) -> tuple[Part, int]:
    """A set that begins behind its bracket, and the place behind its end."""
    negative = pattern[at : at + 1] in {"!", "^"}
    begin = at + negative
    end = pattern.find("]", begin + 1)
    if end < 0:
        raise _invalid(pattern, "a '[' is not closed")
    ranges: list[tuple[str, str]] = []
    at = begin
    while at < end:
        if at + 2 < end and pattern[at + 1] == "-":
            ranges.append((pattern[at], pattern[at + 2]))
            at += 3
        else:
            ranges.append((pattern[at], pattern[at]))
            at += 1
    return (lambda char: any(low <= char <= high for low, high in ranges) is not negative), end + 1


def _invalid(pattern: str, why: str) -> InvalidQueryError:
    return InvalidQueryError(
        f"the pattern {pattern!r} is not understood: {why}",
        code="bad-glob",
        hint="* is any run, ? one character, [abc] one of them; \\ before one takes it as it is",
    )
