"""Settings of the memory connector."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - settings read their annotations
from pathlib import Path  # noqa: TC003 - as above
from typing import Any

from attrs import frozen

from juggler.connector import OPEN_GUARD, Settings, setting
from juggler.errors import ConfigurationError
from juggler_memory.storage.journal import Fsync  # noqa: TC001 - as above

_NONE: Mapping[str, Any] = {}


@frozen(kw_only=True)
class MemorySettings(Settings):
    """Settings of ``memory:``, beside the common ones.

    Attributes:
        file: where the data are kept, as readable JSON lines; None keeps them in memory alone.
        fsync: when a write reaches the disk: ``always`` before it is acknowledged, ``interval`` at
            most ``fsync_interval`` seconds later, ``never`` when the system likes.
        fsync_interval: seconds, for ``fsync="interval"``.
        compact_at: bytes from which the file is compacted.
        repair: open a damaged file up to the damage; what is cut off is kept beside it.
        guarded: (``guard``) refuse what a store behind a server would refuse: scans, large sorts.
        emulate: name of a connector whose limits are to hold here.
        emulate_settings: that connector's own settings.
    """

    file: Path | None = setting(doc="keep the data in this file")  # noqa: RUF009 - an attrs field
    fsync: Fsync = setting("always", doc="when it reaches the disk")  # noqa: RUF009 - an attrs field
    fsync_interval: float = setting(1.0, doc="seconds, for fsync=interval")
    compact_at: int = setting(1 << 20, doc="bytes from which the file is compacted")
    repair: bool = setting(default=False, doc="open a damaged file up to the damage")
    guarded: bool = setting(default=False, aliases=("guard",), doc="refuse scans as a server would")
    emulate: str | None = setting(doc="plan and refuse as this connector would")
    emulate_settings: Mapping[str, Any] = setting(_NONE, doc="its settings")

    def guard(self) -> dict[str, Any]:
        """Anything goes, unless a guard is asked for."""
        return super().guard() if self.guarded or self.emulate else dict(OPEN_GUARD)

    def check(self) -> None:
        """Refuse values that do not go together."""
        super().check()
        if self.file is None and self.database is not None and "." in self.database:
            raise ConfigurationError(  # what looks like a file would be gone with the process
                f"{self.database!r} is the database, which memory ignores: no file is written",
                code="invalid-setting",
                hint=f"memory:?file={self.database}",
                connector="memory",
            )
        if self.fsync_interval <= 0:
            raise ConfigurationError(
                "setting 'fsync_interval' has to be above 0 seconds",
                code="invalid-setting",
                hint="fsync_interval=1 is the default",
                connector="memory",
            )
        if self.compact_at < 1:
            raise ConfigurationError(
                "setting 'compact_at' has to be 1 byte or more",
                code="invalid-setting",
                hint="compact_at=1048576 is the default",
                connector="memory",
            )
