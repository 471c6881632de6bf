"""What type checkers see of a model that was defined from data: any property of any type.

``User = db.define("User", {"name": str})`` knows its properties when the program runs only.
Checkers take every name on it that no model has, and every keyword of ``create``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from juggler.model.aio import Aio
    from juggler.model.base import Model
    from juggler.model.meta import ModelMeta

    class DynamicMeta(ModelMeta):
        """The class of a model out of data."""

        @property
        def aio(self) -> Aio[..., Any]:
            """The asynchronous twins of the operations."""
            raise AttributeError

        def __getattr__(self, name: str) -> Any: ...

    class DynamicModel(Model, metaclass=DynamicMeta):
        """A model out of data."""

        def __init__(self, data: Mapping[str, Any] | None = None, /, **values: Any) -> None: ...
        @classmethod
        def create(  # type: ignore[override]  # any keyword, where a typed class has its own
            cls, data: Mapping[str, Any] | None = None, /, **values: Any
        ) -> Self:
            """Insert a row."""
            raise AttributeError(data, values)

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
