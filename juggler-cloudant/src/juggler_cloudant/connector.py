"""The connector: hooks only; each hook's work is in the module of its name."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from juggler.connector import NativeResult, ServerInfo, hookimpl
from juggler.errors import CapabilityError, SchemaDriftError, UnavailableError
from juggler_cloudant.capabilities import capabilities_of, keeps_of
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of
from juggler_cloudant.io import applying, discovery, feed, native, reading, schema, views, writing
from juggler_cloudant.io.client import Client
from juggler_cloudant.io.reader import Reader
from juggler_cloudant.io.server import server_of
from juggler_cloudant.pure import PureHooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import (
        ChangePage,
        DiscoverRequest,
        Discovery,
        Key,
        OpContext,
        Page,
        Plan,
        Rows,
        SchemaStep,
        StepResult,
        WriteOp,
        WriteOptions,
        WriteResult,
    )
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_cloudant.settings import CloudantSettings


class CloudantConnector(PureHooks):
    """A service, shared by threads; a child process makes one of its own."""

    def __init__(self, settings: CloudantSettings) -> None:
        super().__init__(settings)
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._documents: dict[str, Documents] = {}
        self._models: dict[str, ModelSpec] = {}
        self.version = ""
        self.features: frozenset[str] = frozenset()

    # ------------------------------------------------------------ life cycle

    @hookimpl
    def open(self, ctx: OpContext) -> None:
        """Make the client and ask the server what it is."""
        with self._lock:
            if self._client is None or self._client.pid != os.getpid():
                self._client = Client(self.settings)
        self._ask(ctx)

    @hookimpl
    def close(self, ctx: OpContext) -> None:
        """Close the connections."""
        del ctx
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @hookimpl
    def ping(self, ctx: OpContext) -> ServerInfo:
        """Product and version of the server."""
        self._ask(ctx)
        title = {"couchdb": "CouchDB", "cloudant": "Cloudant", "pouchdb": "PouchDB server"}
        return ServerInfo(title[self.product], self.version, self.features)

    def _ask(self, ctx: OpContext) -> None:
        product, self.version, self.features = server_of(self.client, ctx)
        self.product = self.settings.product or product
        self.client.largest = keeps_of(self.product).largest

    @property
    def client(self) -> Client:
        """The service; there is one while the connector is open."""
        client = self._client
        if client is None:
            raise UnavailableError("the data source is not open", connector=self.name)
        return client

    # ------------------------------------------------------------ data

    @hookimpl
    def bind(self, model: ModelSpec) -> None:
        """Refuse what documents cannot hold."""
        PureHooks.bind(self, model)
        self._models[model.name] = model

    @hookimpl
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """One page."""
        self._checked(plan)
        return reading.fetch(self._reader(plan.query.model, ctx), plan, cursor, want)

    @hookimpl
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Rows by key."""
        return reading.get(self._reader(model, ctx), keys, fields)

    @hookimpl
    def count(self, plan: Plan, ctx: OpContext) -> Any:
        """By the index where it knows."""
        self._checked(plan)
        return views.count(self._reader(plan.query.model, ctx), plan)

    @hookimpl
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """In bulk, under revisions."""
        return writing.write(self._reader(model, ctx), ops, opts)

    def _checked(self, plan: Plan) -> None:
        """A plan of before the server said what it is may use what it has not."""
        if plan.opaque is not None and not plan.opaque.indexless and not self._indexed:
            raise SchemaDriftError(
                f"the server is a {self.product}, whose indexes are not used", connector=self.name
            )

    def _reader(self, model: ModelSpec, ctx: OpContext) -> Reader:
        documents = self._documents.get(model.fingerprint)
        if documents is None:
            documents = Documents(model, home_of(model, self.settings), keeps_of(self.product))
            self._documents[model.fingerprint] = documents
        return Reader(self.client, documents, ctx)

    # ------------------------------------------------------------ schema

    @hookimpl
    def read_schema(self, models: Sequence[ModelSpec] | None, ctx: OpContext) -> StoreSchema:
        """Databases and indexes of the models, by default of all that were attached."""
        wanted = list(self._models.values()) if models is None else models
        return schema.read_schema(self.client, wanted, self.settings, ctx, self.product)

    @hookimpl
    def apply_schema(self, step: SchemaStep, ctx: OpContext) -> StepResult:
        """One step."""
        return applying.apply_step(self.client, step, ctx)

    @hookimpl
    def discover(self, request: DiscoverRequest, ctx: OpContext) -> Discovery:
        """Models out of a sample of documents."""
        return discovery.discover(self.client, self.settings, request, ctx)

    # ------------------------------------------------------------ beyond

    @hookimpl
    def changes(
        self, model: ModelSpec | None, since: str | None, want: int, ctx: OpContext
    ) -> ChangePage:
        """Changes of a model's documents."""
        if model is None:
            raise CapabilityError(
                "Cloudant gives the changes of one model at a time",
                feature="changes_feed",
                alternatives=("name the model",),
                connector=self.name,
            )
        selects = capabilities_of(self.product).changes_feed.get("filter") == "server"
        return feed.changes(self._reader(model, ctx), since, want, selects=selects)

    def require_documents(self) -> None:
        """Refuse what reads and writes whole documents on a server that loses parts of them.

        Raises:
            CapabilityError: attachments and conflicts of the PouchDB server.
        """
        if not self._indexed:
            raise CapabilityError(
                f"attachments and conflicts are not offered on a {self.product}",
                feature="attachments",
                alternatives=("a CouchDB",),
                connector=self.name,
            )

    @hookimpl
    def native(
        self, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
    ) -> NativeResult:
        """A Mango body, a view, or an HTTP request."""
        return native.run(self.client, self.settings, statement, params, opts=opts, ctx=ctx)
