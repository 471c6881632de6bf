"""One way to say that a value does not fit."""

from __future__ import annotations

from typing import Any

from juggler.errors import InvalidValueError

_LONGEST = 60
#: Larger integers are refused: Python itself will not turn them into text.
MAX_BITS = 13_000


def show(value: Any) -> str:
    """A short text for a message; it never fails and never is long."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, dict | list | tuple | set | frozenset):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, str | bytes | bytearray):
        cut = value[:_LONGEST]
        return repr(cut) + ("…" if len(value) > len(cut) else "")
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a stranger's __repr__ must not hide the real message
        text = f"a {type(value).__name__}"
    return text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")


def refusal(value: Any, code: str, what: str, hint: str) -> InvalidValueError:
    """The error ``<value> <what>``, to be raised; ``hint`` names the accepted forms."""
    return InvalidValueError(f"{show(value)} {what}", code=code, hint=hint)
