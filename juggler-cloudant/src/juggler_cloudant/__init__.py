"""The IBM Cloudant and Apache CouchDB connector of Juggler."""

from __future__ import annotations

from typing import Any

from juggler.connector import ConnectorInfo, hookimpl
from juggler_cloudant.settings import CloudantSettings

__all__ = ["CloudantSettings", "plugin"]


class Plugin:
    """The card of the connector; the SDK loads with the first data source."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, settings and factories."""
        return ConnectorInfo(
            "cloudant",
            _make,
            CloudantSettings,
            version="0.1.0",
            aliases=("couchdb", "couchdb2"),
            io="blocking",
            types=("db", "nosql", "cloudant"),
            default_id_type="string",
            emulator=_emulate,
            install="pip install juggler-cloudant",
            summary="IBM Cloudant and Apache CouchDB, over the IBM SDK",
        )


def _make(settings: CloudantSettings) -> Any:
    from juggler_cloudant.connector import CloudantConnector  # noqa: PLC0415 - loads the SDK

    return CloudantConnector(settings)


def _emulate(settings: CloudantSettings) -> Any:
    from juggler_cloudant.pure import PureHooks  # noqa: PLC0415 - loads on use

    return PureHooks(settings)


plugin = Plugin()
