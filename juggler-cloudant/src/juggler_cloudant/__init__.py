"""The IBM Cloudant and Apache CouchDB connector of Juggler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import ConnectorInfo, hookimpl
from juggler_cloudant.settings import CloudantSettings

if TYPE_CHECKING:
    from juggler_cloudant.beyond import Attachments, Changes, Conflicts

__all__ = ["CloudantSettings", "attachments", "changes", "conflicts", "plugin"]


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


def changes(model: Any, since: str | None = None, *, follow: bool = False) -> Changes:
    """The changes of a model's documents, a stream for ``for`` and ``async for``.

    Each has kind, key, instance, version and token.  A document is named once, with its last
    change; of deletions those are told that Juggler made.

    Args:
        model: its class.
        since: the ``token`` of the last change that was seen, ``"now"`` for what comes from here
            on; None begins at the beginning.
        follow: wait for more at the end, for ever, instead of ending.
    """
    from juggler_cloudant.beyond import Changes  # noqa: PLC0415 - loads on use

    return Changes(model, since, follow=follow)


def attachments(instance: Any) -> Attachments:
    """The attachments of a stored row: list, get, stream, put, delete; and ``.aio``."""
    from juggler_cloudant.beyond import Attachments  # noqa: PLC0415 - loads on use

    return Attachments(instance)


def conflicts(instance: Any) -> Conflicts:
    """The revisions in conflict with a stored row: list, resolve; and ``.aio``."""
    from juggler_cloudant.beyond import Conflicts  # noqa: PLC0415 - loads on use

    return Conflicts(instance)
