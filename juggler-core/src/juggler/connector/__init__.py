"""What a connector's author needs: the contract's hooks, types and helpers, in one place."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from juggler.connector.access import operations_of
from juggler.connector.capabilities import (
    Cap,
    Capabilities,
    emulated,
    full,
    impossible,
    partial,
)
from juggler.connector.codec import RowCodec, codec
from juggler.connector.context import Deferred, OpContext
from juggler.connector.hookspecs import CONTRACT, hookimpl
from juggler.connector.info import ConnectorInfo
from juggler.connector.keys import keys_of, pinned, without
from juggler.connector.plan import Cost, Plan, Statement
from juggler.connector.results import (
    ChangeEvent,
    ChangePage,
    DiscoveredModel,
    DiscoverRequest,
    Discovery,
    ForeignKey,
    Key,
    NativeResult,
    Page,
    Row,
    Rows,
    ServerInfo,
    Version,
)
from juggler.connector.scan import full_scan
from juggler.connector.schema import SchemaStep, SchemaSteps, StepResult
from juggler.connector.writes import (
    Add,
    Append,
    Change,
    Inc,
    Remove,
    WhereResult,
    WriteOp,
    WriteOptions,
    WriteResult,
)

if TYPE_CHECKING:
    from juggler.connector._masking import mask_url
    from juggler.connector.settings import OPEN_GUARD, Settings, setting
    from juggler.connector.simple import SimpleConnector

__all__ = [
    "CONTRACT",
    "OPEN_GUARD",
    "Add",
    "Append",
    "Cap",
    "Capabilities",
    "Change",
    "ChangeEvent",
    "ChangePage",
    "ConnectorInfo",
    "Cost",
    "Deferred",
    "DiscoverRequest",
    "DiscoveredModel",
    "Discovery",
    "ForeignKey",
    "Inc",
    "Key",
    "NativeResult",
    "OpContext",
    "Page",
    "Plan",
    "Remove",
    "Row",
    "RowCodec",
    "Rows",
    "SchemaStep",
    "SchemaSteps",
    "ServerInfo",
    "Settings",
    "SimpleConnector",
    "Statement",
    "StepResult",
    "Version",
    "WhereResult",
    "WriteOp",
    "WriteOptions",
    "WriteResult",
    "codec",
    "emulated",
    "full",
    "full_scan",
    "hookimpl",
    "impossible",
    "keys_of",
    "mask_url",
    "operations_of",
    "partial",
    "pinned",
    "setting",
    "without",
]

#: Names that load on first use: a data source without them pays nothing.
_LATER = {
    "OPEN_GUARD": "settings",
    "Settings": "settings",
    "SimpleConnector": "simple",
    "mask_url": "_masking",
    "setting": "settings",
}


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
