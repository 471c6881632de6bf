"""The command line: ``juggler plugins``, ``juggler find User '{"where": …}'`` and the rest.

Click and rich are the extra ``cli``; they are imported when a command runs, not before.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

#: Distributions of the extra, by the module that is missing.
_EXTRA = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after ``juggler``; those of the process when None.

    Returns:
        The exit code: 0 done, 1 checked and found wanting (drift, failing cases), 2 refused.
    """
    try:
        from juggler.cli._app import run  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as missing:
        if missing.name not in _EXTRA:
            raise
        print(  # noqa: T201 - rich is what is missing
            f"error [cli-extra] the command line needs {missing.name}, which is not installed\n"
            '  → pip install "juggler-core[cli]"',
            file=sys.stderr,
        )
        return 2
    return run(arguments)
