"""A dictionary over another one that stays as it is: what a transaction writes.

A transaction writes a few rows of a table that may have millions, so its first write copies none.
Reading single keys and writing them goes through what was changed; whoever wants everything makes
one dictionary of the two, which is then the overlay's own.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, ValuesView

K = TypeVar("K")
V = TypeVar("V")

#: Stands for a key that was removed, or that was never there.
_GONE: Final[Any] = object()


class Overlay(MutableMapping[K, V]):
    """Changes over ``base``, which nobody changes as long as this is used."""

    __slots__ = ("_base", "_changes", "_size")

    def __init__(self, base: MutableMapping[K, V]) -> None:
        self._base = base
        self._changes: dict[K, V] = {}
        self._size = len(base)

    def __getitem__(self, key: K) -> V:
        value = self._changes.get(key, _GONE)
        if value is _GONE:
            if key in self._changes:
                raise KeyError(key)
            return self._base[key]
        return value  # type: ignore[no-any-return]

    def __setitem__(self, key: K, value: V) -> None:
        self._size += key not in self
        self._changes[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._size -= 1
        self._changes[key] = _GONE

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def values(self) -> ValuesView[V]:
        """All values."""
        return self._whole().values()

    def items(self) -> ItemsView[K, V]:
        """All keys with their values."""
        return self._whole().items()

    def _whole(self) -> MutableMapping[K, V]:
        """Everything, as one dictionary: the base from now on, with no changes over it."""
        if self._changes:
            whole = dict(self._base)
            for key, value in self._changes.items():
                if value is _GONE:
                    whole.pop(key, None)
                else:
                    whole[key] = value
            self._base, self._changes = whole, {}
        return self._base
