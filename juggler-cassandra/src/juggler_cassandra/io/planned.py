"""A plan's ``opaque``: how to fetch it, and what it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from juggler.spec import StoreSchema
    from juggler_cassandra.planning import Access


@frozen
class Planned:
    """The access of a plan.

    Attributes:
        access: how it is fetched.
        schema: what the plan was made of.
        relation: the table or view that is read.
    """

    access: Access
    schema: StoreSchema = field(eq=False, repr=False)
    relation: str

    @property
    def declared(self) -> bool:
        """Whether it was made of what is declared, without a look at the server."""
        return self.schema.declared

    @property
    def types(self) -> dict[str, str]:
        """CQL types by column, as far as the server was asked."""
        found = self.schema.relation(self.relation)
        if found is None or self.schema.declared:
            return {}
        return {column.name: column.native_type for column in found.columns}
