"""Secrets are shown as ``***``: in URLs, and in mappings whose names tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential", re.IGNORECASE
)
#: Up to the last ``@``: a password that was not percent-encoded is hidden as well.
_USERINFO = re.compile(r"(?<=://).*@", re.DOTALL)
_SECRET_QUERY = re.compile(
    r"([?&][^=&#]*(?:pass|secret|token|key|credential)[^=&#]*=)[^&#]*", re.IGNORECASE
)


def mask_url(url: str) -> str:
    """The URL without its user, password and secret parameters."""
    return _SECRET_QUERY.sub(rf"\1{MASK}", _USERINFO.sub(f"{MASK}@", url))


def mask_all(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which values whose name tells of a secret are masked, at any depth."""
    shown: dict[str, Any] = {}
    for key, value in values.items():
        if _SECRET_NAME.search(key):
            shown[key] = MASK
        elif isinstance(value, Mapping):
            shown[key] = mask_all({str(k): v for k, v in value.items()})
        else:
            shown[key] = mask_url(value) if isinstance(value, str) else value
    return shown
