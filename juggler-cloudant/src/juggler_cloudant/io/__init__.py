"""Everything that talks to the server; the rest of the package imports no SDK."""

from __future__ import annotations
