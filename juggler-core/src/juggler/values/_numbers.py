"""Coercion of numbers: a bool is never one, a text only when all of it is a number."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from juggler.values._refusal import MAX_BITS, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

_INTEGER = re.compile(r"[+-]?[0-9]{1,3900}")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,3899})(\.[0-9]{1,3900})?([eE][+-]?[0-9]{1,9})?")
_DIGITS = 3900
_FORMS = "an int, a float, a Decimal or the text of a JSON number; no bool, NaN or infinity"
_INTEGERS = "an int, a float without fraction or text like '42'; no bool"


def integer(bits: int | None = None) -> Callable[[Any], int]:
    """A coercion to int; with ``bits``, to a signed integer of that width."""

    def coerce(value: Any) -> int:
        if value.__class__ is int:
            number = value
        elif isinstance(value, bool):
            raise refusal(value, "not-an-integer", "is a boolean, no integer", _INTEGERS)
        elif (
            isinstance(value, int)
            or (isinstance(value, float) and value.is_integer())
            or (isinstance(value, str) and _INTEGER.fullmatch(value))
        ):
            number = int(value)
        else:
            raise refusal(value, "not-an-integer", "is no integer", _INTEGERS)
        if bits is not None and not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise refusal(
                value, "out-of-range", f"does not fit in {bits} bits", f"a {bits}-bit integer"
            )
        return _small(number)

    return coerce


def number(value: Any) -> int | float:
    """A number by value: an int where there is no fraction and the value had none, else a float."""
    if isinstance(value, bool):
        raise refusal(value, "not-a-number", "is a boolean, no number", _FORMS)
    if isinstance(value, int):
        return _small(int(value))
    if isinstance(value, float):
        return _finite(float(value), value)
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, str) and (found := _JSON_NUMBER.fullmatch(value)):
        if found[1] is None and found[2] is None:
            return int(value)
        return _finite(float(value), value)
    raise refusal(value, "not-a-number", "is no number", _FORMS)


def real(value: Any) -> float:
    """A float; an int that a float would round is refused."""
    exact = number(value)
    try:
        rounded = float(exact)
    except OverflowError:
        rounded = math.inf
    if isinstance(exact, int) and rounded != exact:
        raise refusal(
            value, "would-round", "cannot be held by a float without rounding", "a smaller integer"
        )
    return rounded


def decimal(value: Any) -> Decimal:
    """A Decimal; a float becomes the shortest decimal that reads as it, as JSON prints it."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise refusal(value, "not-a-number", "is not finite", _FORMS)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _JSON_NUMBER.fullmatch(value):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise refusal(value, "out-of-range", "is too large for a Decimal", _FORMS) from None
    exact = number(value)
    return Decimal(exact) if isinstance(exact, int) else Decimal(repr(exact))


def _of_decimal(value: Decimal) -> int | float:
    if not value.is_finite():
        raise refusal(value, "not-a-number", "is not finite", _FORMS)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0 and value.adjusted() < _DIGITS:
        return int(value)
    return _finite(float(value), value)


def _finite(number: float, value: Any) -> float:
    if not math.isfinite(number):
        raise refusal(value, "not-a-number", "is no finite number", _FORMS)
    return number


def _small(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise refusal(number, "out-of-range", "is too large", f"at most {MAX_BITS} bits")
    return number
