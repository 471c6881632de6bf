"""Makes ``cloudant_support`` and ``servers`` importable: neither is an installed package."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[2])]
