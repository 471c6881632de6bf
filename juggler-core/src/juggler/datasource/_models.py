"""The models of a data source: attaching them, finding them, freezing them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from juggler.datasource import _attach
from juggler.datasource._access import part
from juggler.datasource._attach import ModelLink, Pending
from juggler.datasource._columns import Columns
from juggler.errors import ConfigurationError, did_you_mean
from juggler.model.builder import ModelBuilder
from juggler.model.ldl.writing import type_text
from juggler.model.link import Replaced

if TYPE_CHECKING:
    from juggler.connector.capabilities import Capabilities
    from juggler.connector.host import Host
    from juggler.datasource._schemas import Schemas
    from juggler.datasource.source import DataSource
    from juggler.model import Model
    from juggler.spec import ModelSpec


#: Adds the foreign keys of relations; it loads with the first relation.
_SETTLING = "juggler.model.relations.settling"


class Attached(Columns, ModelBuilder):
    """A builder whose models are attached."""

    host: Host
    schemas: Schemas
    #: One for all data sources: a model may move from one to another.
    _lock = threading.RLock()
    _claims: dict[int, tuple[ModelSpec | None, Capabilities]]

    def __init__(self) -> None:
        ModelBuilder.__init__(self)
        self._frozen = False

    def attach(self, *models: Any) -> None:
        """Attach models: from now on their operations reach this data source.  No I/O.

        A model that is attached elsewhere moves here.

        Raises:
            ConfigurationError: it is no model, abstract, or its name is another model's.
            UnsupportedModelError: the connector cannot hold it; the models before it are attached.
        """
        for model in models:
            with self._lock:
                self._attach(model)

    def detach(self, *models: Any) -> None:
        """Take models off this data source; a model that is not attached here is left alone."""
        with self._lock:
            for model in models:
                link = model.__link__
                if isinstance(link, Pending | ModelLink) and link.source is self:
                    part(model, link.access)
                    model.__link__ = None
                name = model.__definition__.name
                if self.models.get(name) is model:
                    del self.models[name]
            self._changed()

    def defined(self, model: type[Model], previous: type[Model] | None) -> None:
        """Attach a model that was defined here.

        A model that refers to one that is not defined yet is attached when that is.
        """
        del previous  # the builder retires it
        with self._lock:
            try:
                if not model.__definition__.abstract:
                    self._attach(model)
            except ConfigurationError as error:
                if error.code != "unresolved-model":
                    raise
                model.__link__ = Pending(self._me, model)
            else:
                self._attach_pending()

    def delete_model_by_name(self, name: str) -> None:
        """Forget a model; its class is as good as replaced.  The store is left as it is."""
        with self._lock:
            super().delete_model_by_name(name)
            self._changed()

    def define_foreign_key(
        self, model: Any, key: str, foreign: Any, primary_key: str | None = None
    ) -> None:
        """Give a model a property that refers to another model's key.

        Args:
            model: the model that gets it, by name or class.
            key: the property; one that is there keeps its place and options and gets the type.
            foreign: the model that it refers to.
            primary_key: the property of its key, the first one by default.

        Raises:
            ConfigurationError: ``unknown-model``, ``unknown-property``.
        """
        owner = self.link_of(model).model
        target = self.link_of(foreign)
        name = primary_key or self.id_name(foreign)
        referred = target.model.__definition__.properties.get(name)
        if referred is None:
            raise ConfigurationError(
                f"{target.spec.name} has no property {name!r} to refer to",
                code="unknown-property",
                hint=did_you_mean(str(name), target.model.__definition__.properties),
                model=target.spec.name,
            )
        own = owner.ldl()["properties"].get(key, {})
        options = own if isinstance(own, dict) else {}
        self.define_property(owner, key, {**options, "type": type_text(referred.type)})

    def links(self) -> list[ModelLink]:
        """The links of all models that are attached here."""
        found = (_attach.link_in_force(model) for model in self.models.values())
        return [link for link in found if link is not None and link.source is self]

    def freeze(self) -> None:
        """No definition and no schema changes after this."""
        self._frozen = True
        if self.host.implements("freeze"):
            self.host.bound("freeze")()

    def assert_thawed(self, what: str) -> None:
        """Refuse a change of a frozen data source.

        Raises:
            ConfigurationError: ``frozen``.
        """
        if self._frozen:
            raise ConfigurationError(
                f"the data source is frozen: {what} any more",
                code="frozen",
                hint="do it before db.freeze()",
                connector=self.host.name,
            )

    def migratable(self, names: Any = None) -> tuple[ModelSpec, ...]:
        """The specs of models whose schema is ours, tables before views.

        Args:
            names: a name or class, several, or None for all that are attached.

        Raises:
            ConfigurationError: ``unknown-model``; ``unmanaged-model`` for one made by hand;
                ``unresolved-model`` for one that refers to a type that nobody defined.
        """
        if names is None:
            for model in list(self.models.values()):
                if isinstance(model.__link__, Pending):
                    self.attach(model)  # says what it waits for
            specs = [link.spec for link in self.links() if link.spec.managed]
        else:
            if isinstance(names, str | type) or not isinstance(names, Iterable):
                names = (names,)
            specs = [self.spec_of(name) for name in names]
        for spec in specs:
            if not spec.managed:
                raise ConfigurationError(
                    f"the model {spec.name} is over something made by hand (managed=False)",
                    code="unmanaged-model",
                    hint="leave it out, or let Juggler manage it",
                    model=spec.name,
                )
        return tuple(sorted(specs, key=lambda spec: spec.view is not None))

    def _attach(self, model: Any) -> None:
        self.assert_thawed("no model can be attached")
        if getattr(getattr(model, "__definition__", None), "settings", {}).get("mixins"):
            self.mixins.settle(model, attaching=True)
        link = _attach.attach(self._me, model)
        name = link.spec.name
        old = self.models.get(name)
        if old is not None and old is not model:
            old.__link__, old.__replaced__ = Replaced(name), True
        self.models[name] = model
        self._changed()
        if link.spec.view is not None:
            _attach.rebind_base(self._me, link.spec)
        if model.__definition__.relations or _SETTLING in sys.modules:
            import_module(_SETTLING).settle(model)

    def _attach_pending(self) -> None:
        for model in list(self.models.values()):
            if isinstance(model.__link__, Pending):
                with suppress(ConfigurationError):
                    self._attach(model)

    def _specs(self) -> list[ModelSpec]:
        return [link.spec for link in self.links()]

    def _changed(self) -> None:
        self._claims = {}
        self.schemas.forget()

    @property
    def _me(self) -> DataSource:
        return cast("DataSource", self)


def _after_fork() -> None:
    """Whoever held the lock is not in the child."""
    Attached._lock = threading.RLock()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
