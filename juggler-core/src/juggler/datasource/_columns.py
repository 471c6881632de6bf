"""Names of models, properties, tables and columns, as LoopBack asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.datasource._attach import link_in_force
from juggler.errors import ConfigurationError, did_you_mean
from juggler.spec import EXTRA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.datasource._attach import ModelLink
    from juggler.model.dynamic import DynamicModel
    from juggler.spec import FieldSpec, ModelSpec


class Columns:
    """The naming calls of a data source; a model is given by its name or its class."""

    models: dict[str, type[DynamicModel]]

    def link_of(self, model: Any) -> ModelLink:
        """The link of a model that is attached here.

        Raises:
            ConfigurationError: ``unknown-model``.
        """
        name = model if isinstance(model, str) else getattr(model, "__name__", str(model))
        found = link_in_force(self.models.get(model) if isinstance(model, str) else model)
        if found is None or found.source is not self:
            raise ConfigurationError(
                f"there is no model {name!r} on this data source",
                code="unknown-model",
                hint=did_you_mean(name, self.models) if self.models else "db.attach(User)",
            )
        return found

    def spec_of(self, model: Any) -> ModelSpec:
        """The model as the connector sees it."""
        return self.link_of(model).spec

    def table_name(self, model: Any) -> str:
        """The table or collection of a model."""
        return self.spec_of(model).storage_name

    def column_name(self, model: Any, name: str) -> str:
        """The column of a property."""
        return self._field(model, name).storage_name

    def column_names(self, model: Any) -> list[str]:
        """The columns of a model, in the order of its properties."""
        return [f.storage_name for f in self.spec_of(model).fields if f.name != EXTRA]

    def column_metadata(self, model: Any, name: str) -> Mapping[str, Any]:
        """The connector's own options of a property, empty when it has none."""
        return self._field(model, name).hints.get(self.link_of(model).source.name, {})

    def id_name(self, model: Any) -> str | None:
        """The first property of the key, None without a key."""
        return next(iter(self.id_names(model)), None)

    def id_names(self, model: Any) -> tuple[str, ...]:
        """The properties of the key, in key order."""
        return self.spec_of(model).key.names

    def id_column_name(self, model: Any) -> str | None:
        """The column of the key's first property, None without a key."""
        name = self.id_name(model)
        return None if name is None else self.column_name(model, name)

    def _field(self, model: Any, name: str) -> FieldSpec:
        spec = self.spec_of(model)
        found = spec.field.get(name)
        if found is None or name == EXTRA:
            known = [n for n in spec.names if n != EXTRA]
            raise ConfigurationError(
                f"{spec.name} has no property {name!r}",
                code="unknown-property",
                hint=did_you_mean(name, known),
                model=spec.name,
            )
        return found
