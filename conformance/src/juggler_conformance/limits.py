"""What values a connector takes, read from its capabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from juggler.connector.capabilities import Cap, Capabilities


@frozen
class Limits:
    """Bounds that the generators keep within; what is outside of them must be refused.

    Attributes:
        int_min: smallest integer, None for any.
        int_max: largest integer, None for any.
        empty_is_null: whether empty collections come back as null.
        keeps: whether rows stay at all; a transient store forgets them.
        any_key: whether every text is claimed to be a key.
        any_value: whether every value of a claimed type is claimed to be kept.
        smallest: numbers nearer to 0 than this are not claimed to be kept, except 0.
    """

    int_min: int | None = None
    int_max: int | None = None
    empty_is_null: bool = False
    keeps: bool = True
    any_key: bool = True
    any_value: bool = True
    smallest: float = 0.0

    @classmethod
    def of(cls, caps: Capabilities) -> Limits:
        """The limits that capabilities declare."""
        numbers = caps.integer_range
        return cls(
            int_min=numbers.get("min"),
            int_max=numbers.get("max"),
            empty_is_null=caps.empty_collection.get("kind") == "null",
            keeps=bool(caps.persistence.get("stored", True)),
            any_key=_unlimited(caps.key_limits),
            any_value=_unlimited(caps.value_limits),
            smallest=caps.value_limits.get("smallest", 0.0),
        )

    def takes(self, value: Any) -> bool:
        """Whether a number is within the claimed range (everything else is)."""
        if isinstance(value, float):
            return not value or abs(value) >= self.smallest
        if isinstance(value, bool) or not isinstance(value, int):
            return True
        low = self.int_min is None or value >= self.int_min
        return low and (self.int_max is None or value <= self.int_max)


def _unlimited(cap: Cap) -> bool:
    """Whether a capability for limits says that there are none."""
    if cap.level != "full" or cap.get("empty") is False:
        return False
    return all(value is True or not value for value in cap.detail.values())
