"""Benchmarks: ``python benchmarks/run.py [memory]`` prints budgets as ratios of one run.

The exit code is the number of budgets that were missed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the named benchmarks, all by default."""
    known = sorted(path.parent.name for path in HERE.glob("*/bench.py"))
    chosen = names or known
    unknown = [name for name in chosen if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(known)}")
        return 2
    missed = 0
    for name in chosen:
        sys.path.insert(0, str(HERE / name))
        missed += importlib.import_module("bench").main()
        sys.path.pop(0)
        sys.modules.pop("bench")
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
