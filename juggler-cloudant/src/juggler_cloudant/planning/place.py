"""What planning knows of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home
    from juggler_cloudant.ids import Ids


@frozen(eq=False)
class Place:
    """A model and what its planning needs."""

    model: ModelSpec
    home: Home
    ids: Ids
