"""What the JavaScript beside a model does, as far as its text shows: for the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_COMMENT = re.compile(
    r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"""
)
_BLANK = re.compile(r"\s+")
_STRICT = r"""\s*(?:['"]use\ strict['"];?)?\s*"""
_NOTHING = re.compile(
    rf"""{_STRICT}
    (?:(?:module\.)?exports\s*=\s*
        (?:function\s*\w*\s*\([\w\s,]*\)|\([\w\s,]*\)\s*=>|\w+\s*=>)
        \s*\{{{_STRICT}\}}\s*;?)?
    \s*""",
    re.VERBOSE,
)
_SIGNS: Final = (
    ("hooks", re.compile(r"\.observe\(\s*['\"]([^'\"]+)['\"]")),
    ("remote hooks", re.compile(r"\.(?:before|after)Remote(?:Error)?\(\s*['\"]([^'\"]+)['\"]")),
    ("remote methods", re.compile(r"\.remoteMethod\(\s*['\"]([^'\"]+)['\"]")),
    ("validations", re.compile(r"\.validate(?:s\w+Of|Async)?\(\s*['\"]([^'\"]+)['\"]")),
    ("methods", re.compile(r"\.(?:prototype\.)?(\w+)\s*=\s*(?:async\s+)?(?:function|\()")),
)
_NO_METHODS = frozenset({"exports"})
_MOST = 8


def does(path: Path) -> str | None:
    """What a script does, in words for the report; None when it does nothing."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    code = _COMMENT.sub(_code, text)
    if _NOTHING.fullmatch(_BLANK.sub(" ", code)):
        return None
    found = []
    for what, sign in _SIGNS:
        names = [name for name in dict.fromkeys(sign.findall(code)) if name not in _NO_METHODS]
        if names:
            more = ", …" if len(names) > _MOST else ""
            found.append(f"{what}: {', '.join(names[:_MOST])}{more}")
    return "; ".join(found) or "code"


def _code(found: re.Match[str]) -> str:
    return " " if found[0].startswith("/") else found[0]
